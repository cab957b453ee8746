"""Whole pages of our own in the layouts of common publishing systems."""

from __future__ import annotations

from tests.unit.clean.test_html import read

LINES = (
    "The slope was dug over in 2011 and planted with 48 rows of tea by a group of neighbours.",
    "In the 4th week the rows nearest to the wall were watered twice, the others once a day.",
    "Of 52 plants counted in July, about half had flowered, which nobody had thought likely.",
    "A soil test found 6 mg of zinc in each pot, a little over what the book recommends.",
    "The gardeners met again after 7 months and agreed that the wall had helped most of all.",
)


def p(number: int) -> str:
    return f"<p>{LINES[number]}</p>"


def lines(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(html).blocks]


def paragraphs(*numbers: int) -> list[tuple[str, str]]:
    return [("paragraph", LINES[number]) for number in numbers]


def test_wiki() -> None:
    html = f"""<html lang=en><head><title>Slope tea - Pedia</title></head><body>
    <div id=navigation><ul><li><a href=/>Main page</a></ul></div><div id="content" class="mw-body"><h1>Slope tea</h1>
    <div class="mw-parser-output"><table class="infobox"><tr><th>Genus</th><td>Camellia</td></tr><tr><th>Rows</th><td>48</td></tr></table>
    {p(0)}<p>It grew.<sup id="cite_ref-1" class="reference"><a href="#cite_note-1">[1]</a></sup><sup class="reference"><a
    href="#cite_note-2">[2]</a></sup> More of it grew later, when the rains came in the autumn of that year.</p>
    <div id="toc" class="toc"><h2>Contents</h2><ul><li><a href="#H">1 History</a></li><li><a href="#U">2 Use</a></li></ul></div>
    <h2><span id="H">History</span><span class="mw-editsection">[<a href="/e">edit</a>]</span></h2>{p(2)}
    <div class="thumb"><div class="thumbinner"><img src=a><div class="thumbcaption">A row in bloom</div></div></div>{p(4)}
    <table class="wikitable"><caption>Yield</caption><tr><th>Year</th><th>kg</th></tr><tr><td>2010</td><td>48</td></tr></table>
    <h2>References</h2><div class="reflist"><ol class="references"><li id="cite_note-1"><span class="mw-cite-backlink"><a
    href="#cite_ref-1">^</a></span> <span>Ames T. (2011). "Tea". <i>Slope</i>.</span></li><li id="cite_note-2">Boll K. (2012).
    doi:10.1000/xyz</li></ol></div><h2>External links</h2><ul><li><a href="http://a.example">Tea home</a></li></ul>
    <div class="navbox"><a href=/x>Teas</a> <a href=/y>Slopes</a></div></div></div>
    <div id=footer><ul><li>This page was last edited on 3 May 2020.</li></ul></div></body></html>"""
    assert lines(html) == [
        ("table_row", "Genus | Camellia"),
        ("table_row", "Rows | 48"),
        *paragraphs(0),
        ("paragraph", "It grew.[1][2] More of it grew later, when the rains came in the autumn of that year."),
        ("heading", "History"),
        *paragraphs(2, 4),
        ("caption", "Yield"),
        ("table_row", "Year | kg"),
        ("table_row", "2010 | 48"),
        ("reference", '1. Ames T. (2011). "Tea". Slope.'),
        ("reference", "2. Boll K. (2012). doi:10.1000/xyz"),
    ]


