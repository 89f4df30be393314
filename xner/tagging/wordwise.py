"""Tokenizers that cut running text as they cut its words: the same sub-words, whoever reads the text.

A tokenizer sees the words of a corpus one by one, but `transformers.pipeline` hands it a whole text, in which a full
stop is joined to the word before it. So every tokenizer gets a step in front that splits text as
`xner.corpora.words.split_words` does; it is part of tokenizer.json, and works without xner.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import regex
from tokenizers import Regex, Tokenizer, models
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import Metaspace, PreTokenizer, Sequence, Split
from tokenizers.processors import PostProcessor

from xner.corpora.words import RUN, SPACELESS, Word, split_words, word_pattern
from xner.errors import UsageError

if TYPE_CHECKING:  # what only reads text needs no transformers
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

_MARK = "▁"
"""What stands for a blank in the pieces of sentencepiece; in those of bytes it is _BYTE."""
_BYTE = "Ġ"
_SPACELESS = regex.compile(SPACELESS, regex.VERSION1)


class WordTokenizer(Protocol):
    """What cuts text word by word: a tokenizer that `wordwise` returned, or one that was read without transformers."""

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """Its steps, which neither pad nor cut off."""

    @property
    def unk_token_id(self) -> int | None:
        """The number of the unknown piece."""

    @property
    def pad_token_id(self) -> int | None:
        """The number of the padding."""


def wordwise(tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedTokenizerFast":
    """Let a tokenizer read text word by word, with the same pieces and numbers.

    Every word is cut as one behind a blank, the first of a text and those behind punctuation too. Where the blank would
    be a piece of its own, which says nothing, as sentencepiece has before Chinese words and commas, it is left out.

    Args:
        tokenizer: a fast tokenizer, which is not to be used any more.

    Returns:
        it, or one of the plain class: others build their steps anew when they are loaded.

    Raises:
        UsageError: it is not a fast one.
    """
    from transformers import PreTrainedTokenizerFast

    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise UsageError(f"the tokenizer {type(tokenizer).__name__} is not a fast one; xner needs its word alignment")
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    if not reads_words(backend):
        backend.pre_tokenizer = _by_word(backend, list(_steps(_state(backend.pre_tokenizer))))
        backend.post_processor = _with_whole_offsets(backend.post_processor)
    return tokenizer if type(tokenizer) is PreTrainedTokenizerFast else plain_class(backend, tokenizer)


def plain_class(backend: Tokenizer, like: "PreTrainedTokenizerBase") -> "PreTrainedTokenizerFast":
    """Return a tokenizer of the class whose steps are those of tokenizer.json and nothing else.

    Args:
        backend: the steps.
        like: the tokenizer from which it gets all else.
    """
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=like.model_input_names,
        model_max_length=like.model_max_length,
        padding_side=like.padding_side,
        truncation_side=like.truncation_side,
        **like.special_tokens_map,
    )


def words_of(tokenizer: WordTokenizer, text: str) -> list[Word]:
    """Split text into words as the tokenizer sees them.

    They are those of `xner.corpora.words.split_words`; but where a script has no spaces between words, letters that are
    one piece are one word, since labelled text of such scripts has words of several letters too.

    Args:
        tokenizer: one that reads text word by word.
        text: of any script.
    """
    words = split_words(text)
    if not _SPACELESS.search(text):
        return words
    begins = {start for start, _ in tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).offsets}
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        together = last and last.end == word.start and word.start not in begins
        if last and together and _SPACELESS.match(last.text) and _SPACELESS.match(word.text):
            joined[-1] = Word(last.text + word.text, last.start, word.end)
        else:
            joined.append(word)
    return joined


def _state(part: PreTokenizer | Normalizer | PostProcessor | None) -> Any:
    """Return a part of a tokenizer as it stands in tokenizer.json."""
    return None if part is None else json.loads(part.__getstate__())


def _steps(state: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of a sequence within a sequence one after the other."""
    if state is not None and state["type"] == "Sequence":
        for step in state["pretokenizers"]:
            yield from _steps(step)
    elif state is not None:
        yield state


def reads_words(backend: Tokenizer) -> bool:
    """Whether a tokenizer has the step of `wordwise` in front."""
    steps = list(_steps(_state(backend.pre_tokenizer)))
    patterns = [{"Regex": word_pattern(*options)} for options in (("",), ("", "+"), (_MARK, "+"))]
    return bool(steps) and steps[0].get("pattern") in patterns


