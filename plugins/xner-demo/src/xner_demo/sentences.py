"""Sentences from templates: fill the slots, split the text into words, tag them."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import NamedTuple
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from xner.base import OUTSIDE, Sentence
from xner_demo.names import SHARES, Name, build_pools, portion

TYPES: Mapping[str, str] = {
    **dict.fromkeys(["person"], "PER"),
    **dict.fromkeys(["city", "country", "region", "river", "place"], "LOC"),
    **dict.fromkeys(["club", "company", "party", "body", "media", "school"], "ORG"),
    **dict.fromkeys(["event", "award", "product", "work", "people", "lang"], "MISC"),
}
"""The entity type of each kind of name; a kind may have variants such as `country_f`."""

_NUMBERS: Mapping[str, tuple[int, int]] = {
    "num": (11, 99),
    "few": (2, 9),
    "hour": (1, 12),
    "dom": (1, 28),
    "deg": (3, 34),
    "year": (1948, 2024),
    "birth": (1870, 1930),
    "death": (1948, 2024),
}
_SHARED_TEMPLATES = 0.7
_PLAIN, _UPPER, _LOWER, _LOWER_WEB = 0.25, 0.03, 0.03, 0.4
_PATIENCE = 40  # attempts to find a sentence that the split does not have yet
_SLOT = re.compile(r"(\{\w+?\d?(?:\.short)?(?::[A-Z]+)?\})")
_SLOT_PARTS = re.compile(r"\{(\w+?)(\d?)(\.short)?(?::([A-Z]+))?\}")
_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")


class Piece(NamedTuple):
    """A stretch of text that is one entity of a type, or none."""

    text: str
    type: str | None = None


class Grammar(BaseModel):
    """The contents of a language's TOML file.

    A template is text with words split by blanks, choices `(a|b)` and slots: `{job}` stands for an entry of `words`,
    `{num}` for a number, `{city}` for a name, `{city.short}` for its short form; `{city:ORG}` overrides the type, and
    equal digits as in `{person1} ... {person1.short}` mean the same name. Text that touches a name, as in `{city}s`,
    becomes part of the name's word. A leading `~` marks web style, which is not capitalised.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cased: bool = False
    """Whether the script has capital letters."""
    locale: str | None = None
    """The Faker locale of the persons' names; none if the file lists them itself."""
    rewrites: tuple[tuple[str, str], ...] = ()
    """Regular expressions and replacements for a word made of a name and the text that touches it."""
    elision: Mapping[str, str] = {}
    """Words that change before `elision_before`, with what they become."""
    elision_before: str = ""
    """How the next word starts where `elision` applies, as a regular expression."""
    words: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    patterns: Mapping[str, tuple[str, ...]]
    plain: tuple[str, ...]
    entity: tuple[str, ...]


def read_grammar(language: str) -> Grammar:
    """Read the TOML file of a language that exists."""
    text = (files("xner_demo") / "data" / f"{language}.toml").read_text(encoding="utf-8")
    return Grammar.model_validate(tomllib.loads(text))


