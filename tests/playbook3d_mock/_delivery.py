"""How a response is sent that has a delay, a drip or a wire fault: data, which the adapters act out.

| fault | what is sent |
| --- | --- |
| ``reset`` | nothing; the connection is reset |
| ``reset-in-body`` | the headers, half of the body; the connection is reset |
| ``truncation`` | the headers, half of the body; the connection is closed |
| ``wrong-content-length`` | half of the length, all of the body; the connection is closed |

A response without content has no fault but ``reset``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playbook3d_mock._responses import Headers, Response

_PIECES = 10


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response is sent, after its delay.

    Attributes:
        headers: The headers, ``None`` if the connection ends before them.
        pieces: What is sent of the body, as far as ``Content-Length`` goes.
        pause: The seconds before each piece.
        excess: What is sent of the body beyond its ``Content-Length``.
        end: What then happens to the connection, ``None`` for nothing.
    """

    headers: Headers | None
    pieces: tuple[bytes, ...] = ()
    pause: float = 0.0
    excess: bytes = b""
    end: Literal["reset", "close"] | None = None


def is_immediate(response: Response) -> bool:
    """Whether a response is sent as a whole and at once."""
    return not (response.delay or response.drip or response.fault)


def plan_delivery(response: Response) -> Delivery:
    """How a response is sent."""
    headers, body, excess = response.headers, response.body, b""
    half = len(body) // 2
    end: Literal["reset", "close"] | None = None
    match response.fault:
        case "reset":
            return Delivery(None, end="reset")
        case "reset-in-body" | "truncation":
            end = "close" if response.fault == "truncation" else "reset"
            body = body[:half]
        case "wrong-content-length":
            end, body, excess = "close", body[:half], body[half:]
            kept = [header for header in headers if header[0] != b"content-length"]
            # Without the second, a client would take the excess for the next response.
            headers = (*kept, (b"content-length", str(half).encode("ascii")), (b"connection", b"close"))
        case _:
            pass
    count = min(_PIECES if response.drip else 1, len(body))
    pieces = [body[len(body) * index // count : len(body) * (index + 1) // count] for index in range(count)]
    return Delivery(headers, tuple(pieces), response.drip / count if count else 0.0, excess, end)
