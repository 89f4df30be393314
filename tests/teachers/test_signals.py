import numpy as np
import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import UsageError
from xner.store.ragged import Ragged
from xner.store.ragged import write as write_file
from xner.teachers import signals as signals_module
from xner.teachers.combination import joined
from xner.teachers.fitting import MisfitError
from xner.teachers.signals import Signals, record, write_rows


def corpus_of(lengths):
    return Corpus.from_sentences("x", "de", "train", (Sentence(["w"] * length) for length in lengths))


def rows_of(lengths, width=3, dtype=np.float32, name="p", seed=0):
    draw = np.random.default_rng(seed)
    return [{name: draw.standard_normal((length, width)).astype(dtype)} for length in lengths]


def check(signals, rows):
    for number, row in enumerate(rows):
        read = signals.row(number)
        assert set(read) == set(row)
        for name, values in row.items():
            assert read[name].dtype == values.dtype
            assert np.array_equal(read[name], values, equal_nan=True)


def write(path, corpus, rows):
    """Records what one teacher says, who is asked block by block."""
    left = iter(rows)

    def label(block, _):
        return [row for _, row in zip(block, left, strict=False)]

    record(path, corpus, rows[0].keys(), label, lambda *_: None)


@pytest.mark.parametrize("size", [1, 4, 5, 8, 11])
def test_a_teacher_is_asked_block_by_block(tmp_path, monkeypatch, size):
    monkeypatch.setattr(signals_module, "_BLOCK", 4)
    lengths = [1 + number % 5 for number in range(size)]
    rows, asked, heard = rows_of(lengths), [], []

    def label(block, numbers):
        start = sum(asked)
        assert [*numbers] == [*range(start, start + len(block))]
        asked.append(len(block))
        return iter(rows[start : start + len(block)])

    record(tmp_path / "s.arrow", corpus_of(lengths), ["p"], label, lambda *args: heard.append(args))
    assert sum(asked) == size and max(asked) <= 4
    check(Signals.open([tmp_path / "s.arrow"]), rows)
    assert heard[-1] == (1.0, sum(lengths)) and heard == sorted(heard) and len(heard) == len(asked)


def test_columns_of_several_teachers_stand_side_by_side(tmp_path):
    lengths = [2, 3, 1] * 100
    first = [a | b for a, b in zip(rows_of(lengths), rows_of(lengths, 2, np.float16, "q"), strict=True)]
    second = rows_of(lengths, 8, np.float16, "vectors", seed=1)
    write(tmp_path / "1.arrow", corpus_of(lengths), first)
    write(tmp_path / "2.arrow", corpus_of(lengths), second)
    signals = Signals.open([tmp_path / "1.arrow", tmp_path / "2.arrow"])
    check(signals, [a | b for a, b in zip(first, second, strict=True)])


def test_what_several_teachers_say_under_one_name_counts_the_same(tmp_path):
    lengths = [2, 3, 1]
    parts = [
        [p | v for p, v in zip(rows_of(lengths, seed=seed), rows_of(lengths, 4, np.float16, "v", seed), strict=True)]
        for seed in range(3)
    ]
    for number, rows in enumerate(parts):
        write(tmp_path / str(number), corpus_of(lengths), rows)
    signals = Signals.open([tmp_path / str(number) for number in range(3)], embeddings=["v"])
    for number in range(3):
        row, said = signals.row(number), [rows[number] for rows in parts]
        assert np.allclose(row["p"], sum(each["p"] for each in said) / 3, atol=1e-6)
        for i in range(lengths[number]):
            for j in range(lengths[number]):
                cosines = [cosine(*each["v"][[i, j]].astype(float)) for each in said]
                assert cosine(row["v"][i], row["v"][j]) == pytest.approx(sum(cosines) / 3, abs=1e-3)


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_one_signal_in_two_widths(tmp_path):
    for width in (2, 3):
        write(tmp_path / str(width), corpus_of([2]), rows_of([2], width))
    with pytest.raises(UsageError, match="several teachers give one signal in different widths: 2, 3; only equal"):
        Signals.open([tmp_path / "2", tmp_path / "3"]).row(0)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([2, 3], r"^gives 2 rows for 3 sentences of x de/train$"),
        ([2, 3, 2], r"^gives 2 rows of 'p' for 1 words of x de/train, in the sentence 'w ...'$"),
        ([3, 2, 1], r"^gives 3 rows of 'p' for 2 words of x de/train, in the sentence 'w w ...'$"),
        ([2, 3, 0], r"^gives 0 rows of 'p' for 1 words of x de/train, "),
    ],
    ids=["too few sentences", "too many words", "another order", "too few words"],
)
def test_rows_that_do_not_fit_the_corpus(tmp_path, lengths, message):
    with pytest.raises(MisfitError, match=message):
        write(tmp_path / "s.arrow", corpus_of([2, 3, 1]), rows_of(lengths))


def test_every_column_must_fit(tmp_path):
    rows = [a | b for a, b in zip(rows_of([2, 3]), rows_of([3, 2], name="q"), strict=True)]
    with pytest.raises(MisfitError, match="gives 3 rows of 'q' for 2 words"):
        write(tmp_path / "s.arrow", corpus_of([2, 3]), rows)


