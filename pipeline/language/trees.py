"""Dependency trees in the CLEAR scheme of OntoNotes parsers, made into Universal Dependencies.

The steps, each over the whole text, follow what the two schemes say of the same constructions (Choi and Palmer, CLEAR guidelines, 2012;
Universal Dependencies 2):

1. Prepositions, the deepest first. In CLEAR a preposition governs its object (``slept -prep-> in -pobj-> beds``), in UD it marks it
   (``slept -obl-> beds -case-> in``). The object takes the preposition's place: as ``nmod`` below a nominal, ``obl`` below all else, or
   with the relation the preposition had if that was no preposition's (``root``, ``conj``). A clause behind a preposition becomes ``acl``
   or ``advcl`` with a ``mark``. A preposition whose object hangs on an inner one (``out of beds``) takes that one. What else hung on the
   preposition hangs on its object.
2. Copulas, the deepest first. In CLEAR the form of *be* governs its complement, in UD the complement governs ``cop`` and takes over all
   that hung on it; ``nsubj`` if the clause has an expletive; ``xcomp`` if the verb is no copula. A prepositional phrase right behind a
   copula that has a subject is its complement.
3. Coordination. In CLEAR a conjunction hangs on the conjunct before it, and each conjunct on the one before; in UD a conjunction hangs on
   the conjunct behind it, and all conjuncts on the first.

Where punctuation hangs is left as it is: nothing should depend on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

ROOT = -1
"""The head of a root."""
_MODIFIERS = frozenset({"advmod", "neg", "punct", "aux", "auxpass"})
_NOMINAL_TAGS = ("NN", "PRP", "CD", "DT", "WP", "$", "EX")
_NOMINAL_CLASSES = frozenset({"NOUN", "PROPN", "PRON", "NUM", "DET", "SYM"})


class Tree:
    """Words with heads that are changed step by step. ``heads`` holds indices, :data:`ROOT` at roots."""

    def __init__(
        self,
        words: Sequence[str],
        tags: Sequence[str],
        classes: Sequence[str],
        heads: Sequence[int],
        relations: Sequence[str],
    ) -> None:
        """``words`` in lower case, ``tags`` of the Penn Treebank, ``classes`` universal ones; empty where not known."""
        self.words = words
        self.tags = tags
        self.classes = classes
        self.heads = list(heads)
        self.relations = list(relations)
        self._children: list[list[int]] = [[] for _ in self.heads]
        for index, head in enumerate(self.heads):
            if head != ROOT:
                self._children[head].append(index)

    def children(self, index: int, *relations: str) -> list[int]:
        """The dependents of a word in text order, only those with one of ``relations`` if any is given."""
        found = sorted(self._children[index])
        return [child for child in found if self.relations[child] in relations] if relations else found

    def move(self, index: int, head: int) -> None:
        """Hangs a word on another."""
        if self.heads[index] != ROOT:
            self._children[self.heads[index]].remove(index)
        self.heads[index] = head
        if head != ROOT:
            self._children[head].append(index)

    def replace(self, index: int, child: int, relation: str, marker: str) -> None:
        """Puts ``child`` in the place of its head ``index``, with ``relation``; ``index`` and its other dependents hang on it."""
        self.move(child, self.heads[index])
        self.relations[child] = relation
        for other in self.children(index):
            self.move(other, child)
        self.move(index, child)
        self.relations[index] = marker

    def is_verb(self, index: int) -> bool:
        return self.tags[index].startswith("VB") if self.tags[index] else self.classes[index] in ("VERB", "AUX")

    def is_nominal(self, index: int) -> bool:
        if self.tags[index]:
            return self.tags[index].startswith(_NOMINAL_TAGS)
        return self.classes[index] in _NOMINAL_CLASSES

    def deepest_first(self) -> list[int]:
        """All words, those furthest from their root first; of equals the first in the text."""
        order = [index for index, head in enumerate(self.heads) if head == ROOT]
        depths = dict.fromkeys(order, 0)
        for index in order:  # grows on the way
            for child in self._children[index]:
                depths[child] = depths[index] + 1
                order.append(child)
        return sorted(depths, key=lambda index: (-depths[index], index))


class ClearConverter:
    """Makes CLEAR trees into Universal Dependencies; the names of relations are the rules'."""

    def __init__(
        self,
        prepositions: Collection[str],
        objects: Collection[str],
        clauses: Collection[str],
        complements: Collection[str],
        agents: Collection[str],
        copulas: Collection[str],
    ) -> None:
        self._prepositions = tuple(prepositions)
        self._objects = tuple(objects)
        self._clauses = tuple(clauses)
        self._complements = tuple(complements)
        self._agents = frozenset(agents)
        self._copulas = frozenset(copulas)

    def convert(self, tree: Tree) -> None:
        """Changes heads, and the relations that depend on structure; those that only bear another name keep it."""
        raised: set[int] = set()
        for index in tree.deepest_first():
            self._preposition(tree, index, raised)
        for index in tree.deepest_first():
            self._copula(tree, index, raised)
        _coordinate(tree)

    def _preposition(self, tree: Tree, index: int, raised: set[int]) -> None:
        relation = tree.relations[index]
        is_preposition = relation in self._prepositions
        found = tree.children(index, *self._objects)
        if not found and is_preposition:
            found = tree.children(index, *self._clauses) or [c for c in tree.children(index) if c in raised]
        if not found:
            return
        target = found[0]
        head = tree.heads[index]
        clause = tree.relations[target] in self._clauses and tree.is_verb(target)
        if not is_preposition and relation not in _MODIFIERS:
            new = relation
        elif clause:
            new = "acl" if head != ROOT and tree.is_nominal(head) else "advcl"
        elif relation in self._agents:
            new = "obl:agent"
        else:
            new = "nmod" if head != ROOT and tree.is_nominal(head) else "obl"
        tree.replace(index, target, new, "mark" if clause else "case")
        raised.add(target)

    def _copula(self, tree: Tree, index: int, raised: set[int]) -> None:
        complements = tree.children(index, *self._complements)
        if tree.words[index] not in self._copulas:
            for child in complements:
                tree.relations[child] = "xcomp"
            return
        if tree.children(index, "expl"):
            for child in complements:
                tree.relations[child] = "nsubj"
            return
        if not complements and tree.children(index, "nsubj") and not tree.children(index, "ccomp", "xcomp"):
            behind = [c for c in tree.children(index) if c > index and tree.relations[c] not in _MODIFIERS]
            complements = [c for c in behind[:1] if c in raised]
        if complements:
            for child in complements[1:]:
                tree.relations[child] = "dep"
            tree.replace(index, complements[0], tree.relations[index], "cop")


