"""Values that are nearly right, and must be rejected: of UUIDs and of credentials."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

#: Ways to spoil a UUID: what is wrong with it, and how it is made. Parsers of programming languages take some of them,
#: such as Python's ``uuid.UUID`` (no dashes, braces, ``urn:uuid:``, signs, underscores, digits of other scripts) and
#: Java's ``UUID.fromString`` (groups that are too short).
UUID_NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "has a character too many": lambda uuid: f"{uuid}0",
    "has a character too many in front": lambda uuid: f"0{uuid}",
    "lacks its last character": lambda uuid: uuid[:-1],
    "lacks its first character": lambda uuid: uuid[1:],
    "ends with a letter that is not a hexadecimal digit": lambda uuid: f"{uuid[:-1]}g",
    "ends with a digit that is not ASCII": lambda uuid: f"{uuid[:-1]}\uff11",
    "has an underscore among its digits": lambda uuid: f"{uuid[:-2]}_{uuid[-1]}",
    "starts with a sign": lambda uuid: f"+{uuid[1:]}",
    "has no dashes": lambda uuid: uuid.replace("-", ""),
    "has its dashes in other places": lambda uuid: f"{uuid[:7]}-{uuid[7]}{uuid[9:]}",
    "is in braces": lambda uuid: f"{{{uuid}}}",
    "is in parentheses": lambda uuid: f"({uuid})",
    "has the prefix urn:uuid:": lambda uuid: f"urn:uuid:{uuid}",
    "has a space in front": lambda uuid: f" {uuid}",
    "has a line end behind it": lambda uuid: f"{uuid}\n",
    "has a NUL behind it": lambda uuid: f"{uuid}\0",
}

#: Ways to spoil a secret.
SECRET_NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "is wrong": lambda _: "not-the-credential",
    "is empty": lambda _: "",
    "lacks its last character": lambda secret: secret[:-1],
    "lacks its first character": lambda secret: secret[1:],
    "has a character too many": lambda secret: f"{secret}x",
    "has a character too many in front": lambda secret: f"x{secret}",
    # Not the last one: the last character of a JWT may hold bits that nobody reads.
    "has another character in the middle": lambda secret: _with_other_middle(secret),
    "has letters of the other case": str.swapcase,
    # Of a JWT, its signature.
    "lacks what follows its last dot": lambda secret: secret[: secret.rfind(".") + 1] or secret,
}


def _with_other_middle(secret: str) -> str:
    middle = len(secret) // 2
    return f"{secret[:middle]}{'y' if secret[middle] == 'x' else 'x'}{secret[middle + 1 :]}"


class CredentialProbe(NamedTuple):
    """The credentials of a request, and what is wrong with them; nothing, if they are to be accepted."""

    variation: str
    headers: dict[str, str]
    query: dict[str, str] | None = None
    cookies: dict[str, str] | None = None
    is_malformed: bool = False  # it may be answered 400, too
    is_valid: bool = False


def credential_probes(sent: dict[str, str]) -> Iterator[CredentialProbe]:
    """Probes that are nearly those header fields with valid credentials, each a scheme and a secret, or a secret."""
    for name, value in sent.items():
        scheme, space, secret = value.rpartition(" ")
        without = {other: value for other, value in sent.items() if other != name}

        def with_value(value: str, name: str = name, without: dict[str, str] = without) -> dict[str, str]:
            return {**without, name: value}

        yield CredentialProbe(f"{name} is missing", without)
        for variation, spoil in SECRET_NEAR_MISSES.items():
            if (spoiled := spoil(secret)) != secret:
                yield CredentialProbe(f"{name} {variation}", with_value(scheme + space + spoiled))
        for other in without:
            yield CredentialProbe(
                f"{name} has the value of {other}", with_value(scheme + space + sent[other].rpartition(" ")[2])
            )
        parameter = "access_token" if scheme else name  # RFC 6750 §2.3
        yield CredentialProbe(f"{name} is in the query", without, query={parameter: secret})
        yield CredentialProbe(f"{name} is in a cookie", without, cookies={parameter: secret})
        # Names have no case: those of header fields (RFC 9110 §5.1) and of schemes (§11.1).
        yield CredentialProbe(
            f"{name} has a name of the other case", {**without, name.swapcase(): value}, is_valid=True
        )
        if scheme:
            yield CredentialProbe(f"{name} has no scheme", with_value(secret), is_malformed=True)
            for other in ("Basic", "Digest"):  # the latter is as long as Bearer
                yield CredentialProbe(f"{name} has the scheme {other}", with_value(f"{other} {secret}"))
            yield CredentialProbe(f"{name} has no space", with_value(scheme + secret), is_malformed=True)
            for words, where in ((f"x {secret}", "before"), (f"{secret} x", "after")):
                variation = f"{name} has a word {where} the credential"
                yield CredentialProbe(variation, with_value(f"{scheme} {words}"), is_malformed=True)
            for other in (scheme.lower(), scheme.upper()):
                yield CredentialProbe(f"{name} has the scheme {other}", with_value(f"{other} {secret}"), is_valid=True)
    if len(sent) > 1:
        yield CredentialProbe("all credentials are missing", {})
        secrets = [value.rpartition(" ")[2] for value in sent.values()]
        swapped = zip(sent, [*secrets[1:], secrets[0]], strict=True)
        yield CredentialProbe(
            "the credentials are swapped",
            {name: "".join(sent[name].rpartition(" ")[:2]) + secret for name, secret in swapped},
        )
