"""Pages are downloaded from one host, within limits; a server that is slow, broken or hostile changes nothing."""

import gzip
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from contract.__main__ import main
from contract.download import Document, Downloads, Limits, download
from contract.errors import PipelineError
from support.documentation_pages import operation_page
from support.documentation_server import DocumentationServer, Reply, documentation_server, redirect
from support.servers import refusing_server

LIMITS = Limits(page_bytes=10_000, pages=20, seconds=60)


@pytest.fixture
def server() -> Iterator[DocumentationServer]:
    with documentation_server() as running:
        yield running


def fetch(url: str, limits: Limits = LIMITS) -> Downloads:
    return download(url, limits, lambda _done, _total: None)


def test_pages_of_the_index_are_read_once_each(server: DocumentationServer) -> None:
    links = [f"{server.url}/a/one.md", "/a/two.md", "b/three.md#part", "b/three.md"]
    server.pages |= {"/a/one.md": "1", "/a/two.md": "2", "/b/three.md": "3"}
    documents = [
        Document(f"{server.url}{path}", path, text)
        for path, text in (("/a/one.md", "1"), ("/a/two.md", "2"), ("/b/three.md", "3"))
    ]
    assert fetch(server.index(*links)) == (documents, [])
    assert sorted(server.requested) == ["/a/one.md", "/a/two.md", "/b/three.md", "/llms.txt"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("[A [b]](/a.md 'Title') [b](</b c.md>)", ["/a.md", "/b%20c.md"]),
        ("- [a](/a_(b).md): text\n  - [b](/b.md?x=1)", ["/a_(b).md", "/b.md?x=1"]),
        ("<{url}/a.md> [b][1]\n\n[1]: /b.md", ["/a.md", "/b.md"]),
        ("[a](/a.md)\r\n```md\r\n[b](/b.md)\r\n```\r\n`[c](/c.md)`", ["/a.md"]),
        ("[a](/a.md) ![image](/image.md) \\[b](/b.md) <!-- [c](/c.md) -->", ["/a.md"]),
    ],
)
def test_links_of_the_index_are_markdown(text: str, paths: list[str], server: DocumentationServer) -> None:
    server.pages |= dict.fromkeys(paths, "x") | {"/llms.txt": text.format(url=server.url)}
    assert [document.origin for document in fetch(f"{server.url}/llms.txt").documents] == [
        server.url + path for path in paths
    ]


def test_order_of_the_pages_is_that_of_the_index(server: DocumentationServer) -> None:
    server.pages |= {f"/{n}.md": str(n) for n in range(20)}
    documents = fetch(server.index(*server.pages)).documents
    assert [document.text for document in documents] == [str(n) for n in range(20)]


@pytest.mark.parametrize("path", ["/docs/a.md", "/docs/a", "/docs/a/", "/docs/a#part"])
def test_single_page_is_read(path: str, server: DocumentationServer) -> None:
    server.pages["/docs/a.md"] = "é"
    assert fetch(server.url + path).documents == [Document(f"{server.url}/docs/a.md", "/docs/a.md", "é")]


def test_links_to_other_hosts_are_left_out(server: DocumentationServer) -> None:
    server.pages["/a.md"] = "1"
    other = "https://other.example/b.md"
    links = ["http://user:secret@127.0.0.1/c.md", "//x.example/d.md", "http://[bad/e.md", "https://xn--/f.md", "g.png"]
    index = server.index(other, "/a.md", *links)
    documents, warnings = fetch(index)
    assert [document.text for document in documents] == ["1"]
    assert warnings == [f"{index}: links to anything but .md pages of this host were left out: 6, as {other}."]


@pytest.mark.parametrize("target", ["/new.md", "{url}/new.md", "../new.md"])
def test_redirect_within_the_host_is_followed(target: str, server: DocumentationServer) -> None:
    server.pages |= {"/docs/a.md": redirect(target.format(url=server.url)), "/new.md": "new"}
    assert fetch(f"{server.url}/docs/a.md").documents == [Document(f"{server.url}/new.md", "/new.md", "new")]


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:1/a.md", "http://localhost:{port}/a.md", "https://127.0.0.1:{port}/a.md", "file:///etc/passwd"],
)
def test_redirect_to_another_host_is_rejected(target: str, server: DocumentationServer) -> None:
    server.pages["/a.md"] = redirect(target.format(port=server.url.rpartition(":")[2]))
    with pytest.raises(PipelineError, match=rf"^{server.url}/a\.md: "):
        fetch(f"{server.url}/a.md")
    assert server.requested == ["/a.md"]


