import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from tests.scored import score
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, Decoded, Decoder, DecodingSettings
from xner.errors import XnerError
from xner.scoring.scores import RULES, Metrics, count, tag_and_score

TYPES = ("LOC", "PER", "ORG")
TAGS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))


class Conlleval:
    """The conlleval script of CoNLL-2002, from its rules: one pass over all tokens, with an O at each sentence's end.

    It keeps no chunks. It only asks at each token whether one begins or ends here, in the gold and in the guess, and
    whether a chunk that began in both at the same token, with the same type, also ends in both at the same token.
    """

    def __init__(self, gold, predicted):
        self.right, self.found, self.gold = ({} for _ in range(3))
        before = [("O", ""), ("O", "")]
        open_type = None  # of a chunk that is the same in both so far
        for tags in zip(gold, predicted, strict=True):
            for pair in [*zip(*tags, strict=True), ("O", "O")]:
                now = [(tag[0], tag[2:]) for tag in pair]
                ends = [self.ends(*states) for states in zip(before, now, strict=True)]
                begins = [self.begins(*states) for states in zip(before, now, strict=True)]
                if open_type is not None:
                    if all(ends):
                        self.right[open_type] = self.right.get(open_type, 0) + 1
                    if any(ends):
                        open_type = None
                for begun, (_, kind), counts in zip(begins, now, (self.gold, self.found), strict=True):
                    if begun:
                        counts[kind] = counts.get(kind, 0) + 1
                if all(begins) and now[0][1] == now[1][1]:
                    open_type = now[0][1]
                before = now

    @staticmethod
    def ends(before, now):
        (old, old_type), (new, new_type) = before, now
        return old in ("B", "I") and (new in ("B", "O") or old_type != new_type)

    @staticmethod
    def begins(before, now):
        (old, old_type), (new, new_type) = before, now
        return new == "B" or (new == "I" and (old == "O" or old_type != new_type))

    def counts(self, kind=None):
        return [sum(n for k, n in side.items() if kind in (None, k)) for side in (self.right, self.found, self.gold)]

    @property
    def types(self):
        return {*self.found, *self.gold}


class Strict:
    """IOB2 by the book: an entity is a B- with all I- of its type right behind it, and nothing else is one."""

    def __init__(self, gold, predicted):
        right, found = self.entities(gold), self.entities(predicted)
        self.sides = [[one for one in found if one in right], found, right]

    @staticmethod
    def entities(sentences):
        found = []
        for number, tags in enumerate(sentences):
            for start, tag in enumerate(tags):
                if tag[0] == "B":
                    end = start + 1
                    while end < len(tags) and tags[end] == "I" + tag[1:]:
                        end += 1
                    found.append((number, start, end, tag[2:]))
        return found

    def counts(self, kind=None):
        return [sum(kind in (None, one[3]) for one in side) for side in self.sides]

    @property
    def types(self):
        return {one[3] for side in self.sides for one in side}


NAIVE = {"conlleval": Conlleval, "strict": Strict}


def rates(right, found, gold):
    precision = 100 * right / found if found else 0
    recall = 100 * right / gold if gold else 0
    f1 = 2 * precision * recall / (precision + recall) if right else 0
    return pytest.approx((precision, recall, f1, gold), abs=0.00501)


def numbers(result):
    return result.precision, result.recall, result.f1, result.entities


