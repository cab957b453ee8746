"""Pages of our own: what of an HTML page becomes the article, and what stays out."""

from __future__ import annotations

import json

import pytest

from pipeline.clean.html import HtmlArticle
from pipeline.config import Limits
from pipeline.errors import RulesError, UnusableInputError
from pipeline.rules.ruleset import Ruleset
from tests.unit.clean.support import page_reader, rules

FIRST = "The tea garden behind the mill was planted in the spring of a wet year, and the gardener counted every stem."
SECOND = "By the end of the summer half of the stems had flowered, which was more than anyone in the village expected."
THIRD = "The owner now wants to plant the slope above it as well, if the wall that holds it can be repaired in time."


def read(html: str, url: str | None = None) -> HtmlArticle:
    return page_reader(rules()).article(html, url=url, limits=Limits())


def texts(html: str) -> list[str]:
    return [block.text for block in read(html).blocks]


def page(middle: str, before: str = "", after: str = "") -> str:
    """A page of three paragraphs with ``middle`` after the first one, and what stands around the article."""
    return (
        f"<html><head><title>Tea on the slope</title></head><body>{before}<main><article><h1>Tea on the slope</h1>"
        f"<div class='entry-content'><p>{FIRST}</p>{middle}<p>{SECOND}</p><p>{THIRD}</p></div></article></main>{after}"
        "</body></html>"
    )


def inside(middle: str) -> list[str]:
    """What of ``middle`` the article holds."""
    return [text for text in texts(page(middle)) if text not in (FIRST, SECOND, THIRD)]


def test_prose_is_kept_and_title_is_metadata() -> None:
    article = read(page("<h2>The first summer</h2>"))
    assert [block.text for block in article.blocks] == [FIRST, "The first summer", SECOND, THIRD]
    assert [block.kind for block in article.blocks] == ["paragraph", "heading", "paragraph", "paragraph"]
    assert article.blocks[1].level == 2
    assert article.meta.title == "Tea on the slope"


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/beds'>Beds</a></li></ul></nav>",
        "<div id='cookie-banner'><p>We use cookies to make this site work and to see how it is read by our visitors.</p></div>",
        "<div class='share-bar'><span>Share</span><a href='#'>Mail</a><a href='#'>Post</a></div>",
        "<div class='related-posts'><h3>More from this garden</h3><ul><li><a href='/a'>How a hedge was saved</a></li></ul></div>",
        "<aside class='newsletter'><h3>Our letter</h3><p>Get a letter about gardens each week, and never miss a frost again.</p></aside>",
        "<section id='comments'><h3>3 comments</h3><p>I had 12 of those plants and they all died in the frost of last year.</p></section>",
        "<form><label>Your name</label><input name='n'><p>Write to us and we will answer within 2 days of your letter.</p></form>",
        "<div class='author-box'><p>Tess Ames has written about gardens for 20 years and lives beside a mill.</p></div>",
        "<footer><p>Copyright 2020 The Slope. Call us on 555 0199 to ask for a catalogue of seeds.</p></footer>",
        "<div class='contact-form'><form><p>Call 555 0100 or write to the garden to hear of the opening hours.</p></form></div>",
    ],
    ids=["nav", "cookies", "share", "related", "newsletter", "comments", "form", "author", "footer", "contact"],
)
@pytest.mark.parametrize("place", ["before", "middle", "after"])
def test_furniture_goes(furniture: str, place: str) -> None:
    found = texts(page(furniture) if place == "middle" else page("", **{place: furniture}))
    assert found == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("It helped after therapy.<sup>17</sup> So they said.", "It helped after therapy.[17] So they said."),
        ("It helped<sup>[3]</sup> them", "It helped[3] them"),
        ("It helped<sup><a href='#ref4'>4</a></sup>them", "It helped[4] them"),
        ("It helped<sup>1,3–5</sup>, they said", "It helped[1,3-5], they said"),
        ("It helped<sup><a href='#r1'>1</a>, <a href='#r2'>2</a></sup>.", "It helped[1,2]."),
        ("In 2010<sup>6</sup> it rained", "In 2010[6] it rained"),
        ("It grew by 48%<sup>2</sup> in May", "It grew by 48%[2] in May"),
        ("It helped <a href='#ref12'>12</a> them", "It helped [12] them"),
        ("It helped [<a href='#ref12'>12</a>] them", "It helped [12] them"),
        ("It helped (<a href='#ref12'>12</a>) them", "It helped (12) them"),
        ("See <a href='#table1'>Table 1</a> for more", "See Table 1 for more"),
        ("There were 10<sup>2</sup> seeds", "There were 10² seeds"),
        ("There were 3 × 10<sup>−6</sup> seeds", "There were 3 × 10⁻⁶ seeds"),
        ("A bed of 12 m<sup>2</sup> each", "A bed of 12 m² each"),
        ("It fell by 3 kg/m<sup>2</sup> each", "It fell by 3 kg/m² each"),
        ("It fell with R<sup>2</sup> of 0.4", "It fell with R² of 0.4"),
        ("A dose of 5 s<sup>-1</sup> each", "A dose of 5 s⁻¹ each"),
        ("The 1<sup>st</sup> and 22<sup>nd</sup> of May", "The 1st and 22nd of May"),
        ("More CO<sub>2</sub> and H<sub>2</sub>O", "More CO2 and H2O"),
        ("Some Ca<sup>2+</sup> and <sup>13</sup>C in it", "Some Ca²⁺ and ¹³C in it"),
        ("The Mulcher<sup>TM</sup> helped", "The Mulcher™ helped"),
        ("It rose to 12.5<sup>a</sup> then", "It rose to 12.5[a] then"),
        ("It helped<span style='vertical-align: super'>9</span> them", "It helped[9] them"),
        ("<b>M</b>ulch and <i>tea</i>s", "Mulch and teas"),
        ("tea<br>leaves", "tea leaves"),
        ("Tea<wbr>leaf and a so&shy;ft&#8203;word", "Tealeaf and a softword"),
        ("a&nbsp;b&thinsp;c &amp; d &foo; e &lt;5", "a b c & d &foo; e <5"),
    ],
)
def test_inline_markup(markup: str, text: str) -> None:
    assert f"Of it all: {text}" in inside(f"<p>Of it all: {markup}</p>")