def test_rows_left_over(tmp_path):
    with pytest.raises(MisfitError, match="gives 3 rows for 2 sentences"):
        record(tmp_path / "s.arrow", corpus_of([2, 3]), ["p"], lambda *_: rows_of([2, 3, 1]), lambda *_: None)


@pytest.mark.parametrize("columns", [["p", "q"], ["q"], []])
def test_a_teacher_that_gives_other_signals_than_it_provides(tmp_path, columns):
    expected = f"^gives the signals p, but provides {', '.join(columns)}$"
    with pytest.raises(MisfitError, match=expected):
        record(tmp_path / "s.arrow", corpus_of([2]), columns, lambda *_: rows_of([2]), lambda *_: None)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_signal_that_is_not_finite(tmp_path, value):
    rows = rows_of([2, 3], dtype=np.float16)
    rows[1]["p"][2, 1] = value
    with pytest.raises(MisfitError, match=r"^gives a signal 'p' of x de/train that is not finite$"):
        write(tmp_path / "s.arrow", corpus_of([2, 3]), rows)


def test_rows_of_sentences_need_not_be_rows_of_words(tmp_path, monkeypatch):
    monkeypatch.setattr(signals_module, "_BLOCK", 4)
    corpus, heard = corpus_of([3, 1, 2, 5, 4, 1]), []

    def rows_of(block, numbers):
        assert len(numbers) == len(block)
        return [{"v": np.full((1, 2), len(sentence.tokens), np.float32)} for sentence in block]

    write_rows(tmp_path / "s.arrow", corpus, rows_of, lambda *args: heard.append(args))
    check(Signals.open([tmp_path / "s.arrow"]), rows_of(corpus, range(6)))
    assert heard == [(0.5, 11), (1.0, 16)]


LENGTHS = [3, 1, 4, 2]


@pytest.fixture
def files(tmp_path):
    """Two teachers' files of four sentences in two batches, and the rows in them."""
    rows = []
    for k in range(2):
        draw = np.random.default_rng(k)
        rows.append(
            [
                {"p": draw.random((n, 3)).astype(np.float32), "v": draw.standard_normal((n, 4)).astype(np.float16)}
                for n in LENGTHS
            ]
        )
        write_file(tmp_path / str(k), [rows[k][:3], rows[k][3:]])
    return [Ragged(tmp_path / str(k)) for k in range(2)], rows


def test_every_sentence_is_combined_with_its_own_weights(files):
    weights = np.random.default_rng(0).dirichlet(np.ones(2), len(LENGTHS))
    combined = Signals(files[0], ["k", "k"], weights, ("v",))
    for number, length in enumerate(LENGTHS):
        row, said = combined.row(number), [rows[number] for rows in files[1]]
        assert set(row) == {"p", "v"} and row["v"].shape == (length, 8)
        expected = weights[number, 0] * said[0]["p"] + weights[number, 1] * said[1]["p"]
        assert np.allclose(row["p"], expected, atol=1e-6)
        assert np.array_equal(row["v"], joined([one["v"] for one in said], weights[number]))


def test_what_is_no_embedding_is_averaged(files):
    row = Signals(files[0], ["k", "k"], np.ones(2)).row(2)
    assert row["v"].shape == (4, 4)
    assert np.allclose(row["v"], sum(rows[2]["v"].astype(float) for rows in files[1]) / 2, atol=1e-6)


def test_each_teacher_can_be_heard_alone(files):
    signals = Signals(files[0], ["one", "other"], np.array([0.3, 0.7]))
    assert signals.teachers == ("one", "other") and len(signals) == len(LENGTHS)
    for name, rows in zip(signals.teachers, files[1], strict=True):
        check(signals.of(name), rows)


def test_teachers_of_one_name_are_heard_as_one(files):
    signals = Signals([*files[0], files[0][0]], ["one", "one", "other"], np.array([0.3, 0.7, 1.0]))
    p = [rows[0]["p"] for rows in files[1]]
    assert np.allclose(signals.of("one").row(0)["p"], 0.3 * p[0] + 0.7 * p[1], atol=1e-6)
    assert np.allclose(signals.row(0)["p"], (0.3 * p[0] + 0.7 * p[1] + p[0]) / 2, atol=1e-6)


def test_each_teacher_is_heard_apart_from_others_of_its_name(files, tmp_path):
    write_file(tmp_path / "r", [[{"p": np.ones((n, 3), np.float32)} for n in LENGTHS]])
    shares = np.array([0.3, 0.7])
    signals = Signals(files[0], ["one", "one"], shares, ("v",), [Ragged(tmp_path / "r")])
    for alone, rows in zip(signals.apart, files[1], strict=True):
        assert alone.teachers == ("one",)
        check(alone, rows)


def test_what_was_refined_stands_in_place_of_what_was_said(files, tmp_path):
    for number in range(2):
        write_file(tmp_path / f"r{number}", [[{"p": np.full((n, 3), number, np.float32)} for n in LENGTHS]])
    refined = [Ragged(tmp_path / f"r{number}") for number in range(2)]
    signals = Signals(files[0], ["one", "other"], np.ones(2), ("v",), refined)
    row, plain = signals.row(2), Signals(files[0], ["one", "other"], np.ones(2), ("v",)).row(2)
    assert (row["p"] == 1).all() and np.array_equal(row["v"], plain["v"])  # the last refiner counts
    check(signals.of("one"), files[1][0])
