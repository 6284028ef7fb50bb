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
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import runlog
from runlog_viewer.html.render import CONTENT_SECURITY_POLICY

_LOOPBACK = "127.0.0.1"
# Whatever else lies in the folder is no part of a site, and is not served.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
}
_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
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
        handler = partial(_Handler, root=Path(folder).absolute(), token=token)
        try:
            self._server = _QuietServer((_LOOPBACK, port), handler)
        except OSError as error:
            raise runlog.StorageError(
                f"port {port} of {_LOOPBACK} cannot be used ({error.strerror})"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="runlog-viewer", daemon=True)
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

    def __init__(self, *args: object, root: Path, token: str) -> None:
        self._root = root
        self._token = token
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file of the site, to whoever knows the token."""
        port = self.server.server_port  # type: ignore[attr-defined]
        if self.headers.get("Host") not in (f"{_LOOPBACK}:{port}", f"localhost:{port}"):
            return self._refuse(HTTPStatus.FORBIDDEN, "This is served to 127.0.0.1 only.")
        address = urlsplit(self.path)
        cookie = f"runlog-{port}"
        given = parse_qs(address.query).get("token", [""])[0]
        if self._is_token(given):
            return self._welcome(address.path, cookie)
        if not self._is_token(self._cookie(cookie)):
            return self._refuse(
                HTTPStatus.FORBIDDEN, "Open the address that the command printed: it has a token."
            )
        return self._answer(unquote(address.path, errors="surrogateescape"))

    def do_HEAD(self) -> None:
        """Answer as to GET, without the content."""
        self.do_GET()

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())

    def _cookie(self, name: str) -> str:
        try:
            morsel = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def _welcome(self, path: str, cookie: str) -> None:
        """Turn the token in the address into a cookie, so that it is in no link and no history."""
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Set-Cookie", f"{cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict")
        self.send_header("Location", "/" + quote(unquote(path).lstrip("/")))
        self._end(0)

    def _answer(self, path: str) -> None:
        file = _file(self._root, path)
        if file is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such file in the site.")
            return
        with file.open("rb") as content:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", _TYPES[file.suffix.lower()])
            if file.suffix == ".html":  # a browser styles the page it makes around a bare picture inline
                self.send_header("Content-Security-Policy", _POLICY)
            self._end(os.fstat(content.fileno()).st_size)
            while self.command == "GET" and (chunk := content.read(_CHUNK)):
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


def _file(root: Path, path: str) -> Path | None:
    """Return the file of a site that a path asks for; None for what is not in it, or no part of it."""
    segments = [segment for segment in path.split("/") if segment]
    if any(s in (".", "..") or "\0" in s or Path(s).name != s for s in segments):
        return None
    file = root.joinpath(*segments, "index.html" if path.endswith("/") else "")
    return file if file.suffix.lower() in _TYPES and file.is_file() else None
