"""Turns a fragment of the notation into a phrase, with words from one topic and figures that agree with each other."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from pipeline.train.grammar import lexicon, slots
from pipeline.train.grammar.figures import Figures, choose_style, word
from pipeline.train.grammar.notation import Bracket, Call, Choice, Item, Mark, NotationError, Word, parse
from pipeline.train.grammar.tree import Marked, Part, Phrase, Token, join

_DEPTH = 24


class Expander:
    """Makes the phrases of one sentence; what it has once chosen (names, figures) stays."""

    def __init__(
        self, rng: random.Random, topic: lexicon.Topic, held: bool, kinds: frozenset[str] = frozenset()
    ) -> None:
        self.rng = rng
        self.topic = topic
        self.held = held
        self.kinds = kinds
        """The kinds that interventions must be of; empty: any."""
        self.style = choose_style(rng)
        self.figures = Figures(rng, self.style)
        self.words = lexicon.load_words()
        self.rules = lexicon.load_rules()
        self.arms: dict[str, lexicon.Arm] = {}
        self.chosen: dict[str, str] = {}
        self.last: tuple[float, int] | None = None
        """The last mean, difference or ratio, and its number of decimals."""
        self.depth = 0

    def expand(self, text: str) -> Phrase:
        """The phrase of a fragment. Raises NotationError."""
        return self._sequence(parse(text))

    def arm(self, group: str) -> lexicon.Arm:
        """What a group gets; ``c...`` are comparators, all others interventions."""
        if group not in self.arms:
            taken = {arm.name for arm in self.arms.values()}
            pool: Sequence[lexicon.Arm] = [
                a for a in self.topic.interventions if not self.kinds or a.kind in self.kinds
            ]
            if group.startswith("c"):
                first = self.arm("i")
                taken.add(first.name)
                pool = [*self.topic.comparators, *self.topic.comparators, *slots.usual_comparators(first.kind)]
                if self.rng.random() < 0.3:
                    pool = [arm for arm in self.topic.interventions if arm.kind != "expo"]
            free = [arm for arm in pool if arm.name not in taken] or list(
                slots.usual_comparators(self.topic.interventions[0].kind)
            )
            self.arms[group] = self.rng.choice(free)
        return self.arms[group]

    def once(self, key: str, pool: Sequence[str]) -> str:
        """A choice that stays the same throughout the sentence; keys of one kind (``o``, ``o2``) differ."""
        if key not in self.chosen:
            kind = key.rstrip("0123456789")
            taken = {value for other, value in self.chosen.items() if other.rstrip("0123456789") == kind}
            free = [value for value in pool if value not in taken] or list(pool)
            self.chosen[key] = self.rng.choice(free)
        return self.chosen[key]

    def _sequence(self, items: Sequence[Item]) -> Phrase:
        return join(list(self._parts(items)))

    def _parts(self, items: Sequence[Item]) -> Iterator[Part]:
        for item in items:
            if isinstance(item, Word):
                yield self._word(item)
            elif item.chance >= 1 or self.rng.random() < item.chance:
                if isinstance(item, Choice) and not item.head and item.relation is None:
                    yield from self._parts(self.rng.choice(item.options))
                    continue
                phrase = self._phrase(item)
                if phrase.tokens:
                    relation = item.relation or phrase.relation
                    yield Part(phrase, relation, item.head, relation is not None)

    def _phrase(self, item: Bracket | Mark | Choice | Call) -> Phrase:
        if isinstance(item, Call):
            return self.call(item)
        if isinstance(item, Choice):
            return self._sequence(self.rng.choice(item.options))
        phrase = self._sequence(item.items)
        if isinstance(item, Mark):
            phrase.marks.append(Marked(0, len(phrase.tokens), item.spec))
        return phrase

    def call(self, item: Call) -> Phrase:
        """The phrase of a rule or of one of ``slots``."""
        rule = self.rules.get(item.name)
        if rule is None:
            return slots.fill(self, item.name, item.arguments)
        self.depth += 1
        if self.depth > _DEPTH:
            raise NotationError(f"the rule {item.name} calls itself too often")
        arguments = [*item.arguments, *[""] * (len(rule.parameters) - len(item.arguments))]
        options = rule.options
        if any(kinds for _, kinds, _ in options):
            kind = self.arm(arguments[0].partition(".")[0]).kind
            options = tuple(option for option in options if not option[1] or kind in option[1])
        if not options:
            raise NotationError(f"the rule {item.name} has nothing for {arguments}")
        text = self.rng.choices([text for _, _, text in options], [weight for weight, _, _ in options])[0]
        for name, value in zip(rule.parameters, arguments, strict=False):
            text = text.replace("&" + name, value)
        phrase = self.expand(text)
        self.depth -= 1
        return phrase

    def _word(self, item: Word) -> Part:
        form, tag, relation = item.form, item.tag, item.relation
        if "-" in form.strip("-") and len(form) > 2 and not form.startswith(("-", "−")):
            return Part(self._hyphenated(form, tag), relation or self._relation(tag), item.head, relation is not None)
        known = self.words.words.get(form) or self.words.words.get(form.lower())
        given = relation is not None
        if tag is None:
            if known is not None:
                tag = known[0]
                relation = relation or known[1]
            elif form.lower() in self.words.numbers or form[0].isdigit():
                tag = "CD"
            else:
                tag = "NN"
        elif known is not None and tag == known[0]:
            relation = relation or known[1]
        return Part(word(form, tag), relation or self._relation(tag), item.head, given)

    def _relation(self, tag: str | None) -> str | None:
        return self.words.relations.get((tag or "NN").partition("~")[0])

    def _hyphenated(self, form: str, tag: str | None) -> Phrase:
        """``long-term/JJ``: each part but the last depends on the next, each hyphen on the part before it.

        Of ``omega-3`` the word is the head; ``non-users`` is one word.
        """
        pieces = form.split("-")
        if pieces[0].lower() in self.words.prefixes:
            pieces[:2] = ["-".join(pieces[:2])]
        if len(pieces) == 2 and pieces[1].isdigit():
            number = [Token("-", "HYPH", "punct", 2), Token(pieces[1], "CD", "nummod", 0)]
            return Phrase([Token(pieces[0], tag or "NN", "", -1), *number], 0)
        tokens: list[Token] = []
        for index, piece in enumerate(pieces[:-1]):
            kind = self.words.hyphenated.get(piece.lower(), ("NN", "compound"))
            if piece.lower() in self.words.numbers or piece[0].isdigit():
                kind = ("CD", "nummod")
            elif pieces[index + 1] == "old":
                kind = ("NN", "obl:unmarked")
            tokens += [Token(piece, *kind, 2 * index + 2), Token("-", "HYPH", "punct", 2 * index)]
        return Phrase([*tokens, Token(pieces[-1], tag or "NN", "", -1)], len(tokens))
