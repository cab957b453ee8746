"""The review server: what it answers, and what it does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.decisions.log import append_decision, read_decisions
from pipeline.errors import RunError
from pipeline.review.server import MOST_BYTES, ReviewServer
from tests.unit.decisions.support import decision
from tests.unit.review.support import Visitor, page, served, write_flags


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    write_flags(tmp_path, f1="h1", f2="h2")
    with served(tmp_path) as found:
        yield found


def kept(visitor: Visitor) -> list[tuple[str, str, str]]:
    found = read_decisions(visitor.server.state.file)
    assert found.problems == ()
    return [(one.flag_id, one.verdict, one.who) for _, one in found.entries]


def test_a_decision_is_on_the_disk_when_it_is_answered(visitor: Visitor) -> None:
    status, answer = visitor.decide("f1", "dismiss")
    assert status == 200
    assert kept(visitor) == [("f1", "dismiss", "Ada")]
    state = answer["flags"]["f1"]
    assert state["standing"]["verdict"] == "dismiss"
    assert state["standing"]["suppresses"]
    assert visitor.decide("f1", "comment", state["version"], reason="see page 3")[0] == 200
    _, _, answer = visitor.ask("GET", "/api/decisions")
    assert [said["reason"] for said in answer["flags"]["f1"]["comments"]] == ["see page 3"]
    assert answer["flags"]["f2"]["standing"] is None


def test_an_undo_takes_the_last_back(visitor: Visitor) -> None:
    _, answer = visitor.decide("f1", "dismiss")
    seen = answer["flags"]["f1"]["version"]
    status, _, answer = visitor.ask("POST", "/api/decisions/undo", {"flag_id": "f1", "seen": seen})
    assert (status, answer["flags"]["f1"]["standing"]) == (200, None)
    seen = answer["flags"]["f1"]["version"]
    status, _, answer = visitor.ask("POST", "/api/decisions/undo", {"flag_id": "f1", "seen": seen})
    assert status == 422
    assert "to take back" in answer["error"]


def test_of_two_tabs_the_second_is_told_how_it_stands(visitor: Visitor) -> None:
    seen = visitor.version("f1")
    assert visitor.decide("f1", "dismiss", seen)[0] == 200
    status, answer = visitor.decide("f1", "accept", seen)
    assert status == 409
    assert answer["flags"]["f1"]["standing"]["verdict"] == "dismiss"
    assert visitor.decide("f1", "accept", answer["flags"]["f1"]["version"])[0] == 200
    assert [verdict for _, verdict, _ in kept(visitor)] == ["dismiss", "accept"]


def test_what_a_colleague_decided_on_the_command_line_is_seen(visitor: Visitor) -> None:
    seen = visitor.version("f1")
    append_decision(visitor.server.state.file, decision("accept", who="Grace"))
    status, answer = visitor.decide("f1", "dismiss", seen)
    assert (status, answer["flags"]["f1"]["standing"]["who"]) == (409, "Grace")


def test_figures_that_changed_since_the_page_was_loaded_are_told(visitor: Visitor, tmp_path: Path) -> None:
    seen = visitor.version("f1")
    write_flags(tmp_path, f1="h9")
    status, answer = visitor.decide("f1", "dismiss", seen)
    assert (status, answer["flags"]) == (412, {})
    assert "load it again" in answer["error"]
    assert visitor.decide("f2", "dismiss")[0] == 404
    assert visitor.decide("f1", "dismiss", visitor.version("f1"))[0] == 200


def test_many_at_once_lose_nothing(visitor: Visitor) -> None:
    done: list[int] = []

    def work() -> None:
        for _ in range(4):
            while True:
                status, _ = visitor.decide("f1", "comment", visitor.version("f1"))
                if status == 200:
                    break
            done.append(status)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == len(kept(visitor)) == 12


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (b"[" * 9000, 400, "no "),
        (b"[]", 400, "no decision"),
        (b'{"verdict":"accept"}', 400, "flag_id"),
        (b'{"flag_id":1,"verdict":"accept"}', 400, "no decision"),
        (b'{"flag_id":"f9","verdict":"accept"}', 404, "no such flag"),
        (b'{"flag_id":"f1","verdict":"agree"}', 422, "no such verdict"),
        (b'{"flag_id":"f1","verdict":"dismiss"}', 422, "needs a reason"),
        (b'{"flag_id":"f1","verdict":"snooze","until":"2020-01-01"}', 422, "must lie after"),
        (b'{"flag_id":"f1","verdict":"snooze","until":"soon"}', 422, "is no day"),
    ],
)
def test_what_is_no_decision_is_refused_in_one_line(visitor: Visitor, body: bytes, status: int, told: str) -> None:
    found, _, answer = visitor.ask("POST", "/api/decisions", body)
    assert found == status
    assert told in answer["error"]
    assert "\n" not in answer["error"]
    assert kept(visitor) == []


GOOD = {"flag_id": "f1", "verdict": "dismiss", "reason": "x"}


@pytest.mark.parametrize(
    ("headers", "without", "status"),
    [
        ({"Host": "evil.example"}, (), 403),
        ({"Host": "evil.example:{port}"}, (), 403),
        ({"Host": "127.0.0.1"}, (), 403),
        ({"Host": "127.0.0.1.evil.example:{port}"}, (), 403),
        ({"Host": "127.0.0.1:1"}, (), 403),
        ({}, ("Host",), 403),
        ({"Origin": "https://evil.example"}, (), 403),
        ({"Origin": "null"}, (), 403),
        ({"Origin": "http://localhost:{port}"}, (), 403),
        ({"Origin": "http://127.0.0.1:1"}, (), 403),
        ({"Sec_Fetch_Site": "cross-site"}, (), 403),
        ({"Sec_Fetch_Site": "same-site"}, (), 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}, (), 403),
        ({"X_Claims_Token": "guess"}, (), 403),
        ({"X_Claims_Token": "é"}, (), 403),
        ({}, ("X-Claims-Token",), 403),
        ({"Cookie": "claims-review-1=x"}, (), 403),
        ({"Cookie": "=;,\x7f"}, (), 403),
        ({}, ("Cookie",), 403),
        ({"Content_Type": "text/plain"}, (), 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, (), 415),
        ({"Content_Length": "-1"}, (), 411),
        ({"Content_Length": "9" * 40}, (), 413),
        ({}, ("Origin", "Sec-Fetch-Site"), 200),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, (), 200),
    ],
)
def test_only_the_page_itself_may_decide(
    visitor: Visitor, headers: dict[str, str], without: tuple[str, ...], status: int
) -> None:
    given = {name: value.replace("{port}", str(visitor.server.port)) for name, value in headers.items()}
    if status == 413:
        given["Content_Length"] = str(MOST_BYTES + 1)
        body: object = b"x" * (MOST_BYTES + 1)
    else:
        body = GOOD
    found, _, answer = visitor.ask("POST", "/api/decisions", body, without, **given)
    assert found == status
    assert bool(kept(visitor)) == (status == 200)
    assert (answer["error"] is None) == (status == 200)


@pytest.mark.parametrize("path", ["/", "/api/decisions", "/api/decisions.csv"])
def test_another_account_of_the_machine_sees_nothing(visitor: Visitor, path: str) -> None:
    assert visitor.ask("GET", path, without=("Cookie",))[0] == 403
    assert visitor.ask("GET", path, Cookie=f"{visitor.server.guard.cookie_name}=guess")[0] == 403
    assert visitor.ask("GET", "/?key=guess", without=("Cookie",))[0] == 403


def test_the_address_lets_in_and_leaves_no_key_behind(visitor: Visitor) -> None:
    address = visitor.server.address.partition(f":{visitor.server.port}")[2]
    status, headers, _ = visitor.ask("GET", address, without=("Cookie",), Sec_Fetch_Site="none")
    assert (status, headers["location"]) == (303, "/")
    assert headers["set-cookie"].startswith(visitor.cookie)
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["set-cookie"].split("; "))
    linked = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    status, headers, content = visitor.ask("GET", address, without=("Cookie",), **linked)
    assert status == 200
    assert "url=/" in content
    assert visitor.ask("GET", address, without=("Cookie",), Sec_Fetch_Site="cross-site")[0] == 403


def test_the_page_is_kept_nowhere_framed_nowhere_and_runs_its_own_scripts_alone(visitor: Visitor) -> None:
    status, headers, content = visitor.ask("GET", "/")
    assert status == 200
    token, nonce = content.split("</title>")[1].split()
    assert token == visitor.server.guard.token
    policy = headers["content-security-policy"]
    assert f"script-src 'nonce-{nonce}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert nonce not in visitor.ask("GET", "/")[2]
    status, headers, content = visitor.ask("HEAD", "/")
    assert (status, content) == (200, "")


@pytest.mark.parametrize(("method", "path"), [("GET", "/../etc/passwd"), ("GET", "/api/other"), ("POST", "/")])
def test_there_is_nothing_else(visitor: Visitor, method: str, path: str) -> None:
    assert visitor.ask(method, path, {})[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_no_other_method_is_known(visitor: Visitor, method: str) -> None:
    assert visitor.ask(method, "/api/decisions")[0] == 501


def test_a_table_of_decisions_can_be_saved(visitor: Visitor) -> None:
    status, headers, content = visitor.ask("GET", "/api/decisions.csv", without=("X-Claims-Token",))
    assert (status, content) == (200, "flag_id\n")
    assert "attachment" in headers["content-disposition"]


def test_results_that_are_gone_are_told(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "flags.jsonl").unlink()
    status, answer = visitor.decide("f1", "dismiss")
    assert status == 503
    assert "claims reconcile" in answer["error"]


def test_garbage_on_the_wire_ends_nothing_but_itself(visitor: Visitor) -> None:
    for data in (b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n", b""):
        with socket.create_connection(("127.0.0.1", visitor.server.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert visitor.decide("f1", "dismiss")[0] == 200


def test_a_fault_of_the_page_ends_the_request_alone(visitor: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_about: Any, _nonce: str) -> str:
        raise ZeroDivisionError("no traceback of this")

    visitor.server.page = broken
    status, _, content = visitor.ask("GET", "/")
    assert status == 500
    assert "ZeroDivisionError" in content
    assert "Traceback" not in content
    visitor.server.page = page
    assert visitor.ask("GET", "/")[0] == 200


def test_a_port_in_use_is_told_with_what_to_do(visitor: Visitor) -> None:
    with pytest.raises(RunError, match="--port"):
        ReviewServer(visitor.server.state, page, lambda: b"", visitor.server.port)


def test_after_the_end_nothing_is_kept(visitor: Visitor) -> None:
    visitor.server.state.close()
    assert visitor.decide("f1", "dismiss")[0] == 503
    assert kept(visitor) == []


def test_the_server_listens_on_loopback_alone(visitor: Visitor) -> None:
    assert visitor.server.socket.getsockname()[0] == "127.0.0.1"
