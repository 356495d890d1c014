"""Makes names unique."""


def unique(name: str, names: set[str]) -> str:
    """A name that is not among the names, added to them: the name itself, or with a number."""
    candidates = (f"{name}{number or ''}" for number in (0, *range(2, len(names) + 3)))
    own = next(candidate for candidate in candidates if candidate not in names)
    names.add(own)
    return own
