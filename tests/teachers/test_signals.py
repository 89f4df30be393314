import numpy as np
import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import UsageError
from xner.teachers import signals as signals_module
from xner.teachers.signals import MisfitError, Signals, record, write_rows


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

    def label(block):
        return [row for _, row in zip(block, left, strict=False)]

    record(path, corpus, rows[0].keys(), label, lambda *_: None)


@pytest.mark.parametrize("size", [1, 4, 5, 8, 11])
def test_a_teacher_is_asked_block_by_block(tmp_path, monkeypatch, size):
    monkeypatch.setattr(signals_module, "_BLOCK", 4)
    lengths = [1 + number % 5 for number in range(size)]
    rows, asked, heard = rows_of(lengths), [], []

    def label(block):
        start = sum(asked)
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
        record(tmp_path / "s.arrow", corpus_of([2, 3]), ["p"], lambda _: rows_of([2, 3, 1]), lambda *_: None)


@pytest.mark.parametrize("columns", [["p", "q"], ["q"], []])
def test_a_teacher_that_gives_other_signals_than_it_provides(tmp_path, columns):
    expected = f"^gives the signals p, but provides {', '.join(columns)}$"
    with pytest.raises(MisfitError, match=expected):
        record(tmp_path / "s.arrow", corpus_of([2]), columns, lambda _: rows_of([2]), lambda *_: None)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_signal_that_is_not_finite(tmp_path, value):
    rows = rows_of([2, 3], dtype=np.float16)
    rows[1]["p"][2, 1] = value
    with pytest.raises(MisfitError, match=r"^gives a signal 'p' of x de/train that is not finite$"):
        write(tmp_path / "s.arrow", corpus_of([2, 3]), rows)


def test_rows_of_sentences_need_not_be_rows_of_words(tmp_path, monkeypatch):
    monkeypatch.setattr(signals_module, "_BLOCK", 4)
    corpus, heard = corpus_of([3, 1, 2, 5, 4, 1]), []

    def rows_of(block):
        return [{"v": np.full((1, 2), len(sentence.tokens), np.float32)} for sentence in block]

    write_rows(tmp_path / "s.arrow", corpus, rows_of, lambda *args: heard.append(args))
    check(Signals.open([tmp_path / "s.arrow"]), rows_of(corpus))
    assert heard == [(0.5, 11), (1.0, 16)]
