"""The server shows the site to its user, and to nobody and nothing else."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import runlog
import runlog_viewer

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "a" / "viewer").mkdir(parents=True)
    (folder / "index.html").write_text("the index")
    (folder / "a" / "index.html").write_text("a run")
    (folder / "a" / "run.db").write_text("rows")
    (folder / "a" / "viewer" / "viewer.js").write_text("script")
    (folder / "a" / "viewer" / "picture #1.PNG").write_bytes(b"\x89PNG" + bytes(200_000))
    (tmp_path / "secret.html").write_text("secret")
    return folder


@pytest.fixture
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
    assert ask(server, "/", Cookie=cookie(server))[2] == b"the index"


@pytest.mark.parametrize("path", ["/", "/index.html", "/?token=", "/?token=wrong", "/?token=%ff", "/none"])
def test_without_the_token_nothing_is_served(server: runlog_viewer.Server, path: str) -> None:
    status, _, body = ask(server, path)
    assert status == 403
    assert b"index" not in body
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
        ("/a/viewer/viewer.js?17", "text/javascript; charset=utf-8"),
        ("/a/viewer/picture%20%231.PNG", "image/png"),
    ],
)
def test_files_of_the_site_are_served_whole_with_their_type(
    server: runlog_viewer.Server, site: Path, path: str, kind: str
) -> None:
    status, headers, body = ask(server, path, Cookie=cookie(server))
    assert (status, headers["content-type"]) == (200, kind)
    assert int(headers["content-length"]) == len(body) > 0


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


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
def test_media_behind_a_link_are_served(server: runlog_viewer.Server, site: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.png").write_bytes(b"\x89PNG")
    (site / "a" / "media").symlink_to(tmp_path / "elsewhere")
    assert ask(server, "/a/media/x.png", Cookie=cookie(server))[0] == 200


def test_head_has_the_headers_and_no_content(server: runlog_viewer.Server) -> None:
    status, headers, body = ask(server, "/", "HEAD", Cookie=cookie(server))
    assert (status, headers["content-length"], body) == (200, "9", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_no_other_method_is_known(server: runlog_viewer.Server, method: str) -> None:
    assert ask(server, "/", method, Cookie=cookie(server))[0] == 501


def test_a_browser_that_goes_away_is_not_worth_a_word(
    server: runlog_viewer.Server, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(server.url)
    path = "/a/viewer/picture%20%231.PNG"
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
        assert connection.getresponse().read() == b"the index"
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.request("GET", "/", headers={"Cookie": cookie(server)})
        connection.getresponse()
    connection.close()


def test_a_bare_picture_has_no_policy_that_a_browser_would_trip_over(server: runlog_viewer.Server) -> None:
    _, headers, _ = ask(server, "/a/viewer/picture%20%231.PNG", Cookie=cookie(server))
    assert "content-security-policy" not in headers