def check(gold, predicted, rule):
    naive, counts = NAIVE[rule](gold, predicted), count(gold, predicted, "x", rule)
    metrics = score(gold, predicted, "x", rule)
    assert counts.by_sentence.sum(axis=0).tolist() == naive.counts()
    assert numbers(metrics.overall) == rates(*naive.counts())
    assert set(metrics.by_type) == set(counts.types) == naive.types
    for place, (kind, result) in enumerate(metrics.by_type.items()):
        assert counts.values[:, place].sum(axis=0).tolist() == naive.counts(kind)
        assert numbers(result) == rates(*naive.counts(kind))
    for number, pair in enumerate(zip(gold, predicted, strict=True)):
        assert counts.by_sentence[number].tolist() == NAIVE[rule](*([tags] for tags in pair)).counts()
    assert (metrics.sentences, metrics.rule) == (len(gold), RULES[rule])


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=300)
@given(st.lists(st.lists(st.tuples(*[st.sampled_from(TAGS)] * 2), max_size=8), min_size=1, max_size=6))
def test_any_tags_count_as_the_rule_says(rule, pairs):
    check([[gold for gold, _ in sentence] for sentence in pairs], [[guess for _, guess in s] for s in pairs], rule)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_thousands_of_sentences_count_as_the_rule_says(rule, share):
    """Gold and guess agree but for a share of the tags, and most I- continue nothing."""
    draw = random.Random(f"{rule} {share}")
    for _ in range(20):
        gold = [draw.choices(TAGS, k=draw.randint(1, 20)) for _ in range(50)]
        guess = [[draw.choice(TAGS) if draw.random() < share else tag for tag in tags] for tags in gold]
        check(gold, guess, rule)


@pytest.mark.parametrize("mode", ["strict", None])
def test_what_seqeval_itself_says(mode):
    """Strict is its strict mode for IOB2; conlleval is its default mode, which its authors hold against the script."""
    draw = random.Random(0)
    gold, guess = ([draw.choices(TAGS, k=12) for _ in range(300)] for _ in range(2))
    gold[0] = guess[0] = ["B-PER", "I-PER", "I-LOC", "O", "I-ORG", "B-LOC", "I-LOC", "B-LOC", *["O"] * 4]
    options = {"mode": mode, "scheme": IOB2} if mode else {}
    expected = [measure(gold, guess, **options) for measure in (precision_score, recall_score, f1_score)]
    overall = score(gold, guess, "x", "strict" if mode else "conlleval").overall
    assert numbers(overall)[:3] == pytest.approx([100 * value for value in expected], abs=0.00501)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected", "strict"),
    [
        ("B-PER I-PER O", "B-PER I-PER O", (100, 100, 100, 1), None),
        ("B-PER I-PER O", "B-PER O O", (0, 0, 0, 1), None),
        ("B-PER I-PER O", "B-PER B-PER O", (0, 0, 0, 1), None),
        ("B-PER O B-LOC", "B-PER O B-ORG", (50, 50, 50, 2), None),
        ("O O", "O O", (0, 0, 0, 0), None),
        ("O O", "B-PER O", (0, 0, 0, 0), None),
        ("B-PER O", "O O", (0, 0, 0, 1), None),
        # an I- that continues nothing
        ("B-PER I-PER O", "I-PER I-PER O", (100, 100, 100, 1), (0, 0, 0, 1)),
        ("B-PER O B-LOC", "B-PER I-LOC B-LOC", (66.67, 100, 80, 2), (100, 100, 100, 2)),
        ("B-PER B-LOC O", "B-PER I-LOC O", (100, 100, 100, 2), (100, 50, 66.67, 2)),
        ("B-PER I-PER B-LOC", "B-PER I-PER I-LOC", (100, 100, 100, 2), (100, 50, 66.67, 2)),
    ],
)
def test_by_hand(gold, predicted, expected, strict):
    metrics = score([gold.split()], [predicted.split()], "demo de/test")
    assert numbers(metrics.overall) == expected
    assert (metrics.corpus, metrics.rule, metrics.chosen_on) == ("demo de/test", RULES["conlleval"], "last step")
    assert numbers(score([gold.split()], [predicted.split()], "x", "strict").overall) == (strict or expected)


def test_by_type():
    metrics = score([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "B-ORG"]], "x")
    assert {kind: numbers(result) for kind, result in metrics.by_type.items()} == {
        "PER": (100, 100, 100, 1),
        "LOC": (0, 0, 0, 1),
        "ORG": (0, 0, 0, 0),
    }


