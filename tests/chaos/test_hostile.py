"""What a malicious or unlucky surrounding does to a run: its cache, its folders, its streams, its rules, its input."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.cli.app import run
from pipeline.cli.common import printable
from pipeline.config import Limits
from pipeline.errors import ClaimsError, RulesError, RunError, UnusableInputError, UsageError
from pipeline.model import InputError, RawDocument
from pipeline.readers import base
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_syntax import TemplateError
from pipeline.run import store
from pipeline.run.cache import Cache
from pipeline.run.discover import discover
from pipeline.run.executor import ProcessExecutor
from pipeline.run.extract import Settings, Summary, extract
from pipeline.run.job import ArticleJob
from pipeline.run.outcome import ArticleResult, Page, ProblemResult
from pipeline.run.store import open_store
from tests.support import ROOT, page, records, result_bytes
from tests.unit.readers.helpers import PAGE, http, read_file, warc_record
from tests.unit.run.jobs import Jobs

SENTENCE = "In the end 48.2% of the tea group and 10.7% of the water group slept."


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    return load_rules(ROOT / "rules")


def make(tmp_path: Path, **pages: str) -> Path:
    raw = tmp_path / "raw"
    raw.mkdir(exist_ok=True)
    for name, html in pages.items():
        (raw / f"{name}.html").write_text(html, "utf-8")
    return raw


def go(tmp_path: Path, rules: Ruleset) -> Summary:
    return extract(Settings(raw=tmp_path / "raw", out=tmp_path / "out", workers=0), rules)


def change_page(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[16384:32768] = bytes(range(256)) * 64
    path.write_bytes(data)


def change_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE heads (name TEXT)")
    database.close()


def change_type(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("UPDATE heads SET value = 'text'")
    database.close()


def change_figure(path: Path) -> None:
    with sqlite3.connect(path) as database:
        for table in ("heads", "bodies"):
            for key, value in database.execute(f"SELECT key, value FROM {table}").fetchall():
                changed = value.replace(b"48.2", b"99.9")
                database.execute(f"UPDATE {table} SET value = ? WHERE key = ?", (changed, key))
    database.close()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [change_page, change_table, change_type, change_figure, make_folder])
def test_a_damaged_cache_is_begun_anew_and_never_believed(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    for _ in range(2):
        cache = Cache(tmp_path / "a.sqlite")
        cache.open()
        assert cache.get("k") is None  # at first there is nothing, then nothing to be believed
        cache.put("k", b"48.2 percent" * 2000)
        assert cache.get("k") == b"48.2 percent" * 2000
        cache.close()
        harm(tmp_path / "a.sqlite")


def test_a_figure_changed_in_the_cache_is_read_again_from_the_page(tmp_path: Path, rules: Ruleset) -> None:
    make(tmp_path, a=page(SENTENCE))
    go(tmp_path, rules)
    before = result_bytes(tmp_path / "out")
    change_figure(tmp_path / "out" / ".work" / "articles.sqlite")
    assert go(tmp_path, rules).unchanged == 0
    assert result_bytes(tmp_path / "out") == before


def test_a_full_disk_does_not_cost_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "a.sqlite")
    cache.open()
    cache.put("k", b"v")
    cache.close()
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def fail(_cache: Cache) -> sqlite3.Connection:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(Cache, "_connect", fail)
        with pytest.raises(sqlite3.OperationalError):
            cache.open()
    cache.open()
    assert cache.get("k") == b"v"
    cache.close()


@pytest.mark.parametrize("ready", ["", "{", '["../../evil", "articles.jsonl"]', "[5]"])
def test_a_list_of_staged_files_that_is_nonsense_stops_no_run(tmp_path: Path, ready: str) -> None:
    with open_store(tmp_path / "out") as found:
        found.write_json("a.json", 1)
        found.publish()
    (tmp_path / "evil").write_text("mine", "utf-8")
    (tmp_path / "out" / ".work" / "ready.json").write_text(ready, "utf-8")
    (tmp_path / "out" / ".work" / "staged").write_text("a file", "utf-8")
    with open_store(tmp_path / "out") as found:
        found.write_json("a.json", 2)
        found.publish()
    assert json.loads((tmp_path / "out" / "a.json").read_text("utf-8")) == 2
    assert (tmp_path / "evil").read_text("utf-8") == "mine"


def test_a_folder_in_the_place_of_a_result_leaves_all_results(tmp_path: Path, rules: Ruleset) -> None:
    make(tmp_path, a=page(SENTENCE))
    go(tmp_path, rules)
    before = (tmp_path / "out" / "articles.jsonl").read_bytes()
    (tmp_path / "out" / "quantities.jsonl").unlink()
    (tmp_path / "out" / "quantities.jsonl").mkdir()
    make(tmp_path, b=page("Of all plots 12% were wet."))
    with pytest.raises(RunError, match=r"quantities\.jsonl: is a folder"):
        go(tmp_path, rules)
    assert (tmp_path / "out" / "articles.jsonl").read_bytes() == before


def test_an_interrupt_while_results_are_replaced_waits_till_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "out") as found:
        found.write_json("a.json", 1)
        found.write_json("b.json", 1)
        finish = store.Store._finish

        def interrupted(self: store.Store) -> None:
            signal.raise_signal(signal.SIGINT)
            finish(self)

        monkeypatch.setattr(store.Store, "_finish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            found.publish()
    assert (tmp_path / "out" / "b.json").exists()
    assert not (tmp_path / "out" / ".work" / "ready.json").exists()


def test_results_are_neither_written_among_the_articles_nor_read_as_such(tmp_path: Path, rules: Ruleset) -> None:
    raw = make(tmp_path, a=page(SENTENCE))
    inside = Settings(raw=raw, out=raw / "out", workers=0)
    extract(inside, rules)
    assert extract(inside, rules).articles == 1
    assert [source.path for source in discover(raw)[0]] == ["a.html"]
    with pytest.raises(UsageError, match="where the articles are"):
        extract(Settings(raw=raw, out=raw, workers=0), rules)
    with pytest.raises(UsageError, match="where the articles are"):
        extract(Settings(raw=raw / "out" / "articles.jsonl", out=raw / "out"), rules)


@pytest.mark.parametrize("arguments", [["", "-o", "out"], ["raw", "-o", ""], ["raw", "-o", "out", "--since", ""]])
def test_an_empty_name_is_not_the_folder_at_hand(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["extract", *arguments]) == 2
    assert os.listdir() == []
    assert "The name is empty" in capsys.readouterr().err


def test_a_file_that_is_written_to_while_it_is_read_is_read_again(
    tmp_path: Path, rules: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = make(tmp_path, a=page(SENTENCE), b=page("Of all plots 12% were wet."))
    read = base.read_source

    def rewritten(source: base.Source, limits: Limits) -> Iterator[RawDocument | InputError]:
        path = Path(source.absolute)
        if path.name == "a.html":
            data = path.read_bytes()
            path.write_bytes(b"")
            found = list(read(source, limits))
            path.write_bytes(data)
            return iter(found)
        return read(source, limits)

    with monkeypatch.context() as patch:
        patch.setattr(base, "read_source", rewritten)
        assert [error.path for error in go(tmp_path, rules).errors] == ["a.html"]
    assert raw.exists()
    after = go(tmp_path, rules)
    assert (after.articles, after.unchanged, after.errors) == (2, 1, ())


def test_lone_surrogates_in_json_ld_cost_nothing(tmp_path: Path, rules: Ruleset) -> None:
    head = (
        '<script type="application/ld+json">{"@type": "Article", "headline": "Tea \\ud800 at night",'
        ' "author": {"name": "\\udc00A. Writer"}, "publisher": "P\\ud83d"}</script></head>'
    )
    make(tmp_path, a=page(SENTENCE).replace("</head>", head))
    assert go(tmp_path, rules).errors == ()
    (article,) = records(tmp_path / "out", "articles")
    assert article["title"] == "Tea \ufffd at night"
    assert article["author"] == "\ufffdA. Writer"


def test_a_result_that_cannot_be_written_costs_its_page_alone(
    tmp_path: Path, rules: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, a=page(SENTENCE), b=page("Of all plots 12% were wet."))
    analysed = ArticleJob._analysed

    def spoilt(self: ArticleJob, page: Page) -> ArticleResult | ProblemResult:
        result = analysed(self, page)
        if page.path == "b.html":
            return result
        return msgspec.structs.replace(result, path="\ud800")  # not to be encoded as UTF-8

    monkeypatch.setattr(ArticleJob, "_analysed", spoilt)
    summary = go(tmp_path, rules)
    assert summary.articles == 1
    assert [(error.path, "fault of the program" in error.reason) for error in summary.errors] == [("a.html", True)]


def test_a_program_that_fails_on_everything_leaves_the_earlier_results(
    tmp_path: Path, rules: Ruleset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, a=page(SENTENCE))
    go(tmp_path, rules)
    before = result_bytes(tmp_path / "out")
    make(tmp_path, a=page("Of all plots 12% were wet."))

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pipeline.clean.clean.clean", fail)
    with pytest.raises(RunError, match=r"every other input.*ZeroDivisionError"):
        go(tmp_path, rules)
    assert result_bytes(tmp_path / "out") == before


@pytest.mark.parametrize("missing", ["clean/html.yaml", "extract/lists.yaml"])
def test_rules_that_lack_what_the_program_needs_end_the_run(tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "rules"
    subprocess.run(["cp", "-r", ROOT / "rules", folder], check=True)
    (folder / missing).unlink()
    make(tmp_path, a=page(SENTENCE))
    with pytest.raises(RulesError):
        go(tmp_path, load_rules(folder))
    assert not (tmp_path / "out" / "articles.jsonl").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_rules_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert load_rules(tmp_path).problems == ("a.yaml:1: no plain file; remove it",)


@pytest.mark.parametrize(
    "error", [RulesError(["a:1: x", "b:2: y"]), TemplateError("x"), UnusableInputError("p", "r"), RunError("disk")]
)
def test_failures_come_back_from_workers_as_they_were(error: ClaimsError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


class FailingJob(Jobs):
    def start(self) -> None:
        raise RulesError(["a:1: a rule is missing"])


def test_workers_that_cannot_start_say_why(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RulesError, match="a rule is missing"):
        list(ProcessExecutor(1, 20.0, 2**33).map(FailingJob(), ["a"]))
    assert capfd.readouterr().err == ""


def test_a_memory_limit_below_ours_is_kept_to(tmp_path: Path) -> None:
    code = (
        "from tests.unit.run.jobs import Jobs; from pipeline.run.executor import ProcessExecutor\n"
        "if __name__ == '__main__': print(len(list(ProcessExecutor(1, 20.0, 2**40).map(Jobs(), ['a']))))"
    )
    (tmp_path / "go.py").write_text(code, "utf-8")
    command = f"ulimit -v 4000000; exec {sys.executable} {tmp_path / 'go.py'}"
    done = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    line = command.replace("claims", f"{sys.executable} -m pipeline.cli")
    return subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("claims formats >&-", 0, ""),
        ("claims formats <&- >&- 2>&-", 0, ""),
        ("claims show /nowhere >&- 2>&-", 2, ""),
        ("claims show /nowhere 2>/dev/full", 2, ""),
        ("claims extract 2>/dev/full", 2, ""),
        ("claims formats >/dev/full", 5, "claims: output: No space left on device\n"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
def test_streams_that_are_closed_or_full_change_no_exit_code(command: str, code: int, said: str) -> None:
    done = shell(command)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_run_without_any_stream_writes_its_results(tmp_path: Path) -> None:
    make(tmp_path, a=page(SENTENCE))
    done = shell(f"claims extract {tmp_path}/raw -o {tmp_path}/out --workers 1 <&- >&- 2>&-")
    assert done.returncode == 0
    assert len(records(tmp_path / "out", "articles")) == 1


def test_a_message_is_one_line_whatever_names_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "no\nsuch\x1b[2J\u202efolder\udcff"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(r"claims: no\nsuch\x1b[2J\u202efolder\udcff/")
    assert len(err.splitlines()) == 1
    assert printable("5\u2009mg – tea\u00a0(café)") == "5\u2009mg – tea\u00a0(café)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_the_program_starts_prints_no_traceback(number: signal.Signals) -> None:
    code = (
        "import signal, sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == 'click': signal.raise_signal({int(number)})\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from pipeline.cli.main import main\n"
        "main(['--help'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.startswith("claims: interrupted")
    assert len(done.stderr.splitlines()) == 1


def test_screens_of_blank_lines_hide_no_article(tmp_path: Path) -> None:
    blank = b"\r\n" * 40_000
    for name, data in {
        "a.html": PAGE.encode(),
        "b.jsonl": b'{"id": "x", "text": "Tea drinkers slept 7.5 hours."}\n',
        "c.warc": warc_record(http(PAGE.encode())),
    }.items():
        (tmp_path / name).write_bytes(blank + data)
        documents, errors = read_file(tmp_path / name)
        assert (name, len(documents), errors) == (name, 1, [])
    (tmp_path / "d.html").write_bytes(blank)
    assert [error.reason for error in read_file(tmp_path / "d.html")[1]] == ["is empty"]


def test_junk_in_front_of_an_archive_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"junk\r\n" + warc_record(http(PAGE.encode())))
    documents, errors = read_file(tmp_path / "a.warc")
    assert len(documents) == 1
    assert errors == [
        InputError(path="a.warc", reason="is damaged at byte 0; 6 bytes up to the next record were skipped")
    ]


def test_a_tag_with_very_many_attributes_without_values_takes_no_time(tmp_path: Path, rules: Ruleset) -> None:
    attributes = " ".join(f"a{number}" for number in range(60_000))
    make(tmp_path, a=page(SENTENCE).replace("<article>", f"<article {attributes}>"))
    start = time.monotonic()
    assert go(tmp_path, rules).articles == 1
    assert time.monotonic() - start < 20