def _coordinate(tree: Tree) -> None:
    for index, relation in enumerate(tree.relations):
        if relation == "cc" and tree.heads[index] != ROOT:
            behind = [c for c in tree.children(tree.heads[index], "conj") if c > index]
            if behind:
                tree.move(index, behind[0])
    for index in reversed(tree.deepest_first()):  # heads before their dependents
        if tree.relations[index] == "conj":
            head = tree.heads[index]
            if head != ROOT and tree.relations[head] == "conj":
                tree.move(index, tree.heads[head])


def derive_subtypes(tree: Tree, passives: Collection[str], agents: Collection[str]) -> None:
    """Adds the subtypes ``pass``, ``agent``, ``poss``, ``prt`` and ``relcl`` where structure and tags show them.

    ``passives`` are forms of the verbs that make a passive, ``agents`` the prepositions before who acts, both in lower case.
    """
    for index, relation in enumerate(tree.relations):
        children = tree.children(index)
        if tree.tags[index] == "VBN":
            _passive(tree, index, children, passives, agents)
        if relation == "nmod" and (
            tree.tags[index] in ("PRP$", "WP$") or any(tree.tags[c] == "POS" for c in tree.children(index, "case"))
        ):
            tree.relations[index] = "nmod:poss"
        elif relation == "compound" and tree.tags[index] == "RP":
            tree.relations[index] = "compound:prt"
        elif relation == "acl" and _is_relative(tree, index, children):
            tree.relations[index] = "acl:relcl"


def _passive(
    tree: Tree, index: int, children: Sequence[int], passives: Collection[str], agents: Collection[str]
) -> None:
    auxiliaries = [c for c in children if c < index and tree.relations[c].partition(":")[0] == "aux"]
    if auxiliaries and tree.words[auxiliaries[-1]] in passives:
        tree.relations[auxiliaries[-1]] = "aux:pass"
        for child in children:
            if tree.relations[child] in ("nsubj", "csubj"):
                tree.relations[child] += ":pass"
    elif auxiliaries and tree.relations[auxiliaries[-1]] != "aux:pass":
        return  # "has taken" acts itself
    for child in children:
        if tree.relations[child] == "obl" and any(tree.words[c] in agents for c in tree.children(child, "case")):
            tree.relations[child] = "obl:agent"


def _is_relative(tree: Tree, index: int, children: Sequence[int]) -> bool:
    """Whether a clause on a noun is a relative one: it has a verb form with tense, or a subject, and no conjunction of its own."""
    if any(tree.relations[c] == "mark" for c in children):
        return False
    finite = ("VBD", "VBZ", "VBP", "MD")
    return tree.tags[index] in finite or any(
        tree.tags[c] in finite or tree.relations[c].startswith("nsubj") for c in children
    )
