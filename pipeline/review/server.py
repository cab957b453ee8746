"""The review server: one page and a small JSON API, on loopback."""

from __future__ import annotations

import errno
import http.server
import os
import secrets
import socketserver
import sys
import urllib.parse
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from pipeline.errors import ClaimsError, RunError
from pipeline.review.guard import KEY, Guard, is_own
from pipeline.review.state import Asked, Refusal, ReviewState, Told

ADDRESS = "127.0.0.1"
API = "/api/"
MOST_BYTES = 64 * 2**10
"""Of what a page sends."""
_SECONDS = 20
"""A connection that says nothing for so long is closed."""
_RELOAD = "open the address that 'claims review' printed when it was started"
_DIGITS = 12
_DECODER = msgspec.json.Decoder(Asked)

Page = Callable[[Mapping[str, str], str], str]
"""Makes the page, of what it needs to talk to the server (``api``, ``token``, ``who``) and the nonce of its scripts and styles."""
Export = Callable[[], bytes]
"""Makes the table of all decisions, as CSV."""


class ReviewServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves until it is shut down; ``port`` 0 takes a free one. Raises RunError, one line, where the port cannot be had."""

    daemon_threads = True  # browsers keep connections open that they may never use

    def __init__(
        self,
        state: ReviewState,
        page: Page,
        export: Export,
        port: int,
        tell: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.state = state
        self.page = page
        self.export = export
        self.tell = tell
        """Told of faults of the program, one line each."""
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                told = f"port {port} is in use, perhaps by another review; give another with --port, or --port 0 for any that is free"
            elif error.errno == errno.EACCES:
                told = f"port {port} is only for the administrator; give one above 1023 with --port"
            else:
                told = f"port {port}: {error.strerror or error}"
            raise RunError(told) from error
        self.port: int = self.server_address[1]
        self.guard = Guard(self.port)

    @property
    def address(self) -> str:
        """What to open in a browser; whoever has it may decide."""
        return f"http://{ADDRESS}:{self.port}/?{KEY}={self.guard.key}"

    def server_bind(self) -> None:
        # HTTPServer would look the host's name up, which may take long without a network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no news; a fault of ours was answered already."""
        error = sys.exception()
        if isinstance(error, ConnectionError | TimeoutError):
            return
        self.tell(f"the review server failed at one request ({type(error).__name__}); it goes on")
        if os.environ.get("CLAIMS_DEBUG"):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        self.state.close()
        super().server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ReviewServer
    timeout = _SECONDS
    server_version = "claims"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_HEAD(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is the person's."""

    def _answer(self, handle: Callable[[str, str], None]) -> None:
        """Refuses what comes from elsewhere, and turns every failure into one line."""
        path, _, query = self.path.partition("?")
        self._sent = self._read()
        reason = self.server.guard.refuses(self._headers, is_page=path == "/" and self.command != "POST")
        if reason is not None:
            self._problem(HTTPStatus.FORBIDDEN, reason)
            return
        try:
            handle(path, query)
        except Refusal as refusal:
            self._json(refusal.status, refusal.told)
        except ClaimsError as error:
            self._problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        except ConnectionError:
            raise
        except Exception as error:  # a fault of ours ends the request, not the review
            self._problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault of the program ({type(error).__name__})")
            raise

    @property
    def _headers(self) -> Mapping[str, str]:
        """The headers, of which none that matters may be there twice."""
        headers = self.headers
        twice = [name for name in ("Host", "Origin", "Cookie", "Content-Length") if len(headers.get_all(name, [])) > 1]
        return {"Host": ""} if twice else headers  # type: ignore[return-value]

    def _get(self, path: str, query: str) -> None:
        guard = self.server.guard
        if path == "/" and query:
            given = urllib.parse.parse_qs(query).get(KEY, [""])[0]
            if not guard.is_key(given):
                self._problem(HTTPStatus.FORBIDDEN, _RELOAD)
                return
            # The key leaves the address, so that it is in no history or screenshot. To whoever comes by a link on another site the browser
            # would not show the cookie at once, so that the page itself has to lead on.
            about = {"Set-Cookie": guard.cookie()}
            if is_own(self._headers):
                self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": "/", **about})
            else:
                self._send(
                    HTTPStatus.OK, b'<!doctype html><meta http-equiv="refresh" content="0;url=/">\n', "text/html", about
                )
            return
        if not guard.knows(self._headers):
            self._problem(HTTPStatus.FORBIDDEN, _RELOAD)
        elif path == "/":
            self._page()
        elif path == API + "decisions":
            self._require_token()
            self._json(HTTPStatus.OK, self.server.state.overview())
        elif path == API + "decisions.csv":
            about = {"Content-Disposition": 'attachment; filename="decisions.csv"'}
            self._send(HTTPStatus.OK, self.server.export(), "text/csv", about)
        else:
            self._problem(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _post(self, path: str, _query: str) -> None:
        if path not in (API + "decisions", API + "decisions/undo"):
            self._problem(HTTPStatus.NOT_FOUND, "there is nothing here")
            return
        if not self.server.guard.knows(self._headers):
            self._problem(HTTPStatus.FORBIDDEN, _RELOAD)
            return
        self._require_token()
        asked = self._body()
        if path.endswith("/undo"):
            asked = msgspec.structs.replace(asked, verdict="undo", until=None)
        self._json(HTTPStatus.OK, self.server.state.decide(asked))

    def _require_token(self) -> None:
        if not self.server.guard.trusts(self._headers):
            raise Refusal(HTTPStatus.FORBIDDEN, Told(error="the page is of an earlier review; load it again"))

    def _body(self) -> Asked:
        """What was sent. Raises Refusal where it is no decision."""
        if self.headers.get_content_type() != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Told(error="send JSON"))
        length = self._length()
        if length is None:
            raise Refusal(HTTPStatus.LENGTH_REQUIRED, Told(error="the request has no length"))
        if length > MOST_BYTES:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Told(error=f"more than {MOST_BYTES} bytes; shorten the reason")
            )
        try:
            return _DECODER.decode(self._sent)
        except msgspec.ValidationError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, Told(error=f"no decision: {error}")) from error
        except (ValueError, RecursionError) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, Told(error="no JSON")) from error

    def _length(self) -> int | None:
        length = self.headers.get("Content-Length", "")
        return int(length[:_DIGITS]) if length.isascii() and length.isdigit() else None

    def _read(self) -> bytes:
        """What was sent with the request, before it is answered: else the answer may be lost with the connection."""
        return self.rfile.read(min(self._length() or 0, MOST_BYTES)) if self.command == "POST" else b""

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        about = {"api": API, "token": self.server.guard.token, "who": self.server.state.who}
        page = self.server.page(about, nonce).encode("utf-8", "backslashreplace")
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._send(HTTPStatus.OK, page, "text/html", {"Content-Security-Policy": policy})

    def _json(self, status: int, told: Told) -> None:
        self._send(status, msgspec.json.encode(told), "application/json", {})

    def _problem(self, status: HTTPStatus, reason: str) -> None:
        if self.path.startswith(API):
            self._json(status, Told(error=reason))
        else:
            self._send(status, f"{reason}\n".encode(), "text/plain", {})

    def _send(self, status: int, data: bytes, media: str, about: Mapping[str, str]) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": f"{media}; charset=utf-8",
            "Content-Length": str(len(data)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            **about,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
