"""Nothing leaves the machine, and nothing that is read is run."""

from __future__ import annotations

import ast
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.language.weights import Weights, load_weights
from tests.support import ROOT, page

_GUARD = """
import os, sys
TOLD = os.environ["GUARD_FILE"]
NAMES = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto", "socket.sendmsg",
         "socket.bind", "urllib.Request", "ftplib.connect", "smtplib.connect", "http.client.connect", "webbrowser.open", "os.system")
def guard(event, arguments):
    if event == "socket.bind" and arguments[1][:2] == ("::1", 0):
        return  # urllib3 looks whether this machine knows IPv6
    if event in NAMES:
        with open(TOLD, "a") as file:
            file.write(f"{event} {arguments[-1]!r} {sys.argv}\\n")
        raise OSError(f"the test allows no {event}")
sys.addaudithook(guard)
"""
"""Python tells of every connection and every name that is looked up before it happens (PEP 578); no code of Python can undo a hook."""
_PHONING = ("huggingface_hub", "sentry_sdk", "posthog", "opentelemetry", "wandb", "analytics", "mixpanel")
"""Libraries that tell their makers how they are used."""
_COMMANDS = """
import json, shutil, sys
from pathlib import Path
from pipeline.cli.app import run
raw, one, two = sys.argv[1:]
codes = {}
def do(*arguments):
    codes[" ".join(arguments[:1])] = run(list(arguments))
do("extract", raw, "-o", one, "--workers", "1")
shutil.copytree(one, two)
claim = json.loads((Path(one) / "claims.jsonl").read_text().splitlines()[0])["claim_id"]
do("reconcile", one)
do("report", one)
do("show", one)
do("explain", claim, one)
do("diff", one, two)
do("export", one, "--format", "csv", "-o", one + "/table.csv")
do("parse", "Of 40 nurses, 12 slept.")
do("runs", "list", one)
do("decisions", one)
do("formats")
do("rules", "check")
print(json.dumps([codes, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which every process of Python refuses the network, and tells of each attempt; there must be none."""
    folder = tmp_path / "guard"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_GUARD, "utf-8")
    told = folder / "told"
    yield {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "GUARD_FILE": str(told)}
    assert not told.exists(), told.read_text()


def test_the_guard_sees_what_it_is_there_for(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_GUARD, "utf-8")
    told = tmp_path / "told"
    for code in (
        "import socket; socket.create_connection(('192.0.2.1', 9), 1)",
        "import socket; socket.getaddrinfo('a.example', 80)",
    ):
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(tmp_path), "GUARD_FILE": str(told)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "the test allows no" in done.stderr
    assert len(told.read_text().splitlines()) == 2


def test_no_command_but_those_that_fetch_uses_the_network(tmp_path: Path, guarded: dict[str, str]) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    links = '<link rel="canonical" href="https://a.example/x"><script src="https://a.example/s.js"></script><img src="//a.example/p.png">'
    entity = '<!DOCTYPE html [<!ENTITY x SYSTEM "http://a.example/x"><!ENTITY % y SYSTEM "file:///etc/passwd"> %y;]>'
    body = "In a trial, 48% of the 40 tea drinkers and 11% of the 40 water drinkers slept through the night. &x;"
    (raw / "a.html").write_text(entity + page(body).replace("</head>", f"{links}</head>"), "utf-8")
    (raw / "b.txt").write_text(f"{body}\n\nMore at https://a.example/more.", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _COMMANDS, str(raw), str(tmp_path / "one"), str(tmp_path / "two")],
        cwd=ROOT, env=guarded, capture_output=True, text=True, check=False, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    codes, modules = json.loads(done.stderr.splitlines()[-1])
    assert {name: code for name, code in codes.items() if code not in (0, 1)} == {}, done.stderr
    assert [name for name in _PHONING if name in modules] == []
    assert "root:" not in (tmp_path / "one" / "articles.jsonl").read_text("utf-8")