def test_a_mark_that_opens_a_note_is_bracketed() -> None:
    assert "[1] Smith said so in a letter to the mill." in inside(
        "<p><sup>1</sup>Smith said so in a letter to the mill.</p>"
    )


def test_blocks_in_inline_elements_and_cells_do_not_glue() -> None:
    assert inside(
        "<span>One bed was wet in May.<div>The other was dry in May.</div>Both were fine by June.</span>"
    ) == [
        "One bed was wet in May.",
        "The other was dry in May.",
        "Both were fine by June.",
    ]


def test_breaks_part_sentences_but_not_a_sentence() -> None:
    found = inside("<p>The bed was wet.<br>The wall was dry,<br>and stayed<br>so.<br><br>It fell.</p>")
    assert found == ["The bed was wet.", "The wall was dry, and stayed so.", "It fell."]


def test_table_rows_are_joined() -> None:
    table = (
        "<table><caption>Stems by bed</caption><thead><tr><th>Bed</th><th>Stems (%)</th></tr></thead>"
        "<tbody><tr><td>Upper</td><td><p>48</p><p>of 100</p></td></tr><tr><td>Lower<br>bed</td><td>31</td></tr></tbody></table>"
    )
    blocks = [block for block in read(page(table)).blocks if block.kind == "table_row"]
    assert [block.text for block in blocks] == ["Bed | Stems (%)", "Upper | 48 of 100", "Lower bed | 31"]


def test_layout_table_is_read_as_prose() -> None:
    html = f"<table><tr><td><a href='/'>Home</a></td><td><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></td></tr></table>"
    assert texts(html) == [FIRST, SECOND, THIRD]


def test_lists_are_kept_item_by_item() -> None:
    found = read(
        page("<ul><li>Upper bed: 48 stems</li><li>Lower bed: 31 stems<ul><li>of them 4 dry</li></ul></li></ul>")
    ).blocks
    assert [(b.text, b.level) for b in found if b.kind == "list_item"] == [
        ("Upper bed: 48 stems", 1),
        ("Lower bed: 31 stems", 1),
        ("of them 4 dry", 2),
    ]


def test_caption_never_fuses_with_a_paragraph() -> None:
    figure = "<figure><img src='a.png'><figcaption>Figure 1. Stems by bed, 48% in all</figcaption></figure>"
    blocks = read(page(figure)).blocks
    assert [(b.kind, b.text) for b in blocks if b.kind == "caption"] == [
        ("caption", "Figure 1. Stems by bed, 48% in all")
    ]
    assert SECOND in [b.text for b in blocks]
    fused = page("<div><div class='image-caption'>tea</div>Tea is said to keep for 2 years if it is dry.</div>")
    assert "Tea is said to keep for 2 years if it is dry." in texts(fused)


def test_photo_caption_goes() -> None:
    assert inside("<figure><img src='a.png'><figcaption>The mill in the rain. Photo: Ames</figcaption></figure>") == []


