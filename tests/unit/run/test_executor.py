"""One bad task costs itself alone."""

from collections.abc import Iterator

import pytest

from pipeline.run.executor import Failure, ProcessExecutor, SerialExecutor
from tests.unit.run.jobs import BAD_AMONG_GOOD, Jobs, assert_only_bad_tasks_fail


def test_results_come_with_their_tasks() -> None:
    tasks = [f"task {i}" for i in range(20)]
    finished = list(ProcessExecutor(2, seconds=30, memory_bytes=2**32).map(Jobs(), tasks))
    assert sorted(f.task for f in finished) == sorted(tasks)
    assert all(f.result == f.task.encode() for f in finished)


def test_slow_dying_and_swelling_tasks_leave_their_neighbours_alone() -> None:
    assert_only_bad_tasks_fail(ProcessExecutor(1, seconds=2, memory_bytes=2**32).map(Jobs(), BAD_AMONG_GOOD))


@pytest.mark.parametrize("workers", [1, 2])
def test_every_way_to_fail_leaves_the_neighbours_alone(workers: int) -> None:
    """Endless work in Python and in C, memory taken at once and bit by bit, and compiled code that crashes or aborts."""
    bad = {
        "work": "longer than 2 seconds",
        "work in C": "longer than 2 seconds",
        "fill": "512 MiB",
        "fill slowly": "512 MiB",
        "crash": "SIGSEGV",
        "abort": "SIGABRT",
        "overflow": "SIGSEGV",
        "die": "memory",
    }
    tasks = [name for number, each in enumerate(bad) for name in (f"good {number}", each)] + ["good last"]
    results = {f.task: f.result for f in ProcessExecutor(workers, 2, memory_bytes=2**29).map(Jobs(), tasks)}
    assert len(results) == len(tasks)
    for task, result in results.items():
        if task in bad:
            assert isinstance(result, Failure), task
            assert bad[task] in result.reason, task
        else:
            assert result == task.encode()


def test_a_task_that_only_waits_is_stopped_by_the_clock_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.run.executor._PATIENCE", 3)
    results = {f.task: f.result for f in ProcessExecutor(1, 1, memory_bytes=2**32).map(Jobs(), ["sleep 2", "sleep 60"])}
    assert results["sleep 2"] == b"sleep 2"
    assert "longer than 1 seconds" in str(results["sleep 60"])


def test_tasks_are_read_only_a_little_ahead() -> None:
    read = []

    def tasks() -> Iterator[str]:
        for i in range(100):
            read.append(i)
            yield f"task {i}"

    results = ProcessExecutor(1, seconds=30, memory_bytes=2**32).map(Jobs(), tasks())
    next(results)
    assert len(read) < 20
    results.close()


def test_serial_results_come_in_order() -> None:
    assert [f.result for f in SerialExecutor().map(Jobs(), ["x", "y"])] == [b"x", b"y"]


def test_an_error_of_the_job_itself_is_not_hidden() -> None:
    class Broken(Jobs):
        def run(self, task: str) -> bytes:
            raise ValueError(task)

    with pytest.raises(ValueError, match="x"):
        list(SerialExecutor().map(Broken(), ["x"]))