def _by_word(backend: Tokenizer, steps: list[Mapping[str, Any]]) -> PreTokenizer:
    """Return the steps that split text into words and set each behind a blank, and then the tokenizer's own."""
    own, kinds = list(map(_without_prefix, steps)), {step["type"] for step in steps}
    if "ByteLevel" in kinds:
        from transformers.convert_slow_tokenizer import bytes_to_unicode

        byte = {character: number for number, character in bytes_to_unicode().items()}
        behind = [bytes(map(byte.__getitem__, piece[1:])) for piece in backend.get_vocab() if piece[0] == _BYTE]
        return Sequence([_words("", "+"), *_blanks(" ", behind), *own])
    if "Metaspace" in kinds or f'"{_MARK}"' in json.dumps(_state(backend.normalizer), ensure_ascii=False):
        behind = [piece[1:].encode() for piece in backend.get_vocab() if piece[0] == _MARK]
        return Sequence([_words(_MARK, "+"), *_blanks(_MARK, behind), *own])
    return Sequence([_words(), *own])


def _words(blank: str = "", spaceless: str = "") -> PreTokenizer:
    return Split(Regex(word_pattern(blank, spaceless)), "removed", invert=True)


def _without_prefix(step: Mapping[str, Any]) -> PreTokenizer:
    """Return a step of a tokenizer that sets no word behind a blank."""
    settings = {"add_prefix_space": False, "prepend_scheme": "never"}
    changed = {name: settings.get(name, value) for name, value in step.items()}
    made: PreTokenizer = _part("pre_tokenizer", changed)
    return made


def _part(name: str, state: Mapping[str, Any] | None) -> Any:
    """Return the part of a tokenizer that stands so in tokenizer.json."""
    whole = json.loads(Tokenizer(models.BPE()).to_str()) | {name: state}
    return getattr(Tokenizer.from_str(json.dumps(whole)), name)


def _with_whole_offsets(processor: PostProcessor | None) -> PostProcessor | None:
    """Return a last step that cuts no blank off the places of words: since they are split, none begins with one."""
    state = json.dumps(_state(processor)).replace('"trim_offsets": true', '"trim_offsets": false')
    made: PostProcessor | None = _part("post_processor", json.loads(state))
    return made


def _blanks(blank: str, behind: Iterable[bytes]) -> tuple[PreTokenizer, PreTokenizer]:
    """Return the steps that set a blank before each word, and take it away where no piece begins with both.

    Args:
        blank: it, as the tokenizer's own steps expect it.
        behind: what stands behind a blank in the pieces of the vocabulary, in UTF-8, or the first bytes of that.
    """
    whole, first = set[int](), list[tuple[int, int]]()
    for piece in filter(None, behind):
        start = _characters(piece)
        first.append(start)
        if start[0] == start[1] and len(chr(start[0]).encode()) == len(piece):
            whole.add(start[0])
    words, others = _class(first), _class((number, number) for number in whole)
    alone = rf"^{blank}(?:(?={SPACELESS})|(?={RUN})(?!{words})|(?!{RUN})(?!{others}))"
    return Metaspace(blank, "always", split=False), Split(Regex(alone), "removed")


def _characters(piece: bytes) -> tuple[int, int]:
    """Return the first and the last code point that text beginning with these bytes may begin with."""
    lead = piece[0]
    size = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    bits = lead if size == 1 else lead & (0x7F >> size)
    low = high = bits
    for place in range(1, size):
        low = low << 6 | (piece[place] & 0x3F if place < len(piece) else 0)
        high = high << 6 | (piece[place] & 0x3F if place < len(piece) else 0x3F)
    return low, high


def _class(spans: Iterable[tuple[int, int]]) -> str:
    """Return a character class of spans of code points; of none, what nothing matches."""
    merged = list[list[int]]()
    for low, high in sorted(set(spans)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(high, merged[-1][1])
        else:
            merged.append([low, high])
    return f"[{''.join(map(_span, merged))}]" if merged else "(?!)"


def _span(ends: list[int]) -> str:
    return rf"\x{{{ends[0]:x}}}-\x{{{ends[1]:x}}}"
