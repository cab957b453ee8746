"""Work on a Dask cluster: same results, same limits, and what goes wrong there is told in one line."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.local_cluster import LocalCluster
from pipeline.errors import RunError, UsageError
from pipeline.rules.loader import find_rules_folder, load_rules
from pipeline.run import cluster as cluster_module
from pipeline.run.cluster_worker import program
from pipeline.run.engine import difference
from pipeline.run.executor import Failure
from pipeline.run.extract import Settings, extract
from tests.support import ROOT, claims, page, result_bytes, wait_until
from tests.unit.run.jobs import BAD_AMONG_GOOD, PortableJobs, assert_only_bad_tasks_fail

distributed = pytest.importorskip("distributed", reason="Dask is not installed: the extra 'cluster'")

from pipeline.run.cluster import DaskCluster, connected  # noqa: E402

LIMITS = (30.0, 2**32)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two workers."""
    found = LocalCluster(tmp_path_factory.mktemp("cluster"), 2)
    yield found
    found.close()


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages, one of them with a sidecar, beside files that cannot be used."""
    folder = tmp_path_factory.mktemp("raw")
    for number in range(12):
        body = f"Of the {number + 20} gardeners who drank tea, {number + 5} percent slept through the night."
        (folder / f"page{number}.html").write_text(page(body, title=f"Tea and sleep, part {number}"))
    (folder / "page3.html.meta.json").write_text('{"url": "https://example.org/three", "published": "2024-05-01"}')
    (folder / "empty.html").write_bytes(b"")
    (folder / "noise.html").write_bytes(bytes(range(256)) * 8)
    lines = [{"id": f"line-{n}", "text": f"Tea lowered the risk by {n + 3}% in {n + 200} adults."} for n in range(4)]
    (folder / "more.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    return folder


@pytest.fixture(scope="module")
def alone(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What comes of the pages in one process."""
    folder = tmp_path_factory.mktemp("alone")
    assert extract(Settings(raw=raw, out=folder, workers=0), load_rules(find_rules_folder(None))).errors
    return result_bytes(folder)


