"""Values that are nearly right, and must be rejected: of UUIDs and of credentials."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

#: Ways to spoil a UUID: what is wrong with it, and how it is made. Parsers of programming languages take some of them,
#: such as Python's ``uuid.UUID`` (no dashes, braces, ``urn:uuid:``, signs, underscores, digits of other scripts) and
#: Java's ``UUID.fromString`` (groups that are too short).
UUID_NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "has a character too many": lambda uuid: f"{uuid}0",
    "has a character too many in front": lambda uuid: f"0{uuid}",
    "lacks its last character": lambda uuid: uuid[:-1],
    "lacks its first character": lambda uuid: uuid[1:],
    "starts with a letter that is not a hexadecimal digit": lambda uuid: f"g{uuid[1:]}",
    "ends with a letter that is not a hexadecimal digit": lambda uuid: f"{uuid[:-1]}g",
    "ends with a digit that is not ASCII": lambda uuid: f"{uuid[:-1]}\uff11",
    "has an underscore among its digits": lambda uuid: f"{uuid[:-2]}_{uuid[-1]}",
    "starts with a sign": lambda uuid: f"+{uuid[1:]}",
    "has no dashes": lambda uuid: uuid.replace("-", ""),
    "lacks its last dash": lambda uuid: "".join(uuid.rsplit("-", 1)),
    "has its dashes in other places": lambda uuid: f"{uuid[:7]}-{uuid[7]}{uuid[9:]}",
    "has dashes that are not ASCII": lambda uuid: uuid.replace("-", "\u2010"),
    "is in braces": lambda uuid: f"{{{uuid}}}",
    "is in one brace": lambda uuid: f"{{{uuid}",
    "is in parentheses": lambda uuid: f"({uuid})",
    "is in brackets": lambda uuid: f"[{uuid}]",
    "is in quotes": lambda uuid: f'"{uuid}"',
    "has the prefix urn:uuid:": lambda uuid: f"urn:uuid:{uuid}",
    "has the prefix uuid:": lambda uuid: f"uuid:{uuid}",
    "has a space in front": lambda uuid: f" {uuid}",
    "has a space behind it": lambda uuid: f"{uuid} ",
    "has a line end in front": lambda uuid: f"\n{uuid}",
    "has a line end behind it": lambda uuid: f"{uuid}\n",
    "has another line behind it": lambda uuid: f"{uuid}\nx",
    "has a NUL behind it": lambda uuid: f"{uuid}\0",
    "has an extension": lambda uuid: f"{uuid}.json",
    "has a parameter": lambda uuid: f"{uuid};x",
    "is there twice": lambda uuid: f"{uuid},{uuid}",
}

#: Ways to spoil a secret.
SECRET_NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "is wrong": lambda _: "not-the-credential",
    "is null": lambda _: "null",
    "is a pattern": lambda _: ".*",
    "has a quote in it": lambda secret: f"{secret}'",
    "lacks its last character": lambda secret: secret[:-1],
    "lacks its first character": lambda secret: secret[1:],
    "has a character too many": lambda secret: f"{secret}x",
    "has a character too many in front": lambda secret: f"x{secret}",
    "has another first character": lambda secret: _with_other_character(secret, 0),
    "has another character in the middle": lambda secret: _with_other_character(secret, len(secret) // 2),
    # Of a JWT, one in the signature; its very last character may hold bits that nobody reads.
    "has another character near its end": lambda secret: _with_other_character(secret, len(secret) - 2),
    "has another last character": lambda secret: secret if _is_jwt(secret) else _with_other_character(secret, -1),
    "has letters of the other case": str.swapcase,
    # Of a JWT, its signature.
    "lacks what follows its last dot": lambda secret: secret[: secret.rfind(".") + 1] or secret,
    "is a JWT without a signature": lambda secret: _unsigned(secret),
    "is in quotes": lambda secret: f'"{secret}"',
    "follows a comma": lambda secret: f"x,{secret}",
}


def _is_jwt(secret: str) -> bool:
    return secret.count(".") == 2


def _with_other_character(secret: str, index: int) -> str:
    index %= len(secret)
    return f"{secret[:index]}{'y' if secret[index] == 'x' else 'x'}{secret[index + 1 :]}"


def _unsigned(secret: str) -> str:
    """A JWT with the algorithm "none" (RFC 7518 §3.6); another secret as it is."""
    if not _is_jwt(secret):
        return secret
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return f"{header}.{secret.split('.')[1]}."


def _to_base64(pair: str) -> str:
    return base64.b64encode(pair.encode()).decode()


def _from_base64(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


class CredentialProbe(NamedTuple):
    """The credentials of a request, and what is wrong with them.

    Attributes:
        is_malformed: Whether it may also be rejected as such, with 400.
        is_elsewhere: Whether the credential is where it must not be read, and so missing where it is expected.
        is_valid: Whether nothing is wrong: it is to be treated as the request that it varies.
    """

    variation: str
    headers: dict[str, str]
    query: Mapping[str, str] = MappingProxyType({})
    cookies: Mapping[str, str] = MappingProxyType({})
    is_malformed: bool = False
    is_elsewhere: bool = False
    is_valid: bool = False


def credential_probes(sent: dict[str, str]) -> Iterator[CredentialProbe]:
    """Probes that are nearly those header fields with valid credentials, each a scheme and a secret, or a secret."""
    for probe in _all_probes(sent):
        if probe.is_valid or probe.headers != sent:  # two credentials may be the same
            yield probe


def parameter_probes(sent: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Variations of credentials in the query or in cookies: what is wrong, and what is sent."""
    for name, secret in sent.items():
        without = {other: value for other, value in sent.items() if other != name}
        yield f"{name} is missing", without
        for variation, spoil in SECRET_NEAR_MISSES.items():
            # What ends a cookie is no near miss.
            if (spoiled := spoil(secret)) != secret and not set(spoiled) & set("\"',;"):
                yield f"{name} {variation}", {**without, name: spoiled}


