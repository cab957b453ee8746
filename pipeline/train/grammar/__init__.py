"""A grammar that generates sentences about health studies with gold trees, entities, figures, roles and links.

Nothing is parsed: a template is a tree fragment with slots, phrases and names are fragments too, and putting them together
makes the tree. ``data/`` holds the fragments:

- ``templates*.txt``: sentences. ``@ name | family | flags``, then one or more texts. The flag ``held`` keeps a template from
  training; ``bare`` ones stay without what the rule ``Wrap`` (or ``Wrap_FAMILY``) puts around a sentence: reporting clause,
  citation, full stop; ``kind=drug,food`` is for interventions of these kinds only.
- ``phrases*.txt``: ``= Name(x)`` and the ways to say it. ``^3`` before a way is its weight, ``!drug,food`` the kinds of arm (of
  the first parameter) that it fits; ``&x`` stands for the parameter.
- ``topics*.txt``: what is treated, with what, against what, and what comes of it; ``held`` topics are kept from training.
- ``names.yaml``, ``words.yaml``: names, closed-class words, irregular verbs, numbers in words.

Notation:

- ``word/TAG:relation``; tag and relation only where ``words.yaml`` and the tag do not tell. ``*`` stands before the head of a
  phrase; without it the last part that does not look like a modifier is the head, and a phrase that leaves it open is an error.
  ``was~were`` agrees with its subject, ``less~fewer`` with its noun. Hyphenated words come apart as in UD English EWT.
- ``[...]:relation`` is a phrase of its own. Without relation it is told by its shape: ``case`` makes ``nmod`` or ``obl``, ``cc``
  makes ``conj``, a bracket ``parataxis``, ``who`` ``acl:relcl``, ``mark`` ``acl`` or ``advcl``.
- ``<i ...>`` is a phrase that is an entity; the first letter tells its label (``finish.LABELS``). ``<#i ...>`` is a figure,
  ``#group@role.outcome.time``: the usual outcome is ``o``, the usual time ``t``, the role follows from the group's letter; ``-``
  is none; ``i+c`` several. A link leads to the nearest mention; one to what the sentence lacks is dropped.
- ``{a | b}`` is one of several; ``$Name(x):relation`` a phrase or a slot of ``slots.py``; ``?`` behind it or behind a phrase:
  in half of the cases, ``?3``: in three of ten.

Trees follow UD 2.15 as EWT has it: ``compared`` is ``advcl`` of the clause, ``than`` and ``versus`` ``case``, ranges ``nmod`` with
``case``, gapping ``orphan``; figures in brackets ``parataxis``; ``n = 41``, ``P < .05`` and ``95% CI 0.5-0.9`` as in CRAFT (the number
the head, the letter its ``nsubj``, the name its ``compound``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from pipeline.train.examples import Example
from pipeline.train.grammar import lexicon
from pipeline.train.grammar.check import problems
from pipeline.train.grammar.expand import Expander
from pipeline.train.grammar.finish import capitalise, finish
from pipeline.train.grammar.notation import NotationError

_TITLE_CASE = 0.3
"""Share of the headlines that are printed With Capitals."""

__all__ = ["NotationError", "generate", "make"]


def generate(count: int, seed: int, held_out: bool = False) -> Iterator[Example]:
    """``count`` distinct sentences, the same for the same ``seed``.

    With ``held_out`` all templates and topics are those that the others never use. Raises NotationError where the data are wrong.
    """
    rng = random.Random(f"{seed} {held_out}")
    templates = [template for template in lexicon.load_templates() if template.held == held_out]
    topics = [
        topic for topic in lexicon.load_topics() if topic.held == held_out and not topic.name.startswith("usual ")
    ]
    seen: set[str] = set()
    tries = 0
    while len(seen) < count:
        tries += 1
        if tries > 40 * count + 400:
            raise NotationError(f"no more than {len(seen)} distinct sentences")
        families = sorted({template.family for template in templates})
        family = rng.choices(families, [_weight(templates, family) for family in families])[0]
        template = rng.choice([template for template in templates if template.family == family])
        kinds = _kinds(template)
        fitting = [t for t in topics if not kinds or any(arm.kind in kinds for arm in t.interventions)]
        example = make(template, rng.choice(fitting), rng)
        text = example.text
        if text not in seen:
            seen.add(text)
            yield example


def _kinds(template: lexicon.Template) -> frozenset[str]:
    """The kinds of intervention that a template is for; empty: all."""
    return frozenset(kind for flag in template.flags if flag.startswith("kind=") for kind in flag[5:].split(","))


def _weight(templates: list[lexicon.Template], family: str) -> float:
    """A family weighs as the root of the number of its templates, so that small ones are seen as well."""
    return float(sum(template.family == family for template in templates) ** 0.7)


def make(template: lexicon.Template, topic: lexicon.Topic, rng: random.Random) -> Example:
    """One sentence of a template. Raises NotationError, also if the example does not pass ``check.problems``."""
    expander = Expander(rng, topic, template.held, _kinds(template))
    text = rng.choice(template.texts)
    if "bare" not in template.flags:
        wrap = expander.rules.get(f"Wrap_{template.family}", expander.rules["Wrap"])
        pattern = rng.choices([t for _, _, t in wrap.options], [w for w, _, _ in wrap.options])[0]
        text = pattern.replace("&t", f"*[ {text} ]")
    try:
        phrase = expander.expand(text)
        number = rng.randrange(10**9)
        if template.family == "headline" and rng.random() < _TITLE_CASE:
            capitalise(phrase.tokens)
        example = finish(phrase, f"{template.name}.{number:09d}", expander.style.tight, "nocap" not in template.flags)
    except NotationError as error:
        raise NotationError(f"{template.name}: {error}") from error
    for problem in problems(example):
        raise NotationError(f"{template.name}: {problem}: {example.text}")
    return example