def test_circular_redirect_is_rejected(server: DocumentationServer) -> None:
    server.pages |= {"/a.md": redirect("/b.md"), "/b.md": redirect("/a.md")}
    with pytest.raises(PipelineError, match=r"/a\.md: redirects more than 5 times\.$"):
        fetch(f"{server.url}/a.md")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(status=404), "status 404 instead of 200."),
        (Reply(status=500), "status 500 instead of 200."),
        (Reply(status=204), "status 204 instead of 200."),
        (Reply([b"<html>"], headers={"Content-Type": "Text/HTML; charset=utf-8"}), "is HTML, not Markdown"),
        (b"caf\xe9", "not UTF-8 text, at byte 3."),
        (b"a\0b", "not a text: it has a NUL character."),
        (Reply(repeat(b"x" * 1000)), "more than 10,000 bytes."),
        (Reply([b"x"], headers={"Content-Length": "10"}), "cannot be read: "),
        (Reply([b"x" * 100], headers={"Content-Encoding": "gzip"}), "cannot be read: "),
        (Reply([b"zz\r\n"], headers={"Transfer-Encoding": "chunked"}), "cannot be read: "),
        (redirect("http://[bad"), "redirects to another host"),
        (redirect("https://xn--/"), "cannot be read: "),
        (redirect("/a\tb"), "cannot be read: "),
        (Reply([b"x"], headers={"Content-Encoding": "gzip, gzip"}), "has the content coding 'gzip, gzip'"),
        (Reply([b"x"], headers={"Content-Encoding": "BR"}), "has the content coding 'br'"),
        (Reply([b"\n<!DOCTYPE html>"]), "is HTML, not Markdown"),
        (Reply(status=0), "cannot be read: Server disconnected"),
        (Reply([b"\x16\x03\x01"], 0), "cannot be read: "),
        (Reply(chain([b"HTTP/1.1 200 OK\r\n"], repeat(b"A: b\r\n")), 0), "cannot be read: "),
        (Reply([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"], 0), "cannot be read: "),
    ],
)
@pytest.mark.parametrize("from_index", [True, False])
def test_broken_page_is_named(
    reply: bytes | Reply, problem: str, from_index: bool, server: DocumentationServer
) -> None:
    server.pages |= {"/good.md": "good", "/bad.md": reply}
    url = server.index("/good.md", "/bad.md") if from_index else f"{server.url}/bad.md"
    with pytest.raises(PipelineError) as error:
        fetch(url)
    assert str(error.value).startswith(f"{server.url}/bad.md: {problem}")
    assert "\n" not in str(error.value)


def test_compressed_page_is_read(server: DocumentationServer) -> None:
    server.pages["/a.md"] = Reply([gzip.compress(b"text")], headers={"Content-Encoding": "gzip"})
    assert fetch(f"{server.url}/a.md").documents[0].text == "text"


@pytest.mark.parametrize(("start", "status"), [(b"#", 200), (b"HTTP/1.1 200 OK\r\nContent-Ty", 0), (b"", 0)])
def test_time_is_limited(start: bytes, status: int, server: DocumentationServer) -> None:
    server.pages |= {"/good.md": "good", "/slow.md": Reply(server.never_complete(start), status)}
    index = server.index("/good.md", "/slow.md")
    with pytest.raises(PipelineError) as error:
        fetch(index, LIMITS._replace(seconds=0.2))
    assert str(error.value) == f"{index}: not complete after 0.2 seconds."


def test_number_of_pages_is_limited(server: DocumentationServer) -> None:
    index = server.index(*(f"/{n}.md" for n in range(21)))
    with pytest.raises(PipelineError, match=r": links to 21 pages; at most 20 are read\.$"):
        fetch(index)
    assert server.requested == ["/llms.txt"]


def test_size_of_the_index_is_limited(server: DocumentationServer) -> None:
    server.pages["/llms.txt"] = Reply(repeat(b"[a](/a.md)\n"))
    with pytest.raises(PipelineError, match=r"/llms\.txt: more than 10,000 bytes\.$"):
        fetch(f"{server.url}/llms.txt")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://docs.example/llms.txt", "only https:// is read"),
        ("ftp://docs.example/llms.txt", "only https:// is read"),
        ("file:///etc/passwd", "only https:// is read"),
        ("https:///llms.txt", "only https:// is read"),
        ("http://localhost.evil.example/llms.txt", "only https:// is read"),
        ("https://user:hunter22@docs.example/llms.txt", "pages are read without credentials"),
        ("https://docs.example:port/llms.txt", "is not a URL"),
        ("https://docs.example:65536/llms.txt", "is not a URL: port out of range"),
        ("https://xn--/llms.txt", "is not a URL"),
        ("https://docs.example", "names no page: add /llms.txt"),
        ("https://docs.example/#part", "names no page: add /llms.txt"),
    ],
)
def test_other_url_is_rejected(url: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message) as error:
        fetch(url)
    assert "hunter22" not in str(error.value)


