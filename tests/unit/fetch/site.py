"""A real web server on the loopback address that behaves, and misbehaves, as a test asks."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipeline.fetch.fetch import fetch_all
from pipeline.fetch.pages import WrittenPages, write_pages
from pipeline.fetch.report import FetchReport, PageReport
from pipeline.fetch.settings import FetchSettings, FetchSource
from pipeline.readers.sidecar import SIDECAR_SUFFIX
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from tests.support import ROOT, page

NIGHT = datetime(2024, 5, 1, 2, 0, tzinfo=UTC)
PAGE = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Asked:
    """One request as the server saw it."""

    host: str
    path: str
    headers: dict[str, str]
    at: float


@dataclass
class Reply:
    """What the server answers. ``raw`` is sent as it is, in place of all else."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(PAGE))
    wait: float = 0.0
    raw: bytes | None = None
    drip: float = 0.0
    """Seconds between two bytes of ``raw``."""
    claimed_length: int | None = None


Route = Reply | Callable[[Asked], Reply]


def html(words: str, title: str = "Tea and sleep", **headers: str) -> Reply:
    """A page whose prose is ``words``."""
    return Reply(page(words, title).encode(), headers={**PAGE, **{k.replace("_", "-"): v for k, v in headers.items()}})


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


class Site:
    """The server: ``routes`` maps a path, or ``host/path`` for one host alone, to what is answered."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self.most_at_once: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self._server.server_port)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def url(self, path: str, host: str = "a.test") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def paths(self, host: str | None = None) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [one.path for one in self.asked if one.path != "/robots.txt" and host in (None, one.host)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
        route = self.routes.get(asked.host + asked.path, self.routes.get(asked.path))
        if route is None:
            return Reply(b"no such page", 404, {"Content-Type": "text/plain"})
        return route(asked) if callable(route) else route

    @contextlib.contextmanager
    def busy(self, host: str) -> Iterator[None]:
        with self._lock:
            self._now[host] = self._now.get(host, 0) + 1
            self.most_at_once[host] = max(self.most_at_once.get(host, 0), self._now[host])
        try:
            yield
        finally:
            with self._lock:
                self._now[host] -= 1


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    import time

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                super().handle()

        def do_GET(self) -> None:
            host = self.headers.get("Host", "").rsplit(":", 1)[0]
            asked = Asked(host, self.path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic())
            with site.busy(host):
                self._send(site.answer(asked))

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.wait)
            if reply.raw is not None:
                for number in range(len(reply.raw) if reply.drip else 0):
                    self.wfile.write(reply.raw[number : number + 1])
                    time.sleep(reply.drip)
                if not reply.drip:
                    self.wfile.write(reply.raw)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = reply.claimed_length if reply.claimed_length is not None else len(reply.body)
            if reply.status != 304:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            if reply.status != 304:
                self.wfile.write(reply.body)
            if length != len(reply.body):
                self.close_connection = True

    return Handler


def to_loopback(host: str, port: int) -> Sequence[str]:
    """Leads every host under ``.test`` to the test's server."""
    if host.endswith(".test"):
        return ("127.0.0.1",)
    return tuple({str(entry[4][0]): None for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


class Nights:
    """Runs of fetching into one folder, a day apart unless said otherwise."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.site = site
        self.state = folder / "state"
        self.archive = folder / "archive"
        self.raw = folder / "raw" / "fetched"
        self.now = NIGHT
        self.resolve: Callable[[str, int], Sequence[str]] = to_loopback
        self.sources: list[FetchSource] = []

    def run(self, *urls: str, only_due: bool = False, pass_days: float = 1, **settings: Any) -> FetchReport:
        """One night: fetches ``urls`` (or ``sources``), then moves the clock on."""
        sources = self.sources or [FetchSource(id=url, url=url) for url in urls]
        report = fetch_all(
            sources,
            quick(self.site, **settings),
            self.state,
            self.archive,
            now=self.now,
            only_due=only_due,
            rules=rules(),
            resolve=self.resolve,
        )
        self.now += timedelta(days=pass_days)
        return report

    def one(self, url: str, **settings: Any) -> PageReport:
        """One night for one page."""
        [found] = self.run(url, **settings).pages
        return found

    def write(self) -> WrittenPages:
        return write_pages(self.state, self.archive, self.raw, self.sources)

    def pages(self) -> list[tuple[dict[str, str], bytes]]:
        """The current pages, written: the sidecar and the bytes of each."""
        self.write()
        return [
            (json.loads((self.raw / f"{name}{SIDECAR_SUFFIX}").read_bytes()), data)
            for name, data in self.files().items()
        ]

    def files(self) -> dict[str, bytes]:
        """The current pages as files, without sidecars."""
        return {
            path.relative_to(self.raw).as_posix(): path.read_bytes()
            for path in sorted(self.raw.rglob("*"))
            if path.is_file() and not path.name.endswith(".json")
        }


def quick(site: Site, **settings: Any) -> FetchSettings:
    """Settings that let a test get at the server, and keep it from waiting."""
    defaults: dict[str, Any] = {
        "allow_private": ("127.0.0.0/8",),
        "ports": (80, 443, site.port),
        "per_host_delay": 0.0,
        "backoff": 0.02,
        "timeout": 5.0,
        "connect_timeout": 2.0,
        "max_wait": 2.0,
    }
    return FetchSettings(**{**defaults, **settings})


_RULES: list[Ruleset] = []


def rules() -> Ruleset:
    """The rules for fetching alone."""
    if not _RULES:
        _RULES.append(load_rules(ROOT / "rules" / "fetch"))
    return _RULES[0]
