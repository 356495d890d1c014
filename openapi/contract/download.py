"""Downloads documentation pages: HTTPS, one host, and limits on size, number and time."""

import asyncio
import ipaddress
import re
import signal
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import httpx
from markdown_it import MarkdownIt

from contract.errors import PipelineError

_CONNECTIONS = 4
_REDIRECTS = 5
# httpx would expand a few bytes to gigabytes if codings are applied one on another.
_CODINGS = ("", "identity", "gzip", "deflate")
# The host may turn out to be invalid only when it is read.
_INVALID_URL = (httpx.InvalidURL, ValueError)

Progress = Callable[[int, int], None]


class Limits(NamedTuple):
    """What a refresh may take at most."""

    page_bytes: int = 5 * 1024 * 1024
    pages: int = 1000
    seconds: float = 300


class Document(NamedTuple):
    """A page as it was found: where, its path there, and its text."""

    origin: str
    path: str
    text: str


class Downloads(NamedTuple):
    """The pages, and what was left out."""

    documents: list[Document]
    warnings: list[str]


def is_url(origin: str) -> bool:
    """Whether an origin is a URL, and not a path."""
    return "://" in origin


def decode(origin: str, content: bytes) -> str:
    """The text of a page; ``PipelineError`` if it is not UTF-8."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise PipelineError(f"{origin}: not UTF-8 text, at byte {error.start}.") from error
    if "\0" in text:
        raise PipelineError(f"{origin}: not a text: it has a NUL character.")
    return text


def download(url: str, limits: Limits, progress: Progress) -> Downloads:
    """Download the pages that an index (``llms.txt``) links to, or the one page at another URL.

    Raises ``PipelineError`` if a page cannot be had, or goes beyond a limit.
    """
    former = signal.getsignal(signal.SIGTERM)
    try:
        return asyncio.run(_download(url, limits, progress))
    except TimeoutError as error:
        raise PipelineError(f"{url}: not complete after {limits.seconds:g} seconds.") from error
    except asyncio.CancelledError:
        signal.signal(signal.SIGTERM, former)
        signal.raise_signal(signal.SIGTERM)
        raise
    finally:
        signal.signal(signal.SIGTERM, former)


async def _download(url: str, limits: Limits, progress: Progress) -> Downloads:
    task = asyncio.current_task()
    assert task  # noqa: S101 (for the type checkers)
    # As asyncio does for SIGINT: an exception that a handler raises would end any of the tasks.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    start = _parse_url(url)
    # A proxy of the environment cannot reach this machine's own servers.
    use_environment = not _is_loopback(start.host)
    async with asyncio.timeout(limits.seconds), httpx.AsyncClient(timeout=30, trust_env=use_environment) as client:
        pages, warnings = [start], list[str]()
        if start.path.endswith(".txt"):
            index = await _read(client, start, limits)
            pages, warnings = _links(httpx.URL(index.origin), index.text)
        elif not start.path.endswith(".md"):
            pages = [start.copy_with(path=start.path.rstrip("/") + ".md")]
        if len(pages) > limits.pages:
            raise PipelineError(f"{url}: links to {len(pages):,} pages; at most {limits.pages:,} are read.")
        turns, done = asyncio.Semaphore(_CONNECTIONS), 0

        async def read_page(page: httpx.URL) -> Document:
            nonlocal done
            async with turns:
                document = await _read(client, page, limits)
            done += 1
            progress(done, len(pages))
            return document

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(read_page(page)) for page in pages]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return Downloads([task.result() for task in tasks], warnings)


def _links(base: httpx.URL, index: str) -> tuple[list[httpx.URL], list[str]]:
    """The pages of the same host that an index links to, each once, and a warning about other links."""
    pages: dict[httpx.URL, None] = {}
    others: dict[str, None] = {}
    tokens = (token for block in MarkdownIt("commonmark").parse(index) for token in block.children or ())
    for link in (str(token.attrs["href"]) for token in tokens if token.type == "link_open"):
        if url := _page_url(base, link):
            pages[url] = None
        else:
            others[link] = None
    warnings: list[str] = []
    if others:
        shown = f"{len(others)}, as {next(iter(others))[:200]}"
        warnings.append(f"{base}: links to anything but .md pages of this host were left out: {shown}.")
    return list(pages), warnings


def _page_url(base: httpx.URL, link: str) -> httpx.URL | None:
    """The page of the same host that a link leads to, or None."""
    try:
        url = httpx.URL(urldefrag(urljoin(str(base), link)).url)
        is_page = url.path.endswith(".md") and _origin(url) == _origin(base) and not url.userinfo
    except _INVALID_URL:
        return None
    return url if is_page else None


def _parse_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(urldefrag(text).url)
        host = url.host
        if (url.port or 0) > 65535:
            raise ValueError("port out of range")
    except _INVALID_URL as error:
        raise PipelineError(f"{text[:200]!r} is not a URL: {error}.") from error
    if url.userinfo:
        raise PipelineError("The URL in FROM has a user name or a password: pages are read without credentials.")
    if not host or not (url.scheme == "https" or (url.scheme == "http" and _is_loopback(host))):
        raise PipelineError(f"{text}: only https:// is read (http:// for this machine alone).")
    if url.path == "/":
        raise PipelineError(f"{text}: names no page: add /llms.txt, or the path of a page.")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _read(client: httpx.AsyncClient, url: httpx.URL, limits: Limits) -> Document:
    """The text at a URL; its origin is the URL after redirects."""
    current = url
    for _ in range(_REDIRECTS + 1):
        try:
            async with client.stream("GET", current) as response:
                if not response.has_redirect_location:
                    return Document(str(current), current.path, await _read_text(url, response, limits))
                target = current.join(response.headers["location"])
                is_same_host = _origin(target) == _origin(url) and not target.userinfo
        except (httpx.HTTPError, httpx.StreamError, *_INVALID_URL) as error:
            reason = str(error).rstrip(".") or type(error).__name__
            raise PipelineError(f"{url}: cannot be read: {reason}.") from error
        if not is_same_host:
            raise PipelineError(
                f"{url}: redirects to another host, {target.scheme}://{target.netloc.decode()}: name that in FROM."
            )
        current = target
    raise PipelineError(f"{url}: redirects more than {_REDIRECTS} times.")


async def _read_text(url: httpx.URL, response: httpx.Response, limits: Limits) -> str:
    if response.status_code != 200:
        raise PipelineError(f"{url}: status {response.status_code} instead of 200.")
    if (coding := response.headers.get("content-encoding", "").lower()) not in _CODINGS:
        raise PipelineError(f"{url}: has the content coding {coding[:100]!r}: only gzip and deflate are read.")
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > limits.page_bytes:
            raise PipelineError(f"{url}: more than {limits.page_bytes:,} bytes.")
    text = decode(str(url), bytes(content))
    media_type = response.headers.get("content-type", "").lower()
    if "html" in media_type or re.match(r"\s*<(!doctype|html)\b", text, re.IGNORECASE):
        raise PipelineError(f"{url}: is HTML, not Markdown: name the page's .md, or the site's llms.txt.")
    return text
