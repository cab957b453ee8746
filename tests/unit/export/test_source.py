"""Results as they are read for an export."""

from pathlib import Path

import pytest

from pipeline.errors import RunError, UsageError
from pipeline.export.source import read_entries
from pipeline.export.target import whole_file
from pipeline.model import encode
from tests.unit.export.support import article, two_articles, write_results


def test_articles_come_with_their_claims(results: Path) -> None:
    entries = list(read_entries(results))
    assert [(entry.article.article_id, len(entry.claims)) for entry in entries] == [("a", 4), ("b", 0)]


def test_one_article_is_read_at_a_time(tmp_path: Path) -> None:
    articles, claims = two_articles()
    folder = write_results(tmp_path / "results", [*articles, article("z", "Last.")], claims)
    with (folder / "articles.jsonl").open("ab") as file:
        file.write(b"no record\n")
    entries = read_entries(folder)
    assert [next(entries).article.article_id for _ in range(3)] == ["a", "b", "z"]
    with pytest.raises(UsageError, match=r"articles\.jsonl:4: is no record"):
        next(entries)


@pytest.mark.parametrize("name", ["articles.jsonl", "claims.jsonl"])
def test_a_missing_file_is_told_at_once(results: Path, name: str) -> None:
    (results / name).unlink()
    with pytest.raises(UsageError, match=rf"{name}: No such file or directory; give the results folder"):
        read_entries(results)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"claim_id": "c1", ', r"claims\.jsonl:3: is no record"),
        (b"\xff\xfe", r"claims\.jsonl:3: is no record"),
        (b'{"x":' * 100_000, r"claims\.jsonl:3: is no record"),
        (b'{"claim_id": "\\ud800"}', r"claims\.jsonl:3: "),
        (b'{"claim_id": "c1"}', r"claims\.jsonl:3: .*missing required field"),
    ],
)
def test_a_damaged_line_is_named(results: Path, line: bytes, message: str) -> None:
    path = results / "claims.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], b"", line, *lines[1:]]))
    with pytest.raises(UsageError, match=message) as caught:
        list(read_entries(results))
    assert "\n" not in str(caught.value)


def test_claims_of_another_run_are_refused(tmp_path: Path) -> None:
    articles, claims = two_articles()
    other = write_results(tmp_path / "moved", [article("a", "x" + articles[0].text)], claims)
    with pytest.raises(UsageError, match=r"claims\.jsonl:1: its words do not stand at"):
        list(read_entries(other))
    lost = write_results(tmp_path / "lost", articles[1:], claims)
    with pytest.raises(UsageError, match=r"claims\.jsonl:1: its article is not in articles\.jsonl"):
        list(read_entries(lost))


def test_offsets_before_the_text_are_refused(results: Path) -> None:
    _, claims = two_articles()
    line = encode(claims[2]).replace(f'"start":{claims[2].start}'.encode(), b'"start":-9')
    (results / "claims.jsonl").write_bytes(line)
    with pytest.raises(UsageError, match="do not stand"):
        list(read_entries(results))


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with whole_file(path, replace=False) as file:
        file.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"

    def half() -> None:
        with whole_file(path, replace=True) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert path.read_bytes() == b"all"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"mine")
    with (
        pytest.raises(UsageError, match="exists already; give another name, or --force"),
        whole_file(path, replace=False),
    ):
        pass
    with pytest.raises(UsageError, match="is what the export reads"), whole_file(path, replace=True, sources=(path,)):
        pass
    with pytest.raises(UsageError, match="is a folder"), whole_file(tmp_path, replace=True):
        pass
    with pytest.raises(UsageError, match="folder does not exist"), whole_file(tmp_path / "no" / "x", replace=False):
        pass
    assert path.read_bytes() == b"mine"
    with whole_file(path, replace=True) as file:
        file.write(b"yours")
    assert path.read_bytes() == b"yours"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    with whole_file(link, replace=False) as file:
        file.write(b"data")
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"data"


def test_a_device_is_written_to_and_a_full_disk_told() -> None:
    with whole_file(Path("/dev/null"), replace=False) as file:
        file.write(b"gone")
    assert Path("/dev/null").is_char_device()
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(RunError, match="could not be written"), whole_file(full, replace=False) as file:
        file.write(b"lost")
