"""A site over the loopback interface, for one user of a machine that may have many.

Only 127.0.0.1 is listened to. The printed address carries a random token, which becomes a cookie; without
it nothing is served, since others on a shared machine can reach the port. The ``Host`` header is checked,
since a web page elsewhere can make a browser ask here (DNS rebinding).
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

import runlog
from runlog.files.paths import absolute_path
from runlog_viewer.building.served_files import PAGE_TYPES, PICTURE_TYPES, ServedFiles
from runlog_viewer.html.render import CONTENT_SECURITY_POLICY

_LOOPBACK = "127.0.0.1"
_TYPES = PAGE_TYPES | PICTURE_TYPES
_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_SAVED_TYPE = "application/octet-stream"
_IDLE_SECONDS = 30.0
_CHUNK = 1 << 16


class Server:
    """Serves a site on 127.0.0.1 in a thread of its own; a context manager.

    Parameters
    ----------
    folder
        The folder that holds the site's ``index.html``.
    port
        0 for any free port.

    Attributes
    ----------
    url
        The address to open, with the token.

    Raises
    ------
    StorageError
        If the port is taken.
    """

    def __init__(self, folder: str | os.PathLike[str], port: int = 0) -> None:
        token = secrets.token_urlsafe(24)
        handler = partial(_Handler, site=ServedFiles(absolute_path(folder)), token=token)
        try:
            self._server = _QuietServer((_LOOPBACK, port), handler)
        except OSError as error:
            raise runlog.StorageError(
                f"port {port} of {_LOOPBACK} cannot be used ({error.strerror})"
            ) from error
        # Stopping waits until it looks again: half a second, if nothing else is said.
        serve = partial(self._server.serve_forever, poll_interval=0.05)
        self._thread = threading.Thread(target=serve, name="runlog-viewer", daemon=True)
        self.url = f"http://{_LOOPBACK}:{self._server.server_port}/?token={token}"

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note a connection: a page keeps its own open, and would be served on after the end."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is done."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the port, and the connections that are open."""
        super().server_close()
        for connection in self._connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def server_bind(self) -> None:
        """Bind without asking the name service what 127.0.0.1 is called, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the browser just went away."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "runlog"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # Sent apart, the content of an answer is held back by the system until the browser confirms the head,
    # which that puts off for 40 ms: both go together, and at once.
    wbufsize = _CHUNK
    disable_nagle_algorithm = True

    def __init__(self, *args: object, site: ServedFiles, token: str) -> None:
        self._site = site
        self._token = token
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file of the site, to whoever knows the token."""
        port = self.server.server_port  # type: ignore[attr-defined]
        if self.headers.get("Host") not in (f"{_LOOPBACK}:{port}", f"localhost:{port}"):
            return self._refuse(HTTPStatus.FORBIDDEN, "This is served to 127.0.0.1 only.")
        path, _, query = self.path.partition("#")[0].partition("?")
        cookie = f"runlog-{port}"
        if any(map(self._is_token, _values(query, "&", "token"))):
            return self._welcome(path, cookie)
        given = ";".join(self.headers.get_all("Cookie", []))
        if not any(map(self._is_token, _values(given, ";", cookie))):
            return self._refuse(
                HTTPStatus.FORBIDDEN, "Open the address that the command printed: it has a token."
            )
        return self._answer(unquote(path, errors="surrogateescape"))

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self.do_GET()

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    def _welcome(self, path: str, cookie: str) -> None:
        """Turn the token in the address into a cookie, so that it is in no link and no history."""
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Set-Cookie", f"{cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict")
        self.send_header("Location", "/" + quote(unquote(path).lstrip("/")))
        self._end(0)

    def _answer(self, path: str) -> None:
        served = self._site.open(path)
        if served is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such file in the site.")
            return
        with served.file as file:
            suffix = PurePosixPath(path if not path.endswith("/") else "index.html").suffix.lower()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", _SAVED_TYPE if served.is_kept else _TYPES[suffix])
            if served.is_kept:  # it may be a page, or anything else that a browser would run
                self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{_quoted_name(path)}")
                self.send_header("Content-Security-Policy", "sandbox; default-src 'none'")
            elif suffix == ".html":  # a browser styles the page it makes around a bare picture inline
                self.send_header("Content-Security-Policy", _POLICY)
            self._end(os.fstat(file.fileno()).st_size)
            while self.command == "GET" and (chunk := file.read(_CHUNK)):
                self.wfile.write(chunk)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        body = f"{why}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self._end(len(body))
        if self.command == "GET":
            self.wfile.write(body)

    def _end(self, size: int) -> None:
        self.send_header("Content-Length", str(size))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page that asks four times a second fills any terminal."""


def _quoted_name(path: str) -> str:
    """Return the last part of a path as a header may have it, whatever letters it is of."""
    return quote(os.fsencode(PurePosixPath(path).name), safe="")


def _values(text: str, separator: str, name: str) -> Iterator[str]:
    """Yield the values that a query or a cookie header gives a name.

    Another application of this machine, or an earlier server of ours, may have set a cookie of that name too,
    and what else it has set may be no cookie at all.
    """
    for pair in text.split(separator):
        given, _, value = pair.strip().partition("=")
        if given == name:
            yield unquote(value.strip('"'))