@pytest.mark.parametrize("guess", [["O"], ["O", "O", "O"]])
def test_another_number_of_tags(guess):
    with pytest.raises(XnerError, match=f"x: sentence 1 has 2 words but {len(guess)} predicted tags"):
        score([["O"], ["O", "O"]], [["O"], guess], "x")


def test_another_number_of_sentences():
    with pytest.raises(ValueError, match="longer"):
        score([["O"]], [["O"], ["O"]], "x")


class Illegal:
    """A tagger whose model puts an I- where nothing begins."""

    chosen_on = "source dev"
    labels = LabelSet(("LOC", "MISC", "PER"))
    decoder = Decoder(labels, ARGMAX)

    def tags(self, corpus, repaired=True):
        said = Decoded(["I-PER", "I-PER", "O"], [1.0] * 3, [1.0])
        return [said.tags if repaired else said.best for _ in corpus]


@pytest.mark.parametrize(
    ("rule", "tags", "f1"), [("conlleval", ["B-PER", "I-PER", "O"], 100), ("strict", ["I-PER", "I-PER", "O"], 0)]
)
def test_strict_sees_what_the_model_chose_and_conlleval_what_users_get(rule, tags, f1):
    corpus = Corpus.from_sentences("x", "de", "test", [Sentence(["Ada", "Love", "!"], ["B-PER", "I-PER", "O"])])
    scored = tag_and_score(Illegal(), corpus, rule)
    assert (scored.tags, scored.metrics.overall.f1, scored.metrics.rule) == ([tags], f1, RULES[rule])
    assert scored.counts.by_sentence.tolist() == [[f1 // 100, f1 // 100, 1]]
    assert (scored.metrics.corpus, scored.metrics.chosen_on) == ("x de/test", "source dev")
    assert scored.metrics.decoding == "argmax"


class Says(Illegal):
    """A tagger of three types that says the same of every sentence."""

    def tags(self, corpus, repaired=True):
        return [["B-PER", "B-MISC", "I-MISC", "B-LOC"] for _ in corpus]


@pytest.mark.parametrize(
    ("types", "renames", "predicted", "entities", "lacking"),
    [
        ((), {}, 3, 2, ("MISC",)),
        ((), {"MISC": "O"}, 2, 2, ()),  # maps apply to what is predicted too
        ((), {"MISC": "LOC"}, 3, 2, ()),
        (("PER", "LOC"), {}, 2, 2, ()),
        (("PER",), {}, 1, 1, ()),
        (("PER",), {"MISC": "PER"}, 2, 1, ()),
        (("MISC",), {}, 1, 0, ("MISC",)),
    ],
)
def test_which_types_are_scored(types, renames, predicted, entities, lacking):
    gold = Sentence(["Ada", "a", "b", "Rome"], ["B-PER", "O", "O", "B-LOC"])
    corpus = Corpus.from_sentences("x", "de", "test", [gold])
    scored = tag_and_score(Says(), corpus, "conlleval", types, renames)
    counts = scored.counts.values.sum(axis=(0, 1))
    assert (int(counts[1]), int(counts[2])) == (predicted, entities)
    assert scored.metrics.lacking == lacking


def test_the_rule_of_decoding_stands_beside_a_score():
    class Chained(Illegal):
        decoder = Decoder(Illegal.labels, DecodingSettings(rule="chain"), Bigrams.of([], Illegal.labels))

    corpus = Corpus.from_sentences("x", "de", "test", [Sentence(["Ada", "Love", "!"], ["B-PER", "I-PER", "O"])])
    assert tag_and_score(Chained(), corpus, "conlleval").metrics.decoding == "chain 0.25"


def test_scores_of_before_are_by_argmax():
    old = score([["B-PER"]], [["B-PER"]], "x").model_dump(exclude={"decoding"})
    assert Metrics.model_validate(old).decoding == "argmax"
