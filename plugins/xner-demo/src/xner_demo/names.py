"""The names of one language and split: pools of full and short forms, partly kept apart between the splits."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from faker import Faker

SHARES: Mapping[str, float] = {"train": 0.5, "dev": 0.15, "test": 0.35}
"""How the splits divide what they do not have in common."""

_SHARED_NAMES = 0.35
_FEW = 8  # a list shorter than this belongs to every split
_PERSONS, _OTHERS = 120, 10  # how many names a pattern gives
_PART = re.compile(r"\{(\w+)\}")
_ODD = re.compile(r"[^\w\s'’-]|\d")


@dataclass(frozen=True)
class Name:
    """A name and the short form that a second mention may use, which is the name itself where it has none."""

    full: str
    short: str

    @classmethod
    def same(cls, text: str) -> "Name":
        """Return a name without a short form."""
        return cls(text, text)


@dataclass(frozen=True)
class Pool:
    """The names of one kind, common ones first.

    Args:
        names: the names, without repetition.
        weights: cumulative weights that fall with the rank, so that a few names occur often and many rarely.
    """

    names: tuple[Name, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, names: Sequence[Name], random: Random) -> "Pool":
        """Rank the names at random."""
        ranked = list(dict.fromkeys(names))
        random.shuffle(ranked)
        return cls(tuple(ranked), tuple(accumulate(1 / (rank + 6) for rank in range(len(ranked)))))

    def draw(self, random: Random) -> Name:
        """Return one name, a common one more likely."""
        return random.choices(self.names, cum_weights=self.weights)[0]


def portion(items: Sequence[str], split: str, key: str, shared: float) -> list[str]:
    """Return what a split may use of a list: a part that all splits share and a part that is its own.

    Args:
        items: the whole list; a short one is not divided.
        split: "train", "dev" or "test".
        key: decides together with the list which item goes where.
        shared: the share of the items that every split may use.
    """
    if len(items) < _FEW:
        return list(items)
    order = list(dict.fromkeys(items))
    Random(key).shuffle(order)
    common = round(len(order) * shared)
    own, start = order[common:], 0.0
    for name, share in SHARES.items():
        end = start + share
        if name == split:
            return order[:common] + own[round(start * len(own)) : round(end * len(own))]
        start = end
    raise KeyError(split)


def build_pools(
    names: Mapping[str, Sequence[str]], patterns: Mapping[str, Sequence[str]], locale: str | None, seed: int, split: str
) -> dict[str, Pool]:
    """Return the names of every kind that the sentences of one split may use.

    Args:
        names: for each kind the names themselves, without their alternatives' markup.
        patterns: for each kind of composed names its patterns: `{kind}` stands for a listed name, and `<...>` marks
            the short form, as in "FC <{city}>".
        locale: where Faker adds first and last names (`first_m`, `first_f`, `last`); None if the lists are enough.
        seed: the seed of the corpus.
        split: "train", "dev" or "test".

    Returns:
        A pool for each kind; where there is no `person`, it is all of `person_m` and `person_f`.
    """
    lists = {kind: list(items) for kind, items in names.items()}
    for kind, drawn in (_fake_names(locale, seed) if locale else {}).items():
        lists[kind] = [*lists.get(kind, ()), *drawn]
    lists = {kind: portion(items, split, f"{seed}/{kind}", _SHARED_NAMES) for kind, items in lists.items()}
    random = Random(f"{seed}/{split}/{locale}/names")
    pools = dict[str, list[Name]]()
    for kind in dict.fromkeys([*lists, *patterns]):
        composed = [
            _compose(pattern, lists, random)
            for pattern in patterns.get(kind, ())
            for _ in range(_PERSONS if kind.startswith("person") else _OTHERS)
        ]
        pools[kind] = [*map(Name.same, lists.get(kind, ())), *composed]
    pools.setdefault("person", [*pools.get("person_m", ()), *pools.get("person_f", ())])
    return {kind: Pool.of(found, random) for kind, found in pools.items() if found}


def _compose(pattern: str, lists: Mapping[str, Sequence[str]], random: Random) -> Name:
    text = _PART.sub(lambda match: random.choice(lists[match[1]]), pattern)
    short = re.search("<(.*)>", text)
    full = text.replace("<", "").replace(">", "")
    return Name(full, short[1][:1].upper() + short[1][1:] if short else full)


def _fake_names(locale: str, seed: int) -> dict[str, list[str]]:
    fake = Faker(locale)
    fake.seed_instance(f"{seed}/{locale}")
    sources = {"first_m": fake.first_name_male, "first_f": fake.first_name_female, "last": fake.last_name}
    drawn = {}
    for kind, source in sources.items():
        found = (unicodedata.normalize("NFC", source()).strip() for _ in range(140 if kind == "last" else 60))
        drawn[kind] = [name for name in dict.fromkeys(found) if not _ODD.search(name) and name.count(" ") < 3]
    return drawn
