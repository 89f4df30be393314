"""From records to sentences: words or a text, with a tag a word or with spans."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import peek
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.corpora.formats.records.fields import SKIPPED, TAGS, keys_of, plain
from xner.corpora.formats.records.spans import Marked, parsed, tags_of
from xner.corpora.formats.tags import TagReader
from xner.corpora.labels import OUTSIDE
from xner.corpora.words import Word, split_words
from xner.errors import DataError

_HEAD = 100
"""Records from which it is told whether types have prefixes."""
_REJECTED = ("reject", "ignore", SKIPPED)
_USUAL = (("tokens", "tags"), ("tokens", "ner_tags"), ("tokens", ""), ("text", ""))

Rows = Iterable[tuple[str, object]]
"""Records, each with the file and line where it is."""


def sentences_of(rows: Rows, options: ReadOptions, notes: Notes, names: Sequence[str] = ()) -> Iterator[Sentence]:
    """Yield the sentence of each record.

    Args:
        rows: the records in order.
        options: may name keys, and what numbers stand for.
        notes: what is to be said of them.
        names: what numbers stand for, where the file says it.

    Raises:
        DataError: a record cannot be read; the message names its line.
    """
    reader = _Reader(options, notes, names)
    head, stream = peek(rows, _HEAD)
    reader.look_at(head)
    for where, row in stream:
        fields = plain(row, where)
        if fields.get("answer") in _REJECTED:
            notes.add(where, f"the record was answered with {fields['answer']}, and is left out", "answer")
            continue
        yield reader.sentence(fields, where)


class _Reader:
    def __init__(self, options: ReadOptions, notes: Notes, names: Sequence[str]) -> None:
        self.options, self.notes = options, notes
        self.tags = TagReader(options.names or names, notes)

    def look_at(self, head: Rows) -> None:
        """Learn from the first records how tags are written."""
        sample = list[object]()
        for where, row in head:
            try:
                fields = plain(row, where)
                labels = fields.get(keys_of(fields, self.options, where)[1])
            except DataError:
                break  # it is told where it stands
            if isinstance(labels, list):
                sample.extend(label for label in labels if isinstance(label, str | int))
        self.tags.learn(sample)

    def sentence(self, fields: Mapping[str, object], where: str) -> Sentence:
        """Read one record."""
        key, labels = keys_of(fields, self.options, where)
        if not self.notes.layout and (key, labels) not in _USUAL:
            self.notes.layout = f"keys: {key}" + (f", {labels}" if labels else "")
        if (several := fields.get("annotators", 0)) not in (0, 1):
            self.notes.add(where, f"{several} annotations of one text, of which the first is read", "annotators")
        words, text = _words(fields, key, where)
        tokens = [word.text for word in words]
        if not all(tokens):
            raise DataError(f"{where}: word {tokens.index('') + 1} of {len(tokens)} is empty; take it out, and its tag")
        if re.search("[\ud800-\udfff]", "".join(tokens)):
            raise DataError(f"{where}: has half of a surrogate pair (\\ud800 to \\udfff), which is not text; remove it")
        if not labels or (value := fields.get(labels)) is None:
            return Sentence(tokens)
        if value == [] and (labels not in TAGS or labels == "ner" or isinstance(fields[key], str)):
            return Sentence(tokens, [OUTSIDE] * len(tokens))
        if isinstance(value, list | tuple) and value and all(isinstance(item, list | tuple | dict) for item in value):
            if text is None and labels != "ner" and isinstance(given := fields.get("text"), str):
                words, text = _placed(tokens, given, where), given
            return Sentence(tokens, self._marked(value, labels, words, text, where))
        if isinstance(given := fields[key], str):
            tokens = given.split()  # a tag stands for what has blanks around it
        return Sentence(tokens, self._tagged(value, labels, tokens, where))

    def _marked(
        self, items: Sequence[object], key: str, words: Sequence[Word], text: str | None, where: str
    ) -> list[str]:
        """Return tags for spans: of characters if there is a text, else of words."""
        spans, places = [parsed(item, where, self.notes) for item in items], [(word.start, word.end) for word in words]
        if text is None and key == "ner":  # GLiNER counts words, and the last one in
            spans = [Marked(kind, start, end + 1) for kind, start, end in spans]
        elif text is None and not all(isinstance(item, dict) for item in items):
            what = "whether the last word of a span is in it cannot be told; give objects with start and end, or a text"
            raise DataError(f'{where}: "{key}" counts words, and {what}')
        last = max(places[-1][1] if places else 0, len(text or ""))
        if wrong := [span for span in spans if not 0 <= span.start <= span.end <= last]:
            kind, start, end = wrong[0]
            raise DataError(f"{where}: the span {start}-{end} ({kind}) is not inside of 0-{last}; correct it")
        return tags_of(places, spans, where, self.notes)

    def _tagged(self, tags: object, key: str, tokens: list[str], where: str) -> list[str]:
        """Return the tags of a record that has one a word."""
        if not isinstance(tags, list) or len(tags) != len(tokens):
            count = len(tokens)
            raise DataError(
                f"{where}: {count} tokens, but the tags are not a list of {count}: {tags!r:.80}; they are those of "
                f'"{key}"; set corpora.folder.tag_column to another key or to {UNLABELLED}'
            )
        if wrong := [tag for tag in tags if not isinstance(tag, str | int)]:
            raise DataError(f"{where}: the tag {wrong[0]!r} has no name; expected tags such as B-PER")
        return self.tags.read(tags, lambda _: where)


def _words(fields: Mapping[str, object], key: str, where: str) -> tuple[list[Word], str | None]:
    """Return the words with their places, and the text that these are in; None: they are numbers of words."""
    given = fields[key]
    if isinstance(given, str):
        return split_words(given), given
    assert isinstance(given, list)
    if given and all(isinstance(token, dict) and isinstance(token.get("text"), str) for token in given):
        places = [(token["text"], token.get("start"), token.get("end")) for token in given]
        if all(isinstance(start, int) and isinstance(end, int) for _, start, end in places):  # Prodigy's
            return [Word(*place) for place in places], str(fields.get("text", ""))
        given = [token for token, _, _ in places]
    if not all(isinstance(token, str) for token in given):
        raise DataError(f'{where}: expected "{key}", a list of words, or "text", a sentence; found {str(given)!r:.80}')
    return [Word(token, number, number + 1) for number, token in enumerate(given)], None


def _placed(tokens: Sequence[str], text: str, where: str) -> list[Word]:
    """Find each word in its text, one after the other."""
    words, start = [], 0
    for token in tokens:
        found = text.find(token, start)
        if found < 0:
            raise DataError(
                f"{where}: the word {token!r} is not in the text after character {start}; correct one of them"
            )
        start = found + len(token)
        words.append(Word(token, found, start))
    return words
