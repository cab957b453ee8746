"""Serves the pages of ``bench/site.py`` on this machine, so that a fortnight can be fetched."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench.site import Page


class SiteServer:
    """A web site; ``pages`` may be changed between two runs. A page that has gone elsewhere leaves a redirect."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, Page] = {}
        self._listed: list[str] = []

    def sources(self) -> str:
        """A ``sources.yaml`` with all pages that there ever were: who lists a page does not know that it went."""
        self._listed += [name for name in sorted(self.pages) if name not in self._listed and name != _MOVED[1]]
        # Each page has a publisher of its own, as in life, though one server serves them all.
        urls = "".join(
            f"  - {{url: 'http://127.0.0.1:{self.port}/{name}', publisher: {name.removesuffix('.html')}}}\n"
            for name in self._listed
        )
        return (
            "settings: {allow_private: [127.0.0.0/8], per_host_delay: 0, attempts: 1, backoff: 0, gone_after: 1}\n"
            f"sources:\n{urls}"
        )

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        name = path.lstrip("/")
        if name == _MOVED[0] and _MOVED[1] in self.pages:
            return 301, {"Location": f"/{_MOVED[1]}"}, b""
        page = self.pages.get(name)
        if page is None:
            return 404, {"Content-Type": "text/html"}, b"<h1>There is no such page</h1>"
        if page.broken:
            return 500, {"Content-Type": "text/html"}, b"<h1>Something went wrong here</h1>"
        return 200, {"Content-Type": "text/html; charset=utf-8"}, page.html()


_MOVED = ("clinic.html", "clinic-2026.html")


@contextmanager
def serving() -> Iterator[SiteServer]:
    """A server on a free port, for as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    _Handler.site = site = SiteServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: SiteServer

    def do_GET(self) -> None:
        status, headers, body = self.site.answer(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""
