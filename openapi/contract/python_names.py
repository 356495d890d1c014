"""Keeps the Python names of a client apart: those of its classes, modules, operations, arguments and attributes."""

from collections.abc import Iterator

from openapi_python_client.config import ClassOverride, Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, PythonIdentifier

from contract.errors import UnsupportedError
from contract.naming import unique
from contract.operations import Contract, iterate_operations, normalize_path
from contract.operations_source import Names

# What the modules of a client import, or define, beside its models.
_CLASSES = {
    *("Any", "AsyncOperations", "AuthenticatedClient", "BinaryIO", "BytesIO", "Client", "File", "FileTypes"),
    *("Generator", "HTTPStatus", "IntEnum", "Literal", "Mapping", "Operations", "RequestFiles", "Response", "StrEnum"),
    *("T", "TextIO", "TypeVar", "UNSET", "UUID", "Unset"),
}
# Local names of the methods of a model, and its own attributes.
_ATTRIBUTES = {
    *("additional_keys", "additional_properties", "cls", "d", "field_dict", "files", "from_dict", "prop", "prop_dict"),
    *("prop_name", "src_dict", "to_dict", "to_multipart"),
}
# Local names of the functions of an operation.
_ARGUMENTS = {"body", "client", "cookies", "headers", "kwargs", "params", "response", "url"}


def class_overrides(data: GeneratorData) -> dict[str, ClassOverride]:
    """Other names for the classes and the modules of models whose names are taken."""
    infos = [model.class_info for model in (*data.models, *data.enums)]
    reserved = _CLASSES | {name for tag in data.endpoint_collections_by_tag for name in _tag_classes(tag)}
    classes, modules = {str(info.name) for info in infos} | reserved, set[str]()
    overrides: dict[str, ClassOverride] = {}
    for info in infos:
        name = unique(f"{info.name}Model", classes) if info.name in reserved else str(info.name)
        module = unique(str(info.module_name), modules)
        if (name, module) != (info.name, info.module_name):
            overrides[info.name] = ClassOverride.model_validate({"class_name": name, "module_name": module})
    return overrides


def _tag_classes(tag: str) -> Iterator[str]:
    for prefix in ("", "Async"):
        yield f"{prefix}{ClassName(tag, '')}Api"
        yield f"{prefix}{ClassName(tag, '')}ApiWithRawResponse"


def separate_names(data: GeneratorData, config: Config) -> None:
    """Rename operations of one tag with one name, and what would hide a name of the code around it."""
    for model in data.models:
        for prop in (*(model.required_properties or ()), *(model.optional_properties or ())):
            if prop.python_name in _ATTRIBUTES:
                prop.set_python_name(UntrustedString(f"{prop.python_name}_value"), config)
    for collection in data.endpoint_collections_by_tag.values():
        taken: set[str] = set()
        for endpoint in collection.endpoints:
            endpoint.name = PythonIdentifier(unique(endpoint.name, taken), config.field_prefix)
            _rename_arguments(endpoint, config)


def _rename_arguments(endpoint: Endpoint, config: Config) -> None:
    for location, parameter in endpoint.iter_all_parameters():
        if (name := parameter.python_name) in _ARGUMENTS:
            parameter.set_python_name(UntrustedString(f"{name}_{location}"), config)
            path = endpoint.path.get_untrusted_value()
            endpoint.path = UntrustedString(path.replace(f"{{{name}}}", f"{{{parameter.python_name}}}"))


def operation_names(contract: Contract, data: GeneratorData) -> tuple[Names, list[UnsupportedError]]:
    """Tag and name of each operation, as the generator chose them, and the operations of tags whose class is taken."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    errors: list[UnsupportedError] = []
    owners: dict[str, str] = {}
    operations = {operation.route: operation for operation in iterate_operations(contract)}
    for tag, collection in data.endpoint_collections_by_tag.items():
        others = {owners.setdefault(name, tag) for name in _tag_classes(tag)} - {tag}
        for endpoint in collection.endpoints:
            operation = operations[endpoint.method, normalize_path(endpoint.path.get_untrusted_value())]
            names[operation.route] = str(tag), str(endpoint.name)
            if others:
                text = f"its tag {tag} and the tag {min(others)} get one class: rename one of them in the overlay"
                errors.append(UnsupportedError(operation.location, text))
    return names, errors