def test_journal_paper() -> None:
    html = f"""<html><head><meta name="citation_title" content="Tea on slopes"><meta name="citation_author" content="Ames T">
    <meta name="citation_author" content="Boll K"><meta name="citation_publication_date" content="2014/03/04"></head><body>
    <div class="article"><h1>Tea on slopes</h1><div id="abstract" class="sec"><h2>Abstract</h2><div class="sec"><h3>Background</h3>{p(0)}
    </div><div class="sec"><h3>Findings</h3>{p(1)}</div></div><div class="sec"><h2>Methods</h2><p>{LINES[2][:-1]} (<a href="#B1">1</a>,<a
    href="#B2">2</a>). {LINES[3]} [<a href="#B3">3</a>]</p><div class="fig"><img><div class="caption"><strong>Figure 1.</strong>
    Yield by row, mean ± SD.</div></div></div><div class="sec"><h2>Results</h2>{p(4)}<div class="table-wrap"><h3>Table 1</h3><div
    class="caption"><p>Rows and yield.</p></div><table><tr><th>Group</th><th>n</th><th>Yield, g</th></tr><tr><td>Wet</td><td>24</td>
    <td>48.2 (3.1)<sup>a</sup></td></tr></table></div><p>{LINES[0]} That makes 10<sup>6</sup> seeds.</p></div>
    <div id="reference-list"><h2>References</h2><div id="B1">1. <span>Ames T. On tea. Slope J. 2010;3:1–9.</span></div>
    <div id="B2">2. Boll K. On frost. Slope J. 2012;5:11–19.</div></div></div></body></html>"""
    assert lines(html) == [
        ("heading", "Abstract"),
        ("heading", "Background"),
        *paragraphs(0),
        ("heading", "Findings"),
        *paragraphs(1),
        ("heading", "Methods"),
        ("paragraph", f"{LINES[2][:-1]} (1,2). {LINES[3]} [3]"),
        ("caption", "Figure 1. Yield by row, mean ± SD."),
        ("heading", "Results"),
        *paragraphs(4),
        ("heading", "Table 1"),
        ("caption", "Rows and yield."),
        ("table_row", "Group | n | Yield, g"),
        ("table_row", "Wet | 24 | 48.2 (3.1)[a]"),
        ("paragraph", f"{LINES[0]} That makes 10⁶ seeds."),
        ("reference", "1. Ames T. On tea. Slope J. 2010;3:1–9."),
        ("reference", "2. Boll K. On frost. Slope J. 2012;5:11–19."),
    ]
    meta = read(html).meta
    assert (meta.title, meta.author, meta.published) == ("Tea on slopes", "Ames T, Boll K", "2014-03-04")


def test_page_builder_whose_text_stands_in_widgets() -> None:
    def widget(inner: str, number: int) -> str:
        return (
            f'<div class="elementor-element elementor-element-{number:06x} elementor-widget elementor-widget-text-editor">'
            f'<div class="elementor-widget-container">{inner}</div></div>'
        )

    middle = "".join(widget(p(number), number) for number in range(5))
    fees = widget("<ul><li>It costs $400 to $800</li><li>It takes 6 visits</li></ul>", 9)
    call = widget("<h2>Call us today</h2><p>Call 555-0199 to book your visit.</p>", 10)
    html = f"<html><body><div class='elementor'>{widget('<h2>Does it help?</h2>', 8)}{middle}{fees}{call}</div></body></html>"
    assert lines(html) == [
        ("heading", "Does it help?"),
        *paragraphs(0, 1, 2, 3, 4),
        ("list_item", "It costs $400 to $800"),
        ("list_item", "It takes 6 visits"),
    ]


def test_sections_that_are_all_named_like_furniture() -> None:
    sections = "".join(f'<section class="ad-slot share-on"><h2>Part {n}</h2>{p(n)}</section>' for n in range(5))
    found = lines(f"<html><body><main><h1>Tea</h1>{sections}</main></body></html>")
    assert [text for kind, text in found if kind == "paragraph"] == list(LINES)
    assert [text for kind, text in found if kind == "heading"] == [f"Part {n}" for n in range(5)]


def test_questions_that_fold_out() -> None:
    details = "".join(f"<details><summary>What of row {n}?</summary><div>{p(n)}</div></details>" for n in (1, 2, 3))
    button = f"<div class=item><button>What of the rain?</button><div class=panel>{p(4)}</div></div>"
    found = lines(f"<html><body><article><h1>Tea</h1>{p(0)}{details}{button}</article></body></html>")
    assert [text for _, text in found] == [
        LINES[0], "What of row 1?", LINES[1], "What of row 2?", LINES[2], "What of row 3?", LINES[3],
        "What of the rain?", LINES[4],
    ]  # fmt: skip


