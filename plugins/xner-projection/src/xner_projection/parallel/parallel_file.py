"""A file of parallel text: a sentence, a tab, its translation."""

from pathlib import Path

from xner.base import Corpus, Sentence, words_of
from xner.errors import DataError


def parallel_text(path: str, source: str, target: str) -> tuple[Corpus, list[list[str]]]:
    """Return the source's sentences, and the words of each one's translation.

    Words are what spaces separate, with punctuation at their ends apart; a line of which a side has no word is left
    out.

    Args:
        path: the file, UTF-8; {source} and {target} stand for the languages' codes.
        source: the code of the language of the first column.
        target: that of the second.

    Raises:
        DataError: there is no such file, it is not UTF-8, a line of it has not two columns, or it has no pair.
    """
    file = Path(path.replace("{source}", source).replace("{target}", target)).expanduser()
    if not file.is_file():
        raise DataError(f"{file}: no such parallel text of {source} and {target}; set methods.ws.parallel")
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error
    pairs = list[tuple[list[str], list[str]]]()
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if line.strip() and len(cells) != 2:
            raise DataError(f"{file}:{number}: expected a sentence, a tab and its translation: {line.strip()[:60]!r}")
        if len(cells) == 2 and all(sides := tuple(map(words_of, cells))):
            pairs.append((sides[0], sides[1]))
    sentences = (Sentence(one) for one, _ in pairs)
    return Corpus.from_sentences(file.name, source, "parallel", sentences), [other for _, other in pairs]