def test_refused_connection_is_reported() -> None:
    with refusing_server() as url, pytest.raises(PipelineError, match=r"/llms\.txt: cannot be read: "):
        fetch(f"{url}/llms.txt")


def test_failed_tls_handshake_is_reported(server: DocumentationServer) -> None:
    with pytest.raises(PipelineError, match=r"/a\.md: cannot be read: \[SSL"):
        fetch(f"{server.url.replace('http:', 'https:')}/a.md")


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("/docs/a.md", "a.md"),
        ("/../../x.md", "x.md"),
        ("/%2e%2e%2f%2e%2e%2fx.md", "x.md"),
        ("/..%5C..%5Cx.md", "x.md"),
        ("/.md", "page.md"),
        ("/.hidden.md", "hidden.md"),
        ("/a%20b$c;%0Ad.md", "a-b-c-d.md"),
        ("/%C3%A9t%C3%A9.md", "t-.md"),
    ],
)
def test_name_of_a_page_stays_in_the_folder(link: str, name: str, server: DocumentationServer, tmp_path: Path) -> None:
    index = server.index(link)
    server.pages |= {path: operation_page("/a") for path in (link, link.replace("/..", ""))}
    pages, contract = tmp_path / "openapi" / "pages", tmp_path / "openapi" / "playbook.yaml"
    assert main(["refresh", "--from", index, f"--pages={pages}", f"--contract={contract}"]) == 0
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {pages / name, contract}


def test_page_that_links_lead_to_twice_is_saved_once(server: DocumentationServer, tmp_path: Path) -> None:
    index = server.index("/old.md", "/a.md")
    server.pages |= {"/old.md": redirect("/a.md"), "/a.md": operation_page("/a")}
    assert main(["refresh", "--from", index, f"--pages={tmp_path}", f"--contract={tmp_path / 'playbook.yaml'}"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.md", "playbook.yaml"}


def test_links_that_were_left_out_explain_missing_pages(
    server: DocumentationServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = server.index("https://other.example/a.md")
    assert main(["refresh", "--from", index, f"--pages={tmp_path}", f"--contract={tmp_path / 'playbook.yaml'}"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("python -m contract: None of the 0 pages carries a contract.")
    assert "of this host were left out: 1, as https://other.example/a.md. Nothing" in err


def refresh_process(server: DocumentationServer, folder: Path, stderr: int) -> subprocess.Popen[str]:
    paths = [f"--pages={folder / 'pages'}", f"--contract={folder / 'playbook.yaml'}"]
    command = [sys.executable, "-m", "contract", "refresh", "--from", f"{server.url}/llms.txt", *paths]

    def react_to_interrupts() -> None:  # which a shell that runs the tests in the background has it ignore
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        preexec_fn=react_to_interrupts,
    )


def test_progress_is_shown_on_a_terminal(server: DocumentationServer, tmp_path: Path) -> None:
    server.index("/a.md", "/b.md")
    server.pages |= {"/a.md": operation_page("/a"), "/b.md": operation_page("/b")}
    ours, theirs = pty.openpty()
    with refresh_process(server, tmp_path, theirs) as process:
        process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert process.returncode == 0
    bar = "#" * 15
    assert shown == f"\r[{bar:<30}] 1 of 2 pages\r[{bar * 2}] 2 of 2 pages\r\n"


def test_message_does_not_share_a_line_with_the_progress(server: DocumentationServer, tmp_path: Path) -> None:
    # Four are downloaded at a time: the fifth fails after another is done.
    server.index(*(f"/{n}.md" for n in range(5)))
    server.pages |= {f"/{n}.md": "text" for n in range(4)}
    ours, theirs = pty.openpty()
    with refresh_process(server, tmp_path, theirs) as process:
        process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert f" of 5 pages\r\npython -m contract: {server.url}/4.md: status 404" in shown


def test_progress_is_not_shown_in_a_log(server: DocumentationServer, tmp_path: Path) -> None:
    server.index("/a.md")
    server.pages["/a.md"] = operation_page("/a")
    with refresh_process(server, tmp_path, subprocess.PIPE) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("sent", "status", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interr")]
)
def test_interrupted_refresh_changes_nothing(
    sent: signal.Signals, status: int, word: str, server: DocumentationServer, tmp_path: Path
) -> None:
    server.index("/a.md", "/slow.md")
    server.pages |= {"/a.md": operation_page("/a"), "/slow.md": Reply(server.never_complete())}
    with refresh_process(server, tmp_path, subprocess.PIPE) as process:
        assert server.waiting.wait(20)
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert err.startswith(f"python -m contract: {word}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