def test_reference_list_is_kept_with_numbers() -> None:
    notes = (
        "<h2>References</h2><ol start='16'><li>Ames T. On mulch. <i>Garden Journal</i>. 2011;4:12.</li>"
        "<li><p>Boll K. On frost. 2012.</p><p>doi:10.1234/abc</p></li></ol>"
    )
    blocks = read(page("").replace(f"<p>{THIRD}</p>", f"<p>{THIRD}</p>{notes}")).blocks
    assert [block.text for block in blocks if block.kind == "reference"] == [
        "16. Ames T. On mulch. Garden Journal. 2011;4:12.",
        "17. Boll K. On frost. 2012. doi:10.1234/abc",
    ]


def test_reference_list_by_name_outside_the_article() -> None:
    notes = "<div id='references'><ul><li id='r1'>[1] Ames T. On mulch. 2011.</li><li id='r2'>[2] Boll K. On frost. 2012.</li></ul></div>"
    blocks = read(page("", after=notes)).blocks
    assert [b.text for b in blocks if b.kind == "reference"] == [
        "[1] Ames T. On mulch. 2011.",
        "[2] Boll K. On frost. 2012.",
    ]


def test_article_list_is_not_numbered() -> None:
    assert inside("<ol><li>Dig a bed of 4 m.</li><li>Water it twice.</li></ol>") == [
        "Dig a bed of 4 m.",
        "Water it twice.",
    ]


def test_scripts_templates_and_hidden_boxes_are_not_read() -> None:
    hidden = (
        "<script>var x = 'tea'</script><style>p {}</style><template><p>A template of 5 words here.</p></template>"
        "<noscript><p>Please switch on scripts to read this page.</p></noscript><!-- a comment -->"
        "<div style='display:none'><p>This box is shown to nobody who reads the page at all.</p></div>"
        "<p hidden>This line is shown to nobody who reads the page at all.</p>"
    )
    assert inside(hidden) == []


def test_page_of_noscript_only() -> None:
    assert texts(
        f"<html><body><div id='app'></div><noscript><p>{FIRST}</p><p>{SECOND}</p></noscript></body></html>"
    ) == [FIRST, SECOND]


def test_page_of_frames() -> None:
    assert texts(
        f"<html><frameset><frame src='a'><noframes><body><p>{FIRST}</p></body></noframes></frameset></html>"
    ) == [FIRST]


def test_article_in_json_ld_only() -> None:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Tea",
        "articleBody": f"{FIRST}\n\n{SECOND} {THIRD}",
    }
    html = f"<html><head><script type='application/ld+json'>{json.dumps(data)}</script></head><body><div id='root'></div></body></html>"
    assert texts(html) == [FIRST, f"{SECOND} {THIRD}"]


def test_link_lists_go_but_not_where_every_section_has_one() -> None:
    links = ["Ten hedges to see", "A wall that fell", "The dry pond behind it"]
    assert inside("<ul>" + "".join(f"<li><a href='/a'>{link}</a></li>" for link in links) + "</ul>") == []
    sections = "".join(f"<p>{SECOND}</p><ul><li><a href='/{n}'>Seeds for {n} dollars</a></li></ul>" for n in range(5))
    assert inside(sections) == [f"Seeds for {n} dollars" for n in range(5)]


def test_link_lists_are_judged_by_the_block_above_them_also_after_a_list_of_references() -> None:
    entries = "".join(
        f"<li id='cite_note-{n}'>Roe A. Tea and sleep. J Tea. 20{n};{n}:1-9. doi:10.1000/x{n}</li>"
        for n in range(11, 22)
    )
    links = "<ul>" + "".join(f"<li><a href='/{n}'>A wall that fell in row {n}</a></li>" for n in range(3)) + "</ul>"
    references = f"<h2>References</h2><ol class='references'>{entries}</ol>"
    found = inside(f"{references}<p>{FIRST}</p>{links}")
    assert not any("fell in row" in text for text in found)
    assert len(found) == 11


@pytest.mark.parametrize("reference", ["&#1;", "&#x0;", "&#x1F", "&#000127;", "&#xFFFE;", "&#xE0101;", "&#917761;"])
def test_references_to_what_is_no_text_are_taken_out(reference: str) -> None:
    assert inside(f"<p>{SECOND.replace('half', f'{reference} half')}</p>".replace("village", "whole village")) == [
        SECOND.replace("village", "whole village")
    ]


def test_heading_in_a_button_is_kept() -> None:
    assert inside(
        "<h3><button>How often is it cut?</button></h3><div><p>It is cut 3 times in a dry year.</p></div>"
    ) == [
        "How often is it cut?",
        "It is cut 3 times in a dry year.",
    ]


