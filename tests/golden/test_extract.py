"""A small raw folder to exact results, and the ways a run is repeated."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support import RECORD_FILES, claims, page, records, result_bytes

SENTENCE = "After 12 weeks, 62 percent of the tea group slept well compared with 38 percent of the water group."


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    (folder / "a.html").write_text(page(SENTENCE), "utf-8")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.txt").write_text(f"Tea at night\n\nA trial of 80 gardeners was short. {SENTENCE}\n", "utf-8")
    rows = [{"id": f"row{i}", "text": f"In village {i}, {20 + i}% of gardeners slept well."} for i in range(5)]
    (folder / "c.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def out(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "extracted"
    done = claims("extract", raw, "-o", folder)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("c.jsonl") == 1
    assert "Traceback" not in done.stderr
    return folder


def test_articles_have_their_documented_ids(out: Path) -> None:
    articles = records(out, "articles")
    assert [a["article_id"] for a in articles] == ["a.html", "row0", "row1", "row2", "row3", "row4", "sub/b.txt"]
    assert articles[1]["input_id"] == "row0"
    assert articles[1]["path"] == "c.jsonl#row0"


def test_every_offset_points_at_its_words(out: Path) -> None:
    texts = {a["article_id"]: a["text"] for a in records(out, "articles")}
    for claim in records(out, "claims"):
        text = texts[claim["article_id"]]
        assert text[claim["start"] : claim["end"]] == claim["quote"]
        for value in claim["values"]:
            assert text[value["start"] : value["end"]] == value["text"]
            assert claim["start"] <= value["start"] < value["end"] <= claim["end"]
    for quantity in records(out, "quantities"):
        assert texts[quantity["article_id"]][quantity["start"] : quantity["end"]] == quantity["text"]


def test_the_comparison_is_found_in_page_and_text(out: Path) -> None:
    found = [c for c in records(out, "claims") if c["quote"] == SENTENCE]
    assert [c["article_id"] for c in found] == ["a.html", "sub/b.txt"]
    for claim in found:
        assert [(v["value"], v["unit"]) for v in claim["values"]] == [(62.0, "percent"), (38.0, "percent")]
        assert claim["measure"] == "proportion"
        assert claim["timepoint"]["days"] == 84.0
    assert found[0]["values_hash"] == found[1]["values_hash"]
    assert found[0]["claim_id"] != found[1]["claim_id"]


def test_quantities_name_the_claims_that_use_them(out: Path) -> None:
    claim = next(c for c in records(out, "claims") if c["quote"] == SENTENCE)
    used = [q for q in records(out, "quantities") if claim["claim_id"] in q["claim_ids"]]
    assert [(q["start"], q["end"]) for q in used] == [(v["start"], v["end"]) for v in claim["values"]]


def test_the_broken_line_is_one_error(out: Path) -> None:
    [error] = records(out, "errors")
    assert error["path"] == "c.jsonl#line-6"
    assert error["reason"]


def test_a_second_run_reads_nothing_and_changes_nothing(raw: Path, out: Path) -> None:
    before = result_bytes(out)
    done = claims("extract", raw, "-o", out)
    assert "7 unchanged" in done.stdout
    assert result_bytes(out) == before


def test_workers_and_order_leave_every_byte_alike(raw: Path, out: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "raw"
    shutil.copytree(raw, moved)
    for workers in ("0", "1", "2", "5"):
        claims("extract", moved, "-o", tmp_path / workers, "--workers", workers)
        assert result_bytes(tmp_path / workers) == result_bytes(out)


def test_a_changed_figure_keeps_the_claim_id(raw: Path, out: Path, tmp_path: Path) -> None:
    changed = tmp_path / "raw"
    shutil.copytree(raw, changed)
    text = (changed / "a.html").read_text("utf-8").replace("62 percent", "71 percent")
    (changed / "a.html").write_text(
        text.replace("<p>After", "<p>New words stand first. Two beds were dug.</p><p>After"), "utf-8"
    )
    claims("extract", changed, "-o", tmp_path / "out")
    old = next(c for c in records(out, "claims") if c["quote"] == SENTENCE)
    new = next(c for c in records(tmp_path / "out", "claims") if c["quote"] == SENTENCE.replace("62", "71"))
    assert new["claim_id"] == old["claim_id"]
    assert new["values_hash"] != old["values_hash"]


def test_since_carries_the_id_over_a_rename(raw: Path, out: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "raw"
    shutil.copytree(raw, renamed)
    (renamed / "a.html").rename(renamed / "z.html")
    claims("extract", renamed, "-o", tmp_path / "out", "--since", out)
    article = next(a for a in records(tmp_path / "out", "articles") if a["path"] == "z.html")
    assert article["article_id"] == "a.html"
    assert [c["claim_id"] for c in records(tmp_path / "out", "claims")] == [
        c["claim_id"] for c in records(out, "claims")
    ]


def test_run_json_says_what_made_the_results(out: Path) -> None:
    run = json.loads((out / "run.json").read_text("utf-8"))
    assert run["counts"]["articles"] == 7
    assert len(run["rules"]) == 64
    assert set(run["seconds"]) == {"discover", "articles", "write"}


def test_articles_in_other_languages_are_told(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "de.txt").write_text(
        "In einer Untersuchung mit 96 Gärtnerinnen schliefen nach sechs Monaten 48,2 Prozent der Frauen mit Brennnesseltee besser, "
        "verglichen mit 10,7 Prozent der Frauen ohne Tee. "
        "Die Forscherinnen halten die Wirkung für möglich und planen weitere Untersuchungen.",
        "utf-8",
    )
    done = claims("extract", tmp_path / "raw", "-o", tmp_path / "out")
    assert "claims: not in English: de 1;" in done.stderr
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["counts"]["language de"] == 1


def test_records_hold_no_path_of_this_machine(raw: Path, out: Path) -> None:
    for name in RECORD_FILES:
        assert str(raw.parent) not in (out / name).read_text("utf-8")
