"""Encodings: what is stated, what is found, and what wins."""

from __future__ import annotations

import codecs

import pytest

from pipeline.readers.encoding import charset_of, codec, decode

WESTERN = "The tea group – café regulars – slept 7.5 ± 0.4 hours, 10² cups, “nearly” ½."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_found_without_a_label(encoding: str) -> None:
    assert decode(WESTERN.encode(encoding)) == WESTERN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Участники исследования спали в среднем семь с половиной часов.", "cp1251"),
        ("Участники исследования спали в среднем семь с половиной часов.", "koi8-r"),
        ("お茶を飲んだグループは平均して七時間半眠った。膝の痛みは三割減った。", "shift_jis"),
        ("お茶を飲んだグループは平均して七時間半眠った。膝の痛みは三割減った。", "euc_jp"),
        ("喝茶组平均睡了七个半小时，膝盖疼痛减少了百分之三十。", "gb18030"),
    ],
)
def test_other_scripts_are_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_curly_quote_is_western() -> None:
    assert decode(b"It\x92s a garden with 3\x964 beds.") == "It’s a garden with 3–4 beds."


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "ISO-8859-1", "ascii", "windows-1252", "us-ascii"])
def test_latin_1_means_windows_1252(label: str) -> None:
    assert decode(WESTERN.encode("cp1252"), declared=label) == WESTERN


@pytest.mark.parametrize(
    "label", ["iso-8859-1", "shift_jis", "utf-16", "no-such-code", "", "unicode_escape", "idna", "hex", "\0"]
)
def test_valid_utf_8_wins_over_a_wrong_label(label: str) -> None:
    assert decode(WESTERN.encode(), declared=label) == WESTERN


@pytest.mark.parametrize("label", ["utf-8", "utf-16", "gb18030", "no-such-code", "unicode_escape"])
def test_a_wrong_label_survives(label: str) -> None:
    text = decode(b"tea at 20 \xb0C", declared=label)
    assert text.startswith("tea at 20 ")


def test_a_label_decides_between_single_byte_encodings() -> None:
    polish = "Ćwiczenia w ogrodzie zmniejszyły ból kolan o około trzydzieści procent."
    assert decode(polish.encode("iso-8859-2"), declared="ISO-8859-2") == polish


@pytest.mark.parametrize(
    "tag",
    [
        '<meta charset="windows-1250">',
        "<meta charset=windows-1250>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">',
        '<?xml version="1.0" encoding="windows-1250"?>',
    ],
)
def test_labels_in_markup(tag: str) -> None:
    page = f"{tag}<p>Ćwiczenia w ogrodzie</p>"
    assert decode(page.encode("cp1250"), markup=True) == page


def test_the_header_wins_over_the_page() -> None:
    page = '<meta charset="windows-1251"><p>20 °C ćw</p>'
    assert decode(page.encode("cp1250"), declared="windows-1250", markup=True) == page


def test_mail_encoding_of_japan() -> None:
    text = "お茶を飲んだ"
    assert decode(text.encode("iso2022_jp"), declared="iso-2022-jp") == text
    assert decode(b"tea \x1b$", declared="iso-2022-jp").startswith("tea ")


def test_a_few_broken_bytes_in_utf_8_stay_few() -> None:
    data = WESTERN.encode() + b" caf\xe9 " + WESTERN.encode()
    assert decode(data) == f"{WESTERN} caf\ufffd {WESTERN}"


def test_line_ends_marks_and_nul() -> None:
    assert decode(b"\xef\xbb\xbfone\r\ntwo\rthree\n5\0mg") == "one\ntwo\nthree\n5\ufffdmg"


def test_cut_utf_16_does_not_raise() -> None:
    assert decode(codecs.BOM_UTF16_LE + "tea".encode("utf-16-le")[:-1]) == "te\ufffd"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("utf8", "utf-8"),
        ("GB2312", "gb18030"),
        ("x-sjis", None),
        ("zip", None),
        ("punycode", None),
        ("ks_c_5601-1987", "cp949"),
    ],
)
def test_codec(label: str, name: str | None) -> None:
    assert codec(label) == name


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html; charset=UTF-8", "UTF-8"),
        ('text/html;charset="koi8-r"', "koi8-r"),
        ("text/html", None),
        (None, None),
    ],
)
def test_charset_of(header: str | None, charset: str | None) -> None:
    assert charset_of(header) == charset
