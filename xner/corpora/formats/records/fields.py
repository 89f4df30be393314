"""The keys of a record: which has the words or the text, which the labels, and which are neither."""

from collections.abc import Mapping

from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.errors import DataError

TOKENS = ("tokens", "words", "tokenized_text")
TEXTS = ("text", "sentence")
TAGS = ("tags", "ner_tags", "labels", "ner")
"""Keys of one tag a word."""
SPANS = ("entities", "spans", "label", "labels", "ner", "annotations")
"""Keys of entities with their places."""
SKIPPED = "skip"
"""What the annotator of Label Studio answered who cancelled the only annotation of a task."""
_SMALL = frozenset(("annotator", "annotation_id", "lead_time"))
"""Keys of each record of Label Studio's smaller export."""
_NO_LABELS = frozenset(
    ("id", "meta", "metadata", "pos", "pos_tags", "chunk_tags", "chunks", "lemmas", "relations", "comments", "cats")
)
"""Keys whose lists are known not to be labels."""


def plain(row: object, where: str) -> Mapping[str, object]:
    """Return a record as one object, whatever tool wrote it.

    Args:
        row: an object, spaCy's pair of a text and an object, or a task of Label Studio.
        where: the file and line.

    Raises:
        DataError: it is none of these.
    """
    if isinstance(row, list) and len(row) == 2 and isinstance(row[0], str) and isinstance(row[1], dict):
        return {"text": row[0], **row[1]}
    if not isinstance(row, dict):
        raise DataError(
            f'{where}: expected an object such as {{"tokens": [...], "tags": [...]}}; found {str(row)!r:.80}'
        )
    if row.keys() >= _SMALL and not any(isinstance(value, list) for value in row.values()):
        return {**row, "entities": []}  # its annotator found none, and then there is no key
    data, done = row.get("data"), row.get("annotations", [] if "predictions" in row else None)
    if not (isinstance(data, dict) and isinstance(done, list)):
        return row
    kept = [one for one in done if isinstance(one, dict) and not one.get("was_cancelled")]
    results = kept[0].get("result", []) if kept else None  # what a model predicted is no label
    if results is not None and not (isinstance(results, list) and all(isinstance(one, dict) for one in results)):
        raise DataError(f'{where}: expected a list of objects as the "result" of an annotation; found {results!r:.80}')
    spans = results if results is None else [one for one in results if one.get("type", "labels") == "labels"]
    skipped = {"answer": SKIPPED} if done and not kept else {}
    return {"text": text_of(data), "entities": spans, "annotators": len(kept), **skipped}


def text_of(data: Mapping[str, object]) -> object:
    """Return the text of a task of Label Studio: what is called so, or the only text that there is."""
    texts = [value for value in data.values() if isinstance(value, str)]
    return data.get("text", texts[0] if len(texts) == 1 else None)


def keys_of(fields: Mapping[str, object], options: ReadOptions, where: str) -> tuple[str, str]:
    """Return the keys of a record's words or text and of its labels; that of the labels is empty if it has none.

    Args:
        fields: the record.
        options: may name them.
        where: the file and line.

    Raises:
        DataError: there are no words, or something that may be labels is under another key.
    """
    asked = options.token_column if isinstance(options.token_column, str) else ""
    first = (asked,) if asked else (*TOKENS, *TEXTS)
    words = next((key for key in first if isinstance(fields.get(key), list | str)), "")
    if not words or (words in TOKENS and not isinstance(fields[words], list)):
        found = _line(", ".join(fields)) or "nothing"
        what = f'"{asked}" (token_column)' if asked else '"tokens", a list of words, or "text", a sentence'
        raise DataError(f"{where}: expected {what}; found {found}{_shown(fields)}")
    if options.tag_column == UNLABELLED:
        return words, ""
    if isinstance(options.tag_column, str):
        return words, options.tag_column
    own = (*TAGS, *SPANS) if isinstance(fields[words], list) else (*SPANS, *TAGS)
    present = [key for key in own if fields.get(key) is not None and key != words]
    labels = next((key for key in present if fields[key] != []), present[0] if present else "")
    if not labels and not any(key in fields for key in own) and (unread := _unread(fields, words)):
        name = _line(unread)
        raise DataError(
            f'{where}: the key "{name}" is not read, and no other has labels; set corpora.folder.tag_column={name}'
            f" or ={UNLABELLED}{_shown(fields)}"
        )
    return words, labels


def _unread(fields: Mapping[str, object], words: str) -> str:
    """Return a key that may have labels, if there is one."""
    known = {*_NO_LABELS, *TOKENS, *TEXTS, words}
    return next(
        (
            key
            for key, value in fields.items()
            if key.lower() not in known and ((isinstance(value, list) and value) or _holds_lists(value))
        ),
        "",
    )


def _holds_lists(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(inner, list | dict) and inner for inner in value.values())


def _line(text: str) -> str:
    """Return a text without line ends, which a key may have."""
    return " ".join(text.split())


def _shown(fields: Mapping[str, object]) -> str:
    return f"; the record is {dict(fields)!r:.120}"
