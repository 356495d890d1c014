"""Python source of data: what the modules that render it share."""


class Source(str):
    """Python that stands for itself."""

    __slots__ = ()
    __repr__ = str.__str__


def call(type_name: str, **values: object) -> Source:
    """A call of a type with these arguments."""
    return Source(f"{type_name}({', '.join(f'{field}={value!r}' for field, value in values.items())})")
