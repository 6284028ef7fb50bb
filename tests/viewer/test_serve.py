"""The server shows the site to its user, and to nobody and nothing else."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

import runlog
import runlog_viewer

Answer = tuple[int, dict[str, str], bytes]


def site_in(folder: Path) -> Path:
    """Build a site of one run, and a page beside it."""
    site = folder / "site"
    with runlog.init(dir=site, id="a", quiet=True) as run:
        noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
        run.log({"k": runlog.Image(noise)}, step=0)
    runlog_viewer.build(site)
    (folder / "secret.html").write_text("secret")
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_in(tmp_path_factory.mktemp("served"))


@pytest.fixture
def own_site(tmp_path: Path) -> Path:
    """Return a site that a test may change."""
    return site_in(tmp_path)


def picture(site: Path) -> str:
    """Return the address of the one picture."""
    (media,) = (site / "a" / "media").rglob("*.png")
    return "/" + media.relative_to(site).as_posix()


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[runlog_viewer.Server]:
    with runlog_viewer.Server(site) as running:
        yield running


def ask(server: runlog_viewer.Server, path: str, method: str = "GET", **headers: str) -> Answer:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def cookie(server: runlog_viewer.Server) -> str:
    _, headers, _ = ask(server, server.url.partition(f":{urlsplit(server.url).port}")[2])
    return headers["set-cookie"].partition(";")[0]


def test_it_listens_to_the_loopback_interface_with_a_token_in_its_address(
    server: runlog_viewer.Server,
) -> None:
    address = urlsplit(server.url)
    assert (address.scheme, address.hostname) == ("http", "127.0.0.1")
    assert len(address.query.removeprefix("token=")) >= 32


def test_the_token_becomes_a_cookie_and_leaves_the_address(server: runlog_viewer.Server) -> None:
    status, headers, _ = ask(server, "/a/index.html?" + urlsplit(server.url).query)
    assert (status, headers["location"]) == (303, "/a/index.html")
    assert headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert str(urlsplit(server.url).port) in headers["set-cookie"].partition("=")[0]
    assert ask(server, "/", Cookie=cookie(server))[2].startswith(b"<!doctype html>")


@pytest.mark.parametrize("path", ["/", "/index.html", "/?token=", "/?token=wrong", "/?token=%ff", "/none"])
def test_without_the_token_nothing_is_served(server: runlog_viewer.Server, path: str) -> None:
    status, _, body = ask(server, path)
    assert status == 403
    assert b"doctype" not in body
    assert len(body) < 200


@pytest.mark.parametrize("value", ["", "runlog-1=x", "a=b; ;=", "runlog-{port}=wrong", '"\\'])
def test_another_cookie_is_no_token(server: runlog_viewer.Server, value: str) -> None:
    port = str(urlsplit(server.url).port)
    assert ask(server, "/", Cookie=value.replace("{port}", port))[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1.evil.example:{port}", "[::1]:{port}", ""]
)
def test_another_host_name_is_refused_even_with_the_cookie(server: runlog_viewer.Server, host: str) -> None:
    port = str(urlsplit(server.url).port)
    assert ask(server, "/", Host=host.replace("{port}", port), Cookie=cookie(server))[0] == 403


def test_localhost_is_the_same_machine(server: runlog_viewer.Server) -> None:
    port = urlsplit(server.url).port
    assert ask(server, "/", Host=f"localhost:{port}", Cookie=cookie(server))[0] == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a/", "text/html; charset=utf-8"),
        ("/a/viewer/version.js?17", "text/javascript; charset=utf-8"),
        ("/a/viewer/steps/000000000.html", "text/html; charset=utf-8"),
        ("picture", "image/png"),
    ],
)
def test_files_of_the_site_are_served_whole_with_their_type(
    server: runlog_viewer.Server, site: Path, path: str, kind: str
) -> None:
    path = picture(site) if path == "picture" else path
    status, headers, body = ask(server, path, Cookie=cookie(server))
    assert (status, headers["content-type"]) == (200, kind)
    assert int(headers["content-length"]) == len(body) > 0


def test_the_head_and_the_content_of_an_answer_come_together(
    server: runlog_viewer.Server, site: Path
) -> None:
    head = f"GET {{}} HTTP/1.1\r\nHost: {urlsplit(server.url).netloc}\r\nCookie: {cookie(server)}\r\n\r\n"
    content = (site / "a/viewer/version.js").read_bytes()
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as connection:
        for _ in range(5):  # a page keeps its connection, and asks again and again
            connection.sendall(head.format("/a/viewer/version.js").encode())
            assert connection.recv(1 << 16).endswith(b"\r\n\r\n" + content)


def test_nothing_is_cached_sniffed_or_framed(server: runlog_viewer.Server) -> None:
    _, headers, _ = ask(server, "/", Cookie=cookie(server))
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/a/../../secret.html",
        "/%2e%2e/secret.html",
        "/..%2fsecret.html",
        "/a/%00.html",
        "//etc/passwd",
        "/a",
        "/a/viewer",
        "/a/viewer/",
        "/a/run.db",
        "/none.html",
        "/%ff.html",
    ],
)
def test_nothing_outside_the_site_and_no_listing_is_served(server: runlog_viewer.Server, path: str) -> None:
    status, _, body = ask(server, path, Cookie=cookie(server))
    assert status == 404
    assert b"secret" not in body


# What lies in a run folder and is not of its site


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
def test_media_of_a_site_elsewhere_are_served_from_their_run_folder(
    own_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a").symlink_to(own_site / "a")
    result = runlog_viewer.build(tmp_path / "more")
    assert not result.index.is_relative_to(tmp_path / "more")
    before = sorted(own_site.rglob("*"))
    with runlog_viewer.Server(result.index.parent) as server:
        for path in ("/", "/a/", "/a/viewer/steps/000000000.html", picture(own_site)):
            assert ask(server, path, Cookie=cookie(server))[0] == 200
    assert sorted(own_site.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
@pytest.mark.parametrize("linked", ["media", "media/images", "media/images/k", "the picture", "a"])
def test_links_below_the_folder_are_not_followed(own_site: Path, tmp_path: Path, linked: str) -> None:
    path = picture(own_site)
    part = own_site / path.strip("/") if linked == "the picture" else own_site / linked
    part = own_site / "a" / linked if linked.startswith("media") else part
    part.rename(tmp_path / "elsewhere")
    part.symlink_to(tmp_path / "elsewhere")
    with runlog_viewer.Server(own_site) as server:
        assert ask(server, path, Cookie=cookie(server))[0] == 404


@pytest.mark.parametrize(
    "name",
    [
        "a/notes.html", "a/media/images/k/page.html", "a/media/images/k/x.svg", "a/media/images/k/x.xml",
        "a/media/images/k/x.js", "a/media/images/k/holiday.png", "a/picture.png", "a/media/x.png",
        "notes.html", "a/viewer/x.svg", "a/viewer/x.txt",
    ],
)  # fmt: skip
def test_what_a_run_folder_brings_along_is_not_served(
    server: runlog_viewer.Server, site: Path, name: str
) -> None:
    (site / name).write_text("<script>alert(1)</script>")
    status, _, _ = ask(server, "/" + name, Cookie=cookie(server))
    (site / name).unlink()
    assert status == 404


def test_a_picture_that_is_a_page_is_served_as_a_picture(own_site: Path) -> None:
    path = picture(own_site)
    (own_site / path.strip("/")).write_text("<html><script>alert(1)</script>")
    with runlog_viewer.Server(own_site) as server:
        status, headers, _ = ask(server, path, Cookie=cookie(server))
        assert (status, headers["content-type"]) == (200, "image/png")
        assert headers["x-content-type-options"] == "nosniff"


def test_a_fifo_is_not_waited_for(own_site: Path) -> None:
    path = picture(own_site)
    (own_site / path.strip("/")).unlink()
    os.mkfifo(own_site / path.strip("/"))
    with runlog_viewer.Server(own_site) as server:
        assert ask(server, path, Cookie=cookie(server))[0] == 404


def test_the_pages_of_a_run_that_cannot_be_built_are_not_served(site: Path, tmp_path: Path) -> None:
    """It came with pages, and a database that no builder gets past."""
    strange = tmp_path / "received"
    shutil.copytree(site / "a", strange / "b")
    (strange / "b" / "run.db").write_bytes(b"no database")
    shutil.copytree(site / "a", strange / "a")
    runlog_viewer.build(strange)
    with runlog_viewer.Server(strange) as server:
        assert ask(server, "/a/", Cookie=cookie(server))[0] == 200
        for path in ("/b/", "/b/viewer/steps/000000000.html", "/b/viewer/version.js"):
            assert ask(server, path, Cookie=cookie(server))[0] == 404


def test_a_cookie_of_the_same_name_of_another_application_locks_nobody_out(
    server: runlog_viewer.Server,
) -> None:
    ours = cookie(server)
    name = ours.partition("=")[0]
    for others in (f"{name}=theirs; {ours}", f"{ours}; {name}=theirs", f'bad[name]={{"a": 1}}; {ours}',
                   f'=; ;,;"{ours}; {ours}'):  # fmt: skip
        assert ask(server, "/", Cookie=others)[0] == 200, others
    assert ask(server, "/", Cookie=f"{name}=theirs; {name}=too")[0] == 403


@pytest.mark.parametrize(
    "line",
    [
        b"GET //[ HTTP/1.1", b"GET http://[::1 HTTP/1.1", b"GET / HTTP/9.9", b"GET", b"\xff\xfe\x00",
        b"GET /" + b"x" * 5000 + b" HTTP/1.1", b"GET /" + b"x" * 70_000 + b" HTTP/1.1",
        b"GET /" + b"x/" * 3000 + b".html HTTP/1.1", b"GET /?" + b"a=1&" * 5000 + b" HTTP/1.1",
        b"GET /%00.html HTTP/1.1", b"GET /a\x00.html HTTP/1.1", b"GET /%f0%9f.html HTTP/1.1",
    ],
    ids=range(12),
)  # fmt: skip
def test_a_request_line_that_is_odd_gets_an_answer_and_no_traceback(
    server: runlog_viewer.Server, capfd: pytest.CaptureFixture[str], line: bytes
) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as connection:
        headers = f"\r\nHost: {address.netloc}\r\nCookie: {cookie(server)}\r\nConnection: close\r\n\r\n"
        connection.sendall(line + headers.encode())
        with connection.makefile("rb") as answer:
            assert answer.readline()
    assert ask(server, "/", Cookie=cookie(server))[0] == 200
    assert capfd.readouterr() == ("", "")


def test_head_has_the_headers_and_no_content(server: runlog_viewer.Server) -> None:
    status, headers, body = ask(server, "/", "HEAD", Cookie=cookie(server))
    assert (status, int(headers["content-length"]) > 9, body) == (200, True, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_is_known(server: runlog_viewer.Server, method: str) -> None:
    assert ask(server, "/", method, Cookie=cookie(server))[0] == 501


def test_a_browser_that_goes_away_is_not_worth_a_word(
    server: runlog_viewer.Server, site: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(server.url)
    path = picture(site)
    sent = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie(server)}\r\n\r\n"
    for _ in range(5):
        with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(sent.encode())
    assert ask(server, "/", Cookie=cookie(server))[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_port_that_is_taken_is_an_error_in_one_line(server: runlog_viewer.Server, site: Path) -> None:
    port = urlsplit(server.url).port or 0
    with pytest.raises(runlog.StorageError, match=rf"^port {port} [^\n]*$"):
        runlog_viewer.Server(site, port)


def test_stopping_closes_the_port(site: Path) -> None:
    with runlog_viewer.Server(site) as server:
        port = urlsplit(server.url).port or 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_stopping_ends_connections_that_pages_keep_open(site: Path) -> None:
    with runlog_viewer.Server(site) as server:
        address = urlsplit(server.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
        connection.request("GET", "/", headers={"Cookie": cookie(server)})
        assert connection.getresponse().read().startswith(b"<!doctype html>")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.request("GET", "/", headers={"Cookie": cookie(server)})
        connection.getresponse()
    connection.close()


def test_a_bare_picture_has_no_policy_that_a_browser_would_trip_over(
    server: runlog_viewer.Server, site: Path
) -> None:
    _, headers, _ = ask(server, picture(site), Cookie=cookie(server))
    assert "content-security-policy" not in headers
