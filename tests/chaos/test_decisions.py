"""Reviewers' decisions outlive whoever writes them."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from pipeline.decisions.log import append_decision, read_decisions
from tests.unit.decisions.support import decision

_WRITER = """
import sys
from pathlib import Path
from pipeline.decisions.log import append_decision
from tests.unit.decisions.support import decision
number = 0
while True:
    name = f"{sys.argv[2]}-{number}"
    append_decision(Path(sys.argv[1]), decision("comment", reason=name + " " + "x" * 3000))
    print(name, flush=True)
    number += 1
"""


def test_what_was_acknowledged_before_a_kill_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    chance = random.Random(11)
    told: list[str] = []
    for round_ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(round_)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        told.append(child.stdout.readline().strip())
        time.sleep(chance.random() / 20)
        child.kill()
        told += child.stdout.read().split()
        child.wait()
        child.stdout.close()
    found = read_decisions(path)
    kept = [one.reason.split()[0] for _, one in found.entries]
    assert set(told) <= set(kept)
    assert len(kept) - len(told) <= 6  # those that were written and not yet told
    assert len(found.problems) <= 6
    assert append_decision(path, decision("dismiss")).entries[-1][1].verdict == "dismiss"
