"""What is known of httpx's ways of failing: whether an error means that nothing was sent, or that a retry can help."""

from __future__ import annotations

import re
import socket
import ssl
from typing import TYPE_CHECKING

from playbook3d_client._http_family import family_of, loaded_families
from playbook3d_client._responses import TransportFailure

if TYPE_CHECKING:
    import httpx

    from playbook3d_client._http_family import HttpFamily

    Outcome = httpx.Response | TransportFailure

_PERMANENT_TLS_REASON = re.compile("CERT|CIPHER|HANDSHAKE|PROTOCOL|UNKNOWN_CA|VERSION")  # of OpenSSL
_PERMANENT_PROXY_STATUS = re.compile("4(?!08|25|29)[0-9][0-9]")

# The packages of the causes of errors that mean what their class says; builtins has OSError, and None.
_KNOWN_CAUSES = {"httpcore", "httpcore2", "builtins"}

# Not EAI_AGAIN: the name server may answer later.
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}  # Windows lacks EAI_NODATA


def expected_errors(family: HttpFamily) -> tuple[type[Exception], ...]:
    """What a client raises for an exchange: it parses the Location of a redirect, and raises more than its own.

    Hooks and transports of the user may raise those of the other family.
    """
    families = (family, *loaded_families())
    return *(error for each in families for error in (each.HTTPError, each.InvalidURL)), UnicodeError


def read_error(family: HttpFamily, error: ssl.SSLError, request: httpx.Request) -> httpx.ReadError:
    """The error for one of TLS, which httpcore maps for blocking clients only."""
    result = family.ReadError(str(error), request=request)
    result.__cause__ = error
    return result


def outcome_of(
    family: HttpFamily, error: Exception, request: httpx.Request, response: httpx.Response | None
) -> Outcome:
    """What ``error`` means; an error status wins over a broken body."""
    errors = family_of(error)
    if isinstance(error, errors.HTTPStatusError) and _is_of(request, error):
        response = error.response  # a hook of the user's httpx client raises for each status
    if response is not None and not response.is_success:
        try:
            response.read()  # what was received; its stream is consumed, so this receives nothing more
        except family.StreamError:
            return _without_content(family, response)
        return response
    is_transport_error = isinstance(error, errors.TransportError)
    return TransportFailure(
        error,
        request,
        never_sent=_is_never_sent(errors, error),
        timed_out=isinstance(error, errors.TimeoutException),
        retryable=is_transport_error and not _is_permanent(errors, error),
        undecodable=None if response is None or is_transport_error else _without_content(family, response),
        request_id=None if response is None else response.headers.get("x-request-id"),
    )


def _is_never_sent(family: HttpFamily, error: Exception) -> bool:
    """Whether it is certain that nothing reached the server.

    Not from a transport of another library: pyreqwest's raises ``ConnectTimeout`` for a server that does not answer.
    """
    never_sent_errors = (family.ConnectError, family.ConnectTimeout, family.PoolTimeout, family.ProxyError)
    library = type(error.__cause__).__module__.partition(".")[0]
    return isinstance(error, never_sent_errors) and library in _KNOWN_CAUSES


def _is_permanent(family: HttpFamily, error: Exception) -> bool:
    """Whether a retry cannot help. Errors of httpcore, and below it, have their reason as cause or as argument."""
    permanent_errors = (family.UnsupportedProtocol, family.LocalProtocolError, ssl.SSLCertVerificationError)
    reasons: list[BaseException] = [error]
    for reason in reasons:
        match reason:
            case _ if isinstance(reason, permanent_errors):
                return True
            case socket.gaierror(errno=errno) if errno in _NO_SUCH_HOST:
                return True
            case ssl.SSLError(reason=str(tls_reason)) if _PERMANENT_TLS_REASON.search(tls_reason):
                return True
            case _ if isinstance(reason, family.ProxyError) and _PERMANENT_PROXY_STATUS.match(str(reason)):
                return True
            case _:
                deeper = (reason.__cause__, *reason.args)
                reasons += [each for each in deeper if isinstance(each, BaseException) and each not in reasons]
    return False


def _is_of(request: httpx.Request, error: httpx.HTTPStatusError) -> bool:
    try:
        return error.request is request
    except RuntimeError:  # it was raised without one
        return False


def _without_content(family: HttpFamily, response: httpx.Response) -> httpx.Response:
    headers = [pair for pair in response.headers.multi_items() if pair[0] != "content-encoding"]
    return family.Response(response.status_code, headers=headers, request=response.request)
