"""Good bytes for each target, and bad ones made of them: most that is found begins with a file that is almost right."""

import io
import json
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

_COLUMNS = (
    b"#c\nAnn NNP I-NP B-PER\nran VBD I-VP O\n\n-DOCSTART- X O O\n\nzh:Rome\tB-LOC\t\nx\t0\n\r\n1-2\tdu\tb_PER|O\n"
)
_RECORDS: list[object] = [
    {"tokens": ["Ann", "ran"], "tags": ["B-PER", "O"]},
    {"tokens": ["Ann"], "ner_tags": [0], "id": 3},
    {"text": "Ann ran.", "entities": [{"start": 0, "end": 3, "label": "PER"}], "meta": {}},
    ["Ann ran.", {"entities": [[0, 3, "PER"]]}],
    {"tokenized_text": ["Ann", "ran"], "ner": [[0, 0, "PER"]]},
    {"data": {"text": "Ann"}, "annotations": [{"result": [{"value": {"start": 0, "end": 3, "labels": ["PER"]}}]}]},
    {"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "reject", "tokens": [{"text": "Ann"}]},
]
_WORDS = b'Sentence #,Word,POS,Tag\nSentence: 1,Ann,NNP,B-PER\n,ran,VBD,O\nSentence: 2,"a""b\nc",X,O\n'
_TEXTS = b"text;labels\nAnn ran;B-PER O\nAnn;\"[(0, 3, 'PER')]\"\nAnn;['O']\n"
_SETTINGS = b"""method = "tsl"
seed = 3
[source]
languages = ["en", "pt"]
limit = 5
[labels]
types = ["PER"]
map = {"PERS" = "PER", "*" = "O"}
[student]
epochs = 2.5
tasks = "a,b"
[teachers.recognizer]
epochs = 1
"""


def _parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"tokens": [["Ann", "ran"]], "tags": [["B-PER", "O"]]}), file)
    return file.getvalue()


def q4() -> bytes:
    """Return a file of the embedded encoder's format: a vocabulary of two pieces, one plain and one packed array."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, 4, 1, 1, 8, 2, 8, 1, 1e-5, 32)
    blob = b"ab"
    vocabulary = struct.pack("<5iQ", 2, 0, 1, 0, 1, len(blob))
    vocabulary += np.array([0, 1, 2], "<u4").tobytes() + np.array([0, -1], "<f4").tobytes() + blob
    head += vocabulary + struct.pack("<iI", 1, 3) + b"map"
    entries = [(b"plain", 0, 2, 8), (b"packed", 1, 32, 18)]
    place = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in entries)
    table = struct.pack("<i", len(entries))
    for name, kind, count, stored in entries:
        table += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", kind, count, place, stored)
        place += stored
    return head + table + np.array([1, 2], "<f4").tobytes() + np.array([1], "<f2").tobytes() + bytes(range(16))


_LINES = b"".join(json.dumps(record).encode() + b"\n" for record in _RECORDS)
SEEDS: dict[str, list[bytes]] = {
    **{name: [_COLUMNS, b"Ann\tB-PER\nran\tO\n"] for name in TARGETS},
    "read.txt": [b"Ann ran.\nRome\n", _COLUMNS],
    "read.jsonl": [json.dumps(_RECORDS).encode(), _LINES, *(json.dumps([record]).encode() for record in _RECORDS)],
    "read.csv": [_WORDS, _TEXTS],
    "read.parquet": [_parquet()],
    "q4": [q4()],
    "settings": [_SETTINGS],
}
_PIECES = [
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"O",
    b"B-",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"null",
]
_PIECES += [
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"\\ud800",
    b"\xe2\x80\xa8",
    b"|",
    b",",
    b"#",
    b"true",
    b"[[[[[[",
]


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """Draw the bytes of a seed with a few changes, or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = bytearray(draw(st.sampled_from(SEEDS[name])))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 4)):
            case 0:
                del data[place:]
            case 1:
                del data[place : place + draw(st.integers(1, 12))]
            case 2:
                data[place:place] = draw(st.sampled_from(_PIECES))
            case 3:
                data[place : place + 1] = draw(st.binary(min_size=1, max_size=4))
            case _:
                data[place:place] = data[draw(st.integers(0, len(data))) :][: draw(st.integers(1, 40))]
    return bytes(data)