def test_metadata() -> None:
    data = {
        "@graph": [
            {"@type": "WebPage", "name": "no"},
            {"@type": ["NewsArticle"], "headline": "Tea &amp; slopes", "datePublished": "2021-03-04T23:30:00-08:00",
             "author": [{"@type": "Person", "name": "Tess Ames"}, {"name": "Kim Boll"}], "publisher": {"name": "The Slope"}},
        ]
    }  # fmt: skip
    html = (
        "<html lang='en-GB'><head><link rel='canonical' href='/tea?x=1'>"
        f"<script type='application/ld+json'>{json.dumps(data)}</script></head><body><p>{FIRST}</p><p>{SECOND}</p></body></html>"
    )
    meta = read(html, url="https://slope.example/a/b").meta
    assert meta.title == "Tea & slopes"
    assert meta.author == "Tess Ames, Kim Boll"
    assert meta.publisher == "The Slope"
    assert meta.published == "2021-03-04"
    assert meta.language == "en"
    assert meta.url == "https://slope.example/tea?x=1"


def test_metadata_from_meta_elements() -> None:
    html = (
        "<html><head><title>Tea on the slope - The Slope</title><meta property='og:site_name' content='The Slope'>"
        "<meta name='author' content='By Tess Ames'><meta name='date' content='4 March 2021'>"
        f"<meta property='og:url' content='https://slope.example/tea'></head><body><p>{FIRST}</p></body></html>"
    )
    meta = read(html).meta
    assert (meta.title, meta.author, meta.publisher) == ("Tea on the slope", "Tess Ames", "The Slope")
    assert (meta.published, meta.url, meta.language) == ("2021-03-04", "https://slope.example/tea", None)


@pytest.mark.parametrize(
    "broken", ["[" * 100_000, '{"@type": 5, "author": {}}', '{"@type": "Article", "author": [[]]}', "{", "null"]
)
def test_broken_json_ld_is_left_aside(broken: str) -> None:
    html = f"<html><head><script type='application/ld+json'>{broken}</script></head><body><p>{FIRST}</p><p>{SECOND}</p></body></html>"
    assert texts(html) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "html",
    ["", "   ", "<!-- x -->", "<html></html>", "<html><head><title>Tea</title></head><body></body></html>",
     "<nav><a href='/'>Home</a></nav>", "\x00\x00", "<script>1</script>"],
)  # fmt: skip
def test_nothing_to_read_is_refused(html: str) -> None:
    with pytest.raises(UnusableInputError) as caught:
        read(html)
    assert caught.value.path == ""
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + f"<p>{FIRST}</p><p>{SECOND}</p>" + "</div>" * 100_000 + f"<p>{THIRD}</p>",
        "<p>" + "<span>" * 20_000 + FIRST + "</span>" * 20_000,
        "<ul><li>" * 5_000 + f"<p>{FIRST}</p>",
        "<table><tr><td>" * 3_000 + f"<p>{FIRST}</p>",
        "<div " + " ".join(f"a{n}='1'" for n in range(50_000)) + f"><p>{FIRST}</p></div>",
        f"<div data-x='{'y' * 1_000_000}'><p>{FIRST}</p></div>",
        "<" * 100_000 + f"<p>{FIRST}</p>",
        "&" * 100_000 + f"<p>{FIRST}</p>",
        f"<p>\x00\x0b\ud800 &#0; &#xD800; &#99999999; </p><p>{FIRST}</p>",
        f"</div></span></p></b><p>{FIRST}",
        FIRST,
    ],
    ids=["divs", "spans", "lists", "tables", "attributes", "attribute", "lt", "amp", "bytes", "closing", "text"],
)
def test_hard_input_neither_raises_nor_loses_the_text(html: str) -> None:
    assert FIRST in " ".join(texts(html))


def test_same_page_gives_the_same_blocks_whatever_came_before() -> None:
    pages = [
        page("<p>A bed of 4 m.</p>"),
        page(f"<p>{SECOND}</p>"),
        page("", after=f"<div class='related'><p>{THIRD}</p></div>"),
    ]
    forward = [read(html) for html in pages]
    backward = [read(html) for html in reversed(pages)][::-1]
    assert forward == backward
    assert [read(html) for html in pages * 3] == forward * 3


def test_no_marks_are_left_in_the_text() -> None:
    text = "".join(texts(page("<p>A leaf 葛\U000e0100 of it grew in the bed beside the wall.</p>")))
    assert not any(0xE0100 <= ord(char) <= 0xE01EF for char in text)
    assert "葛 of it" in text


def test_rules_without_the_thresholds_are_named() -> None:
    with pytest.raises(RulesError, match="html-"):
        page_reader(Ruleset({})).article(page(""), url=None, limits=Limits())
