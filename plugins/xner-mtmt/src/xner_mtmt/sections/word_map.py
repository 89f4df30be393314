"""The section `word-map`: word vectors of teachers and student on a plane (Li et al. 2022, figure 5)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Corpus, Part, Points, RunView, Section, Settings, Table

_EXACT = 5000
"""Up to so many words t-SNE is drawn; beyond them, where it takes minutes, the two main components."""
_PERPLEXITY = 30
_FEWEST = 4


class WordMap(Section):
    """Draws word vectors on a plane, coloured by gold tag, and counts how often neighbours have the same tag."""

    class Config(Settings):
        """How much is looked at."""

        sentences: int = Field(1000, ge=1, description="Labelled sentences that words are drawn from, the first ones.")
        words: int = Field(700, ge=_FEWEST, description="Words on a map, as many of each tag as there are.")

    config: Config
    title: ClassVar[str] = "Words of the target on a map"
    needs: ClassVar[tuple[str, ...]] = ("vectors",)
    labels: ClassVar[bool] = True
    costly: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return a map of each of the vectors, and how many neighbours have the same tag."""
        some = view.tested.part(0, self.config.sentences)
        tags = np.array([tag for sentence in some for tag in sentence.tags or []])
        chosen = drawn(tags, self.config.words)
        if len(chosen) < _FEWEST:
            return ()
        tags, rows, maps = tags[chosen], [], list[Part]()
        for whose, row in _vectors(view, some).items():
            vectors = np.concatenate(list(row)).astype(np.float32)[chosen]
            places = flat(vectors)
            rows.append((whose, len(chosen), neighbours(unit(vectors), tags), neighbours(places, tags)))
            maps.append(_map(whose, places, tags))
        table = Table(
            caption="How often the nearest word has the same gold tag: by the cosine of the vectors, and on the map.",
            heads=("vectors of", "words", "by cosine, %", "on the map, %"),
            rows=tuple(rows),
        )
        return [table, *maps]


def _vectors(view: RunView, corpus: Corpus) -> Mapping[str, Iterator[np.ndarray]]:
    """Return, by name, vectors of the words of each sentence: of each teacher that tags, the evaluator, the student."""
    found = dict[str, Iterator[np.ndarray]]()
    for teacher in view.taggers:
        found[f"{teacher.title(len(view.sources) > 1)}, hidden states"] = view.hidden(corpus, teacher.stage)
    found["evaluator"] = view.say("vectors", corpus)
    found["student, hidden states"] = view.hidden(corpus)
    return found


def drawn(tags: np.ndarray, words: int) -> np.ndarray:
    """Return the numbers, in order, of words that are drawn evenly over the tags, the same ones every time.

    Args:
        tags: (W,) the tags of all words.
        words: how many at most.
    """
    draw, kinds = np.random.default_rng(0), np.unique(tags)
    places = (draw.permutation(np.flatnonzero(tags == kind))[: words // len(kinds)] for kind in kinds)
    return np.sort(np.concatenate(list(places)))


def flat(vectors: np.ndarray) -> np.ndarray:
    """Return places on a plane: by t-SNE, or the two main components where there are too many for it.

    Source: van der Maaten and Hinton, JMLR 2008.

    Args:
        vectors: (W, width).

    Returns:
        (W, 2)
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    if len(vectors) > _EXACT:
        return np.asarray(PCA(2, random_state=0).fit_transform(vectors))
    spread = min(_PERPLEXITY, (len(vectors) - 1) / 3)
    return np.asarray(TSNE(2, perplexity=spread, init="pca", random_state=0).fit_transform(unit(vectors)))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length one."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(min=1e-9))


def neighbours(places: np.ndarray, tags: np.ndarray) -> float:
    """Return the share of words, in per cent, whose nearest other word has the same tag.

    Args:
        places: (W, width); near is what is near by Euclid, which of vectors of length one is what has a high cosine.
        tags: (W,)
    """
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=1).fit(places).kneighbors(return_distance=False)[:, 0]  # of others than itself
    return round(100 * float((tags[near] == tags).mean()), 2)


def _map(whose: str, places: np.ndarray, tags: np.ndarray) -> Points:
    how = "t-SNE" if len(places) <= _EXACT else "PCA"
    groups = {
        str(tag): tuple((round(float(x), 3), round(float(y), 3)) for x, y in places[tags == tag])
        for tag in np.unique(tags)
    }
    return Points(
        caption=f"Vectors of {whose}, by {how}: {len(places):,} words, coloured by gold tag. Words that are alike lie "
        "near each other; what lies far apart means little.",
        points=groups,
    )
