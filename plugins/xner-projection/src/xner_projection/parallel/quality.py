"""How far projected labels can be trusted: by how often a word got the same type elsewhere (Ni et al., ACL 2017)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xner.base import Sentence


@dataclass(frozen=True)
class Types:
    """How often words got which type.

    Args:
        words: how often each word stands in the projected sentences.
        typed: how often it is in an entity of a type there.
    """

    words: Counter[str]
    typed: Counter[tuple[str, str]]

    @classmethod
    def of(cls, sentences: Iterable[Sentence]) -> "Types":
        """Count them."""
        words, typed = Counter[str](), Counter[tuple[str, str]]()
        for tokens, tags in sentences:
            words.update(tokens)
            typed.update((word, tag[2:]) for word, tag in zip(tokens, tags or [], strict=True) if tag[2:])
        return cls(words, typed)

    def quality(self, sentence: Sentence) -> float:
        """Return q(y), the mean over a sentence's entity words of P(w, t) = c(w, t) / c(w); 0 without any."""
        shares = [
            self.typed[word, tag[2:]] / self.words[word]
            for word, tag in zip(sentence.tokens, sentence.tags or [], strict=True)
            if tag[2:]
        ]
        return sum(shares) / max(len(shares), 1)


def trusted(sentences: Sequence[Sentence], quality: float, entities: int) -> list[Sentence]:
    """Return the sentences with q(y) and n(y), the number of entities, at least as high as these.

    Args:
        sentences: all that were projected.
        quality: q0.
        entities: n0.
    """
    types = Types.of(sentences)
    return [
        sentence
        for sentence in sentences
        if sum(tag.startswith("B-") for tag in sentence.tags or []) >= entities and types.quality(sentence) >= quality
    ]