class Writer:
    """Generates the sentences of one language and split; equal arguments give equal sentences."""

    def __init__(self, grammar: Grammar, language: str, split: str, seed: int) -> None:
        self._grammar = grammar
        self._split = split
        self._random = Random(f"{seed}/{language}/{split}")
        self._pools = build_pools(grammar.names, grammar.patterns, grammar.locale, seed, split)
        self._plain = portion(grammar.plain, split, f"{seed}/{language}/plain", _SHARED_TEMPLATES)
        self._entity = portion(grammar.entity, split, f"{seed}/{language}/entity", _SHARED_TEMPLATES)
        self._rewrites = [(re.compile(pattern), new) for pattern, new in grammar.rewrites]

    def write(self, count: int) -> Iterator[Sentence]:
        """Yield `count` sentences that no other split has, new ones as long as they are easy to find."""
        seen = set[str]()
        for _ in range(count):
            for _ in range(_PATIENCE):
                sentence = self._own_sentence()
                text = " ".join(sentence.tokens).lower()
                if text not in seen:
                    break
            seen.add(text)
            yield sentence

    def _own_sentence(self) -> Sentence:
        """Return a sentence that is this split's: its words alone decide which split may have it."""
        while True:
            sentence = self._sentence()
            checksum = crc32(" ".join(sentence.tokens).lower().encode())
            if list(SHARES)[checksum % len(SHARES)] == self._split:
                return sentence

    def _sentence(self) -> Sentence:
        random = self._random
        template = random.choice(self._plain if random.random() < _PLAIN else self._entity)
        web = template.startswith("~")
        tokens, tags = self._tokens(self._pieces(template.removeprefix("~"), {}))
        self._elide(tokens)
        if not self._grammar.cased:
            return Sentence(tokens, tags)
        if not web:
            tokens[0] = tokens[0][:1].upper() + tokens[0][1:]
        style = random.random()
        if style < (_LOWER_WEB if web else _LOWER):
            tokens = [token.lower() for token in tokens]
        elif style > 1 - _UPPER:
            tokens = [token.upper() for token in tokens]
        return Sentence(tokens, tags)

    def _pieces(self, text: str, chosen: dict[str, Name]) -> Iterator[Piece]:
        """Resolve choices and slots, innermost first; `chosen` keeps the names that the sentence may repeat."""
        while (resolved := _CHOICE.sub(self._choose, text)) != text:
            text = resolved
        for part in _SLOT.split(text):
            match = _SLOT_PARTS.fullmatch(part)
            if match is None:
                yield Piece(part)
                continue
            kind, digit, short, override = match.groups()
            if kind in self._pools:
                name = self._name(kind, digit, chosen)
                yield Piece(name.short if short else name.full, override or TYPES[kind.split("_")[0]])
            else:
                yield from self._pieces(self._filler(kind, chosen), chosen)

    def _name(self, kind: str, digit: str, chosen: dict[str, Name]) -> Name:
        key = kind + digit if digit else f"{kind}/{len(chosen)}"
        if key not in chosen:
            chosen[key] = self._new(lambda: self._pools[kind].draw(self._random), chosen)
        return chosen[key]

    def _filler(self, kind: str, chosen: dict[str, Name]) -> str:
        if kind in _NUMBERS:
            return str(self._random.randint(*_NUMBERS[kind]))
        words = self._grammar.words[kind]
        filler = self._new(lambda: Name.same(self._random.choice(words)), chosen)
        chosen[f"{kind}/{len(chosen)}"] = filler
        return filler.full

    def _new(self, draw: Callable[[], Name], chosen: Mapping[str, Name]) -> Name:
        """Draw something that is not in the sentence yet, if a few draws find it."""
        used = {name.short for name in chosen.values()}
        for _ in range(4):
            name = draw()
            if name.short not in used:
                break
        return name

    def _choose(self, match: re.Match[str]) -> str:
        return self._random.choice(str(match[1]).split("|"))

    def _tokens(self, pieces: Iterator[Piece]) -> tuple[list[str], list[str]]:
        tokens, tags = list[str](), list[str]()
        before = Piece(" ")
        for piece in pieces:
            if not piece.text:
                continue
            words = piece.text.split()
            new = [OUTSIDE] * len(words)
            if piece.type:
                new = [f"{'I' if number else 'B'}-{piece.type}" for number in range(len(words))]
            touches = not before.text[-1:].isspace() and not piece.text[:1].isspace()
            if touches and words and tokens:
                words[0] = self._rewrite(tokens.pop() + words[0])
                tag = tags.pop()
                new[0] = new[0] if tag == OUTSIDE else tag
            tokens += words
            tags += new
            before = piece
        return tokens, tags

    def _rewrite(self, word: str) -> str:
        for pattern, new in self._rewrites:
            word = pattern.sub(new, word)
        return word

    def _elide(self, tokens: list[str]) -> None:
        if not self._grammar.elision:
            return
        for place, (token, following) in enumerate(pairwise(tokens)):
            if token in self._grammar.elision and re.match(self._grammar.elision_before, following):
                tokens[place] = self._grammar.elision[token]
