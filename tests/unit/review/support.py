"""A review server with two flags and a page of two words, and what a browser would send it."""

from __future__ import annotations

import datetime
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.model import encode
from pipeline.review.server import ReviewServer
from pipeline.review.state import ReviewState
from tests.unit.decisions.support import flag

TODAY = datetime.date(2026, 3, 2)


def write_flags(folder: Path, **hashes: str) -> None:
    lines = [encode(flag(name, values_hash)) for name, values_hash in hashes.items()]
    (folder / "flags.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def page(about: Mapping[str, str], nonce: str) -> str:
    return f"<!doctype html><title>Review</title>{about['token']} {nonce}"


class Visitor:
    """A browser, as far as the server can tell."""

    def __init__(self, server: ReviewServer) -> None:
        self.server = server
        self.cookie = f"{server.guard.cookie_name}={server.guard.key}"

    def ask(
        self, method: str, path: str, body: object = None, without: tuple[str, ...] = (), **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and content, JSON read; ``headers`` with _ for - replace those that the page would send."""
        sent = {
            "Host": f"127.0.0.1:{self.server.port}",
            "Cookie": self.cookie,
            "X-Claims-Token": self.server.guard.token,
            "Sec-Fetch-Site": "same-origin",
        }
        data = None
        if method == "POST":
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent |= {
                "Origin": f"http://127.0.0.1:{self.server.port}",
                "Content-Type": "application/json",
                "Content-Length": str(len(data)),
            }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if name not in without:
                    connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            is_json = told.get("content-type", "").startswith("application/json")
            return answer.status, told, json.loads(content) if is_json else content.decode()
        finally:
            connection.close()

    def decide(self, flag_id: str, verdict: str, seen: str = "", **more: object) -> tuple[int, Any]:
        body = {"flag_id": flag_id, "verdict": verdict, "reason": "two trials", "seen": seen, **more}
        status, _, answer = self.ask("POST", "/api/decisions", body)
        return status, answer

    def version(self, flag_id: str) -> str:
        _, _, answer = self.ask("GET", "/api/decisions")
        return str(answer["flags"][flag_id]["version"])


@contextmanager
def served(folder: Path, who: str = "Ada") -> Iterator[Visitor]:
    state = ReviewState(folder, folder / "decisions.jsonl", who, lambda: TODAY)
    with ReviewServer(state, page, lambda: b"flag_id\n", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Visitor(server)
        finally:
            server.shutdown()
            thread.join(10)