def test_results_are_the_same_bytes_as_on_one_machine(
    local: LocalCluster, raw: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    done = claims("extract", raw, "-o", tmp_path / "together", "--cluster", local.address)
    assert done.returncode == 3, done.stderr
    assert result_bytes(tmp_path / "together") == alone
    done = claims("refresh", raw, "-o", tmp_path / "night", "--no-fetch", "--cluster", local.file, "--format", "json")
    assert done.returncode == 3, done.stderr
    assert result_bytes(tmp_path / "night") == alone


def test_a_worker_that_is_killed_midway_changes_nothing(raw: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    local = LocalCluster(tmp_path, 2)
    finished = itertools.count(1)

    def kill_one(_count: int, _path: str) -> None:
        if next(finished) == 4:
            local.workers[0].send_signal(signal.SIGKILL)

    try:
        with connected(str(local.file)) as cluster:
            local.wait(cluster._client)
            settings = Settings(raw=raw, out=tmp_path / "together", cluster=cluster)
            extract(settings, load_rules(find_rules_folder(None)), kill_one)
    finally:
        local.close()
    assert local.workers[0].returncode == -signal.SIGKILL
    assert next(finished) > 12
    assert result_bytes(tmp_path / "together") == alone


def test_slow_dying_and_swelling_tasks_leave_their_neighbours_alone(local: LocalCluster) -> None:
    with connected(local.address) as cluster:
        assert_only_bad_tasks_fail(cluster.executor(2.0, 2**32).map(PortableJobs(), BAD_AMONG_GOOD))


def test_a_task_that_brings_workers_down_costs_itself_alone(tmp_path: Path) -> None:
    local = LocalCluster(tmp_path, 1, nanny=True, environment={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"})
    tasks = ["a", "b", "kill worker", "c", "d"]
    try:
        with connected(local.address) as cluster:
            results = {f.task: f.result for f in cluster.executor(*LIMITS).map(PortableJobs(), tasks)}
    finally:
        local.close()
    assert {task: results[task] for task in "abcd"} == {"a": b"a", "b": b"b", "c": b"c", "d": b"d"}
    assert isinstance(results["kill worker"], Failure)
    assert "every worker" in results["kill worker"].reason


def test_a_worker_that_is_told_to_end_hands_its_tasks_on(tmp_path: Path) -> None:
    local = LocalCluster(tmp_path, 2)
    tasks = [f"sleep 0.3{number}" for number in range(16)]
    results: dict[str, bytes | Failure] = {}
    try:
        with connected(local.address) as cluster:
            local.wait(cluster._client)
            for finished in cluster.executor(*LIMITS).map(PortableJobs(), tasks):
                if len(results) == 4:  # as a batch system does it: its child processes are told too
                    os.killpg(local.workers[0].pid, signal.SIGTERM)
                results[finished.task] = finished.result
    finally:
        local.close()
    assert results == {task: task.encode() for task in tasks}


def test_a_cluster_that_is_lost_ends_the_run_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_LOST_SECONDS", 1.0)
    monkeypatch.setattr(cluster_module, "_LOOK_SECONDS", 0.2)
    local = LocalCluster(tmp_path, 1)
    scheduler, worker = local.processes
    tasks = [f"sleep 0.3{number}" for number in range(20)]
    try:
        with connected(local.address) as cluster:
            results = cluster.executor(*LIMITS).map(PortableJobs(), tasks)
            next(results)
            worker.kill()
            with pytest.raises(RunError, match="no workers for 1 seconds; finished articles are kept"):
                list(results)
            monkeypatch.setattr(cluster_module, "_LOST_SECONDS", 60.0)
            threading.Timer(1.0, scheduler.kill).start()
            with pytest.raises(RunError, match="connection to its scheduler was lost"):
                list(cluster.executor(*LIMITS).map(PortableJobs(), tasks))
    finally:
        local.close()


def test_tasks_are_read_only_a_little_ahead(local: LocalCluster) -> None:
    read = []

    def tasks() -> Iterator[str]:
        for i in range(500):
            read.append(i)
            yield f"task {i}"

    with connected(local.address) as cluster:
        results = cluster.executor(*LIMITS).map(PortableJobs(), tasks())
        for _ in range(20):
            next(results)
        assert len(read) < 100
        results.close()


def test_other_programs_are_refused(local: LocalCluster) -> None:
    mine = program()
    others = {
        "runs version": msgspec.structs.replace(mine, version="9.9"),
        "runs Python": msgspec.structs.replace(mine, python="2.7"),
        "has msgspec": msgspec.structs.replace(mine, libraries={**mine.libraries, "msgspec": "0"}),
        "has distributed": msgspec.structs.replace(mine, libraries={**mine.libraries, "distributed": "0"}),
        "other program or model files": msgspec.structs.replace(mine, engine="0"),
    }
    with connected(local.address) as cluster:
        for reason, other in others.items():
            assert reason in (difference(mine, other) or "")
            strange = DaskCluster(cluster._client, local.address, other)
            with pytest.raises(RunError, match="same release"):
                strange.check()
            # A worker that comes later is asked with its first task.
            with pytest.raises(RunError, match="the worker at tcp"):
                list(strange.executor(*LIMITS).map(PortableJobs(), ["a"]))


def test_a_cluster_that_cannot_be_used_is_told_in_one_line(
    local: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(cluster_module, "_WORKER_SECONDS", 0.5)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    lonely = LocalCluster(tmp_path, 0)
    with pytest.raises(RunError, match="no workers"), connected(lonely.address):
        pass
    lonely.close()
    for address, error, reason in (
        (lonely.address, RunError, "no scheduler answers"),
        ("127.0.0.1", UsageError, "port"),
        ("post://127.0.0.1:1", UsageError, "scheme"),
        ("tls://127.0.0.1:8786", UsageError, "TLS"),
        (str(broken), UsageError, "truncated"),
        (_worker_of(local), UsageError, "is a worker"),
    ):
        with pytest.raises(error, match=reason) as caught, connected(address):
            pass
        assert "\n" not in str(caught.value)


def _worker_of(local: LocalCluster) -> str:
    with connected(local.address) as cluster:
        local.wait(cluster._client)
        return str(min(cluster._client.nthreads()))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes the certificate, is not installed")
def test_certificates_are_those_of_dasks_own_configuration(tmp_path: Path) -> None:
    import dask

    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=claims"],
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    who = {
        f"{part}.{what}": file
        for part in ("scheduler", "worker", "client")
        for what, file in (("cert", certificate), ("key", key))
    }
    settings = {f"distributed.comm.tls.{name}": file for name, file in {"ca-file": certificate, **who}.items()}
    environment = {f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": file for name, file in settings.items()}
    local = LocalCluster(tmp_path, 1, protocol="tls", environment=environment)
    try:
        assert local.address.startswith("tls://")
        with dask.config.set(settings), connected(local.address) as cluster:
            assert [f.result for f in cluster.executor(*LIMITS).map(PortableJobs(), ["a"])] == [b"a"]
        with pytest.raises(UsageError, match="TLS"), connected(local.address):
            pass
    finally:
        local.close()


def test_dask_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"claims-pipeline\[cluster\]"), connected("tcp://127.0.0.1:8786"):
        pass


@pytest.mark.parametrize("options", [("--cluster", "tcp://127.0.0.1:1", "--workers", "2"), ("--cluster", " ")])
def test_wrong_use_is_told_at_once(options: tuple[str, ...], raw: Path, tmp_path: Path) -> None:
    done = claims("extract", raw, "-o", tmp_path / "out", *options)
    assert done.returncode == 2
    assert "--cluster" in done.stderr


def test_an_interrupt_takes_back_what_is_not_done(local: LocalCluster, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(3000):  # far more than any machine reads before it is told to stop
        (raw / f"{number}.html").write_text(page(f"Tea helped {number} of them.", title=f"Part {number}"))
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "extract", raw, "-o", tmp_path / "out", "--cluster", local.address],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with connected(local.address) as cluster:
        wait_until(lambda: _tasks(cluster._client) > 1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert said.splitlines() == [
            "claims: interrupted; finished articles are kept, run the same command again to go on"
        ]
        wait_until(lambda: _tasks(cluster._client) == 0)


def _tasks(client: Any) -> int:
    """How many tasks the scheduler knows."""
    return int(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))