def _all_probes(sent: dict[str, str]) -> Iterator[CredentialProbe]:
    for name, value in sent.items():
        without = {other: value for other, value in sent.items() if other != name}
        yield CredentialProbe(f"{name} is missing", without)
        yield from _probes_of(name, value, without)
    if len(sent) > 1:
        yield CredentialProbe("all credentials are missing", {})
        secrets = [value.rpartition(" ")[2] for value in sent.values()]
        swapped = zip(sent, [*secrets[1:], secrets[0]], strict=True)
        yield CredentialProbe(
            "the credentials are swapped",
            {name: "".join(sent[name].rpartition(" ")[:2]) + secret for name, secret in swapped},
        )


def _probes_of(name: str, value: str, without: dict[str, str]) -> Iterator[CredentialProbe]:
    """Probes in which one credential is not right; ``without`` are the others."""
    scheme, space, secret = value.rpartition(" ")
    is_basic = scheme.lower() == "basic"

    def probe(variation: str, value: str, *, is_malformed: bool = False, is_valid: bool = False) -> CredentialProbe:
        headers = {**without, name: value}
        return CredentialProbe(f"{name} {variation}", headers, is_malformed=is_malformed, is_valid=is_valid)

    for variation, spoil in SECRET_NEAR_MISSES.items():
        # Of user and password, what they are before they are encoded.
        spoiled = _to_base64(spoil(_from_base64(secret))) if is_basic else spoil(secret)
        if spoiled != secret:
            is_token = re.fullmatch(r"[A-Za-z0-9._~+/=-]+", spoiled) is not None  # token68, RFC 9110 §11.2
            yield probe(variation, scheme + space + spoiled, is_malformed=not is_token)
    yield probe("is empty", scheme + space, is_malformed=True)
    for other, other_value in without.items():
        yield probe(f"has the value of {other}", scheme + space + other_value.rpartition(" ")[2])
    # Under its own name and those that frameworks read; RFC 6750 §2.3 has access_token.
    names = ("access_token", "token", name) if scheme else (name, "api_key", "apikey", "key")
    elsewhere = dict.fromkeys(names, secret)
    yield CredentialProbe(f"{name} is in the query", without, query=elsewhere, is_elsewhere=True)
    yield CredentialProbe(f"{name} is in a cookie", without, cookies=elsewhere, is_elsewhere=True)
    # Names have no case: those of header fields (RFC 9110 §5.1) and of schemes (§11.1).
    yield CredentialProbe(f"{name} has a name of the other case", {**without, name.swapcase(): value}, is_valid=True)
    if not scheme:
        for variation, words in (("a word before it", f"x {secret}"), ("a scheme", f"Bearer {secret}")):
            yield probe(f"has {variation}", words, is_malformed=True)
        return
    yield probe("has no scheme", secret, is_malformed=True)
    yield probe("has no space", scheme + secret, is_malformed=True)
    # Digest is as long as Bearer.
    for other in ("Bearer" if is_basic else "Basic", "Digest", "Token", "JWT", "OAuth", "ApiKey", f"X{scheme}"):
        yield probe(f"has the scheme {other}", f"{other} {secret}", is_malformed=True)
    for words, where in ((f"x {secret}", "before"), (f"{secret} x", "after")):
        yield probe(f"has a word {where} the credential", f"{scheme} {words}", is_malformed=True)
    for other in (scheme.lower(), scheme.upper()):
        yield probe(f"has the scheme {other}", f"{other} {secret}", is_valid=True)