def test_no_library_counts_who_uses_it(tmp_path: Path) -> None:
    """The runtime of the language model would, in code that no hook of Python sees: it keeps its own id of the machine in a file first."""
    home = tmp_path / "home"
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    command = [sys.executable, "-m", "pipeline.cli", "parse", "Of 40 nurses, 12 slept."]
    caches = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data")}
    done = subprocess.run(
        command, cwd=ROOT, env={**env, **caches}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert [file for file in home.rglob("*") if "claims" not in file.relative_to(home).parts and file.is_file()] == []


_ALLOWED = {
    "pipeline/decisions/who.py": "asks git for the user's name, with fixed words",
    "pipeline/run/cluster.py": "the machines of a cluster run what they are sent; docs/security.md",
    "pipeline/run/cluster_worker.py": "likewise",
}


def test_nothing_that_is_read_can_run_code() -> None:
    """Of the ways that Python has to turn data into code or objects, the program uses none."""
    wrong = []
    for file in sorted((ROOT / "pipeline").rglob("*.py")):
        if "train" in file.relative_to(ROOT).parts or file.relative_to(ROOT).as_posix() in _ALLOWED:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            told = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = (
                    node.module if isinstance(node, ast.ImportFrom) else ",".join(alias.name for alias in node.names)
                )
                if re.search(r"\b(pickle|marshal|shelve|dill|joblib|cloudpickle)\b", module or ""):
                    wrong.append(f"{told} imports {module}")
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if called in ("eval", "exec", "os.system", "os.popen", "__import__") or called.startswith("subprocess."):
                wrong.append(f"{told} calls {called}")
            if (
                called in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load")
                and options.get("Loader") != "yaml.BaseLoader"
            ):
                wrong.append(f"{told} reads YAML into objects")
            if called == "np.load" and options.get("allow_pickle") != "False":
                wrong.append(f"{told} reads arrays that may be pickled")
    assert wrong == []


def test_every_table_of_comma_separated_values_makes_formulas_inert() -> None:
    users = [
        file
        for file in (ROOT / "pipeline").rglob("*.py")
        if re.search(r"^import csv$", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(users) >= 3
    assert all("defused(" in file.read_text("utf-8") for file in users)


def test_all_that_is_installed_is_pinned_by_version_and_hash() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text("utf-8").strip())
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._\[\],-]+==[0-9][^\s;]*( ;[^\\\n]*)? \\\n", entry), entry[:100]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:100]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--require-hashes --requirement requirements.lock" in makefile
    assert "--no-deps --no-build-isolation --editable" in makefile


def _field(number: int, value: bytes | int) -> bytes:
    """A field as protocol buffers write it."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def _model(location: str) -> bytes:
    """A model of one step whose weights are said to lie in another file."""
    shape = _field(2, _field(1, _field(1, 1)))
    out = _field(1, b"y") + _field(2, _field(1, _field(1, 1) + shape))
    entries = [("location", location), ("offset", "0"), ("length", "4")]
    external = b"".join(_field(13, _field(1, key.encode()) + _field(2, value.encode())) for key, value in entries)
    weight = _field(1, 1) + _field(2, 1) + _field(8, b"w") + external + _field(14, 1)
    step = _field(1, b"w") + _field(2, b"y") + _field(4, b"Identity")
    graph = _field(1, step) + _field(2, b"g") + _field(5, weight) + _field(12, out)
    return _field(1, 8) + _field(8, _field(1, b"") + _field(2, 13)) + _field(7, graph)


@pytest.mark.parametrize("location", ["beside.bin", "../beside.bin", "{folder}/beside.bin"])
def test_weights_name_no_other_files(tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "beside.bin").write_bytes(struct.pack("<f", 1.5))
    (folder / "encoder.onnx").write_bytes(_model(location.format(folder=folder)))
    monkeypatch.chdir(folder)
    with pytest.raises(ModelError, match=r"encoder\.onnx cannot be loaded"):
        _ = Weights(folder, load_weights().config, "").session
