"""What made inputs are put together from."""

from __future__ import annotations

from bench.common import ROOT

FIGURES = (
    "48.2%", "10.7 percent", "1,234,567.89", "1.234.567,89", "0,000001", "-5", "−5 kg", "±3", "1e999", "1E-400", "½", "٤٢", "四十二",
    "12:30", "1/0", "0/0", "1²³", "p < 0.05", "p=.000", "95% CI 1.2–3.4", "HR 0.5 (0.3 to 0.8)", "10 mg/kg/day", "5–10–15", "n = 0",
    "1 in 0", "one in ten", "twice", "a third", "minus five", "2024-02-30", "31/31/2031", "0x1F", "∞", "NaN", "$5", "€1.000", "100 000",
    "%", "%%%", "5%%", "..5", "5..", "1,,2", "IV 5", "¾ cup", "20-fold", "10^6", "10⁶", "5' 6\"", "37 °C", "9" * 40, "0." + "3" * 60,
)  # fmt: skip
"""Numbers as people write them, and as nobody should."""

CHARACTERS = (
    "\0", "\x01", "\x0b", "\x0c", "\x1b[2J", "\x7f", "\x85", "\xa0", "\xad", "\u0301", "\u0301" * 30, "\u061c", "\u180e", "\u200b",
    "\u200d", "\u200e", "\u202e", "\u2028", "\u2029", "\u2066", "\u2069", "\u2060", "\ufe0f", "\ufeff", "\ufffd", "\ufffe", "\uffff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U000e0041", "\U0010ffff", "İ", "ß", "ﬁ", "ǆ", "ａ", "１", "＝", "‱", "⁄", "\r", "\r\n",
)  # fmt: skip
"""Characters that programs stumble over: controls, marks of direction, no width, no character, more than one when folded."""

WORDS = (
    "tea", "placebo", "ketamine", "participants", "of", "the", "and", "group", "versus", "compared with", "after six weeks", "study",
    "et al.", "(Roe 2019)", "[1]", "[2-900000000]", "References", "Abstract", "trial", "respectively", "In", "were", "lost", "did not",
    "caused", "may", "mg", "kg", "years", "women", "95%", "CI", "doi:10.1000/182", "https://a.example/?q=%00", "Fig. 2", "Table 1",
)  # fmt: skip

TAGS = (
    "p", "div", "span", "article", "main", "section", "h1", "h2", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "thead", "tbody",
    "caption", "a", "b", "i", "em", "sup", "sub", "br", "hr", "img", "figure", "figcaption", "blockquote", "pre", "code", "dl", "dt",
    "dd", "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "form", "select", "option", "textarea",
    "button", "input", "title", "head", "body", "html", "meta", "link", "base", "frameset", "plaintext", "xmp", "details", "summary",
    "time", "abbr", "q", "cite", "del", "ins", "ruby", "rt", "bdo", "x-own", "a:b", "nav", "footer", "header", "aside", "center",
)  # fmt: skip

ATTRIBUTES = (
    "class", "id", "href", "src", "content", "name", "property", "datetime", "colspan", "rowspan", "style", "dir", "lang", "role",
    "hidden", "aria-hidden", "itemprop", "type", "charset", "http-equiv", "rel", "title", "alt", "onclick", "xmlns", "data-x", "",
)  # fmt: skip

VALUES = (
    "", "article-body", "references", "footnote", "#ref1", "#", "javascript:alert(1)", "data:text/html,<p>5", "http://[", "//", "1e9",
    "99999999999", "-1", "display:none", "rtl", "author", "og:title", "article:published_time", "datePublished", "utf-7", "utf-16",
    "\ud7ff", "&#0;", "&#xD800;", "&#x110000;", "&#99999999999;", "&bogus;", "&amp" * 20, "2024-13-45T99:99", "'", '"', "`", "<", ">",
)  # fmt: skip

MARKUP = (
    "<!--", "-->", "--!>", "<!-->", "<![CDATA[", "]]>", "<!DOCTYPE", "<!DOCTYPE html [<!ENTITY a '&a;&a;'>]>", "<?xml version='1.0'?>",
    "<?", "<!", "</", "<", ">", "</p/>", "<p", "<p <p>", "<a href=", "<a href='", "</script>", "<script>", "<style>", "<textarea>",
    "<plaintext>", "&", "&#", "&#x", "&lt;p&gt;", "<table><table>", "<tr><td colspan=1000000 rowspan=1000000>", "<p/><p/>", "<svg><p>",
    "<math><mi>", "<frameset>", "<select><option>", "<b><i></b></i>", "<meta charset=utf-16>", "<base href='http://[x'>",
)  # fmt: skip
"""Markup that is begun and not ended, or ended and not begun."""


def pages() -> tuple[bytes, ...]:
    """The files of the demonstration set, whose bytes are changed. Raises ``OSError`` outside a checkout."""
    found = sorted(path for path in (ROOT / "raw").rglob("*") if path.is_file() and not path.name.startswith("."))
    return tuple(path.read_bytes() for path in found)