def test_health_page() -> None:
    html = f"""<html><body><div id=page><div class=content><h1>Tea for sleep</h1><div class=meta>Written by T. Ames</div>{p(0)}
    <div class='callout'><h3>Key points</h3><ul><li>48% slept better</li><li>Few had side effects</li></ul></div>{p(1)}
    <blockquote><p>“It helped 3 of 4 of us,” says one.</p></blockquote>{p(2)}<h2>Share on Picturebook</h2>{p(3)}
    <table><tr><td>Tea</td><td>48%</td></tr></table><h2>The bottom line</h2>{p(4)}<h2>How this was written</h2>
    <ul><li>Ames T. (2011). On tea.<br> slope.example/1</li><li>Boll K, et al. (2012). On frost.</li></ul><h2>Read this next</h2>
    <div><a href=/1><h3>5 teas</h3><p>These teas may help you to fall asleep in 10 minutes, experts say.</p></a></div>
    </div></div></body></html>"""
    assert lines(html) == [
        *paragraphs(0),
        ("heading", "Key points"),
        ("list_item", "48% slept better"),
        ("list_item", "Few had side effects"),
        *paragraphs(1),
        ("quote", "“It helped 3 of 4 of us,” says one."),
        *paragraphs(2, 3),
        ("table_row", "Tea | 48%"),
        ("heading", "The bottom line"),
        *paragraphs(4),
        ("reference", "Ames T. (2011). On tea. slope.example/1"),
        ("reference", "Boll K, et al. (2012). On frost."),
    ]


def test_old_page_of_tables_and_breaks() -> None:
    text = "<br><br>".join(LINES)
    html = f"<html><body><table width=100%><tr><td><a href=/>Home</a></td><td><font>{text}</font></td></tr></table></body></html>"
    assert lines(html) == paragraphs(0, 1, 2, 3, 4)


def test_line_of_a_date_before_the_text() -> None:
    html = (
        f"<html><body><div class=post><p>4 March 2021, 20:13</p>{p(0)}<p>Planted in 2011.</p>{p(1)}</div></body></html>"
    )
    assert lines(html) == [*paragraphs(0), ("paragraph", "Planted in 2011."), *paragraphs(1)]


def test_a_list_of_facts_is_a_table() -> None:
    facts = "<dl><dt>Gardens</dt><dd>96</dd><dt>Age</dt><dd>18 to 60 years</dd><dt>Begun</dt><dd>2017-02-06</dd></dl>"
    html = f"<html><body><div><h1>Tea for sleep</h1>{facts}<h2>Summary</h2>{p(0)}{p(1)}</div></body></html>"
    assert lines(html) == [
        ("table_row", "Gardens | 96"),
        ("table_row", "Age | 18 to 60 years"),
        ("table_row", "Begun | 2017-02-06"),
        ("heading", "Summary"),
        *paragraphs(0, 1),
    ]


def test_the_empty_first_cell_of_a_header_keeps_its_place() -> None:
    table = "<table><tr><th></th><th>Tea</th><th>Milk</th></tr><tr><td>Slept, %</td><td>48</td><td></td></tr></table>"
    html = f"<html><body><div><h1>Tea for sleep</h1>{p(0)}{table}{p(1)}</div></body></html>"
    assert [text for kind, text in lines(html) if kind == "table_row"] == [" | Tea | Milk", "Slept, % | 48"]


def test_the_name_of_a_section_over_the_headline_goes() -> None:
    html = f"<html><body><article><p class='x'>Health</p><h1>Tea for sleep</h1>{p(0)}{p(1)}</article></body></html>"
    assert lines(html) == paragraphs(0, 1)
