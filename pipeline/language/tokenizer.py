"""Tokens of scraped English text, as Universal Dependencies split them (the treebanks EWT, GUM, CRAFT).

spaCy's own tokenizer strips marks from a run without spaces one by one, and copies the rest each time: 40,000 brackets take it minutes.
It also sees no further than the next space, so that it cannot tell the "No." of "No. 4" from a refusal. This one reads the text once,
from left to right, with one regular expression; its words are the rules ``rules/lexicon/tokens.yaml``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DOI, RAISED_DIGIT, SP, alternation

# Possessive quantifiers stand behind single characters only: behind a group, Python before 3.11.5 goes on from where the last, failed
# round of it stopped ("2.6." as one number). Atomic groups do the same work, and are right everywhere.
# A letter or digit, with what is printed with it: soft hyphens, zero-width marks, combining accents. Raised digits are marks of their own.
_CHAR = r"(?:[^\W_⁰¹²³⁴-⁹][\u00ad\u200b-\u200d\u2060\ufeff\u0300-\u036f]*+)"
_ALNUM = rf"(?>{_CHAR}+)"
_BEFORE = r"(?<![^\W_])"
_AFTER = r"(?![^\W_])"
_APOSTROPHE = r"['’]"
_URL_CHAR = r"[^\s<>\"“”‘’«»|{}\\^`\[\]]"
_WHOLE = r"(?:[0-9]{1,3}(?>(?:,[0-9]{3})+)(?![0-9])|[0-9]++)"
_NUMBER = _WHOLE + r"(?>(?:[.·][0-9]++)*)"
_DECIMAL = _WHOLE + r"(?>(?:[.·][0-9]++)+)"


def make_nlp(rules: Ruleset) -> Language:
    """An empty English pipeline with this tokenizer; takes texts of any length."""
    nlp = spacy.blank("en")
    nlp.max_length = sys.maxsize
    nlp.tokenizer = Tokenizer(nlp.vocab, rules)
    return nlp


class Tokenizer:
    """Text to ``Doc``. The tokens with the white space behind them are the text; white space beyond one space is a token of its own.

    Takes time in proportion to the length of the text, whatever it holds.
    """

    def __init__(self, vocab: Vocab, rules: Ruleset) -> None:
        self._vocab = vocab
        self._pattern = re.compile("|".join(_alternatives(rules)))
        self._parts = {
            "".join(parts).casefold(): tuple(len(part) for part in parts)
            for parts in (str(entry).split("|") for entry in rules.lexicon("token-contractions"))
        }

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for match in self._pattern.finditer(text):
            found = match.group()
            if match.lastgroup == "contraction":
                self._add_parts(found, words, spaces)
            elif match.lastgroup != "space":
                words.append(found)
                spaces.append(False)
            else:
                if words and found[0] == " ":
                    spaces[-1] = True
                    found = found[1:]
                if found:
                    words.append(found)
                    spaces.append(False)
        return Doc(self._vocab, words=words, spaces=spaces)

    def _add_parts(self, found: str, words: list[str], spaces: list[bool]) -> None:
        start = 0
        for length in self._parts[found.casefold()]:
            words.append(found[start : start + length])
            spaces.append(False)
            start += length


def _alternatives(rules: Ruleset) -> Iterable[str]:
    """What a token may be, the first that fits; together they fit at every character."""

    def words(rule_id: str) -> str:
        return alternation(rules.phrases(rule_id))

    # ASCII, since other letters match in any case that casefold() keeps apart.
    written = alternation(str(entry).replace("|", "") for entry in rules.lexicon("token-contractions"))
    contractions = f"(?ai:{written})"
    clitics = words("token-clitics")
    negation = words("token-negations")
    openers = words("sentence-openers")
    return (
        r"(?P<space>\s++)",
        # Most tokens by far, ahead of the rest for speed alone: a stop or comma, a word that nothing behind it could split or prolong.
        r"[.,;)\]](?=\s)",
        rf"{_BEFORE}(?!{contractions}{_AFTER})[A-Za-z]++(?=[ ,;)\n])",
        rf"{_BEFORE}(?P<contraction>{contractions}){_AFTER}",
        rf"{_BEFORE}(?i:(?:https?|ftp)://|www\.|mailto:){_URL_CHAR}{{1,2000}}(?<![.,;:!?'()])",
        rf"{_BEFORE}{DOI}(?<![.,;:!?'()\]])",
        rf"{_BEFORE}[\w.+%-]{{1,64}}+@[^\W_](?:[\w-]{{0,63}}[^\W_])?(?:\.[^\W_](?:[\w-]{{0,63}}[^\W_])?){{0,8}}",
        rf"(?<![^\W]){words('token-emoticons')}(?!\w)",
        words("token-wholes"),
        # Words with a stop of their own.
        rf"{_BEFORE}(?i:{words('token-abbreviations')})\.(?!\.)",
        rf"{_BEFORE}(?i:{words('token-abbreviations-before-number')})\.(?={SP}?[0-9])",
        rf"{_BEFORE}(?:[^\W\d_]\.){{2,12}}(?:[^\W\d_]{_AFTER})?",
        rf"{_BEFORE}[A-Z]\.(?={SP}?[A-Z])(?!{SP}{openers}(?![^\W_]|\.))",
        # Numbers: dates, times, telephone numbers, sums, decimals; "0.5mg" is two tokens, "20th" and "3D" are one.
        rf"{_BEFORE}[0-9]{{1,4}}(?:/[0-9]{{1,4}}){{2}}(?![\w/])",
        rf"{_BEFORE}[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?![0-9:])",
        rf"{_BEFORE}(?:[0-9]{{1,4}}(?:-[0-9]{{1,4}}){{2,4}}|[0-9]{{3}}-[0-9]{{4}})(?![\w-])",
        rf"{_BEFORE}{_NUMBER}[eE][-−+]?[0-9]{{1,3}}{_AFTER}",
        rf"(?<=[$€£¥]){_NUMBER}",
        rf"{_BEFORE}{_NUMBER}(?={words('token-units')}{_AFTER})",
        rf"{_BEFORE}[0-9]{{1,4}}(?<=0){_APOSTROPHE}s{_AFTER}",
        rf"{_BEFORE}(?:{_DECIMAL}|{_NUMBER}{_AFTER})",
        r"(?<![\w.)\]])\.[0-9]++",
        rf"{_BEFORE}['’‘][0-9]{{2}}s?{_AFTER}",
        r"[°º˚][CFK](?!\w)",
        # Words with clitics, apostrophes, prefixes, stops and underscores inside.
        rf"(?<=[^\W\d_]){negation}{_AFTER}",
        rf"(?={_ALNUM}(?<=[nN]){_APOSTROPHE})(?:{_CHAR})+?(?={negation}{_AFTER})",
        rf"(?i:{clitics}){_AFTER}",
        rf"{words('token-elisions')}{_AFTER}",
        rf"{_BEFORE}(?i:{words('token-prefixes')})-(?=[^\W\d_]){_ALNUM}",
        r"(?<![^\W_])[A-Z]{1,4}&[A-Z]{1,4}(?![^\W_])",
        r"[@#][^\W\d_]\w*+",
        rf"{_ALNUM}(?>(?:(?:_(?=[^\W_])|\.(?=[a-z]|(?<=[A-Z0-9]\.)[A-Z][A-Z]|(?<=[0-9]\.)[0-9])|(?!(?i:{clitics}){_AFTER}){_APOSTROPHE}(?=[^\W\d_])){_ALNUM})*)",
        # Marks.
        rf"{RAISED_DIGIT}++",
        r"[.!?…]{2,}+",
        r"(?:--|==|<-|<=)[-=]*+>?",
        r"(?P<mark>[^\w\s()\[\]{}\"“”])(?>(?P=mark)+)",
        r"_++",
        r"\S",
    )
