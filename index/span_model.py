"""The reader's model: where in a sentence a question is answered, if it is.

A small encoder (int8, run by onnxruntime on one thread) sees ``[CLS] question [SEP] sentence [SEP]
context [SEP]`` and gives every token a start and an end logit. Only spans inside the sentence are
offered; the logits of ``[CLS]`` say how well "not answered here" fits.

Passages are run one at a time, without padding. The activations' int8 scales are computed per run, so
a batch would let one passage change the digits of another; one at a time, a pair of question and
sentence always gives the same bytes, and on one core nothing is lost by it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHIPPED = Path(__file__).parent / "model"
_TRAILING = " \t\n\r\f\v\u00a0.,;:!?"
_PAIRS = {"(": ")", "[": "]", '"': '"', "“": "”", "‘": "’", "«": "»"}
_CLOSING = {close: opening for opening, close in _PAIRS.items() if close != opening}


@dataclass(frozen=True)
class Span:
    """A stretch of a sentence that may answer a question: ``sentence[start:end]``.

    start, end: offsets in code points. score: start logit plus end logit, less those of "not answered
    here" (so above 0 the model prefers the span). null: the logits of "not answered here", summed;
    ``score + null`` is the span's own sum.
    """

    start: int
    end: int
    score: float
    null: float


@dataclass(frozen=True)
class Limits:
    """How many tokens each part may have, and how long a span may be; from reader.json."""

    question: int = 64
    sentence: int = 256
    context: int = 48
    span: int = 30


@dataclass(frozen=True)
class Layout:
    """One pair as the model sees it: ids and kinds of equal length, the sentence's first token, its last + 1."""

    ids: list[int]
    kinds: list[int]
    first: int
    last: int


def lay_out(
    question: Sequence[int],
    sentence: Sequence[int],
    context: Sequence[int],
    marks: tuple[int, int],
    limits: Limits,
) -> Layout:
    """Question, sentence and context (word piece ids, no marks) in one row, each cut to its limit.

    *marks* are the ids of [CLS] and [SEP]. The sentence has kind 1, everything else kind 0; an empty
    context takes no place at all.
    """
    cls, sep = marks
    asked = [cls, *question[: limits.question], sep]
    read = list(sentence[: limits.sentence])
    beside = [*context[: limits.context], sep] if context else []
    ids = [*asked, *read, sep, *beside]
    kinds = [0] * len(asked) + [1] * (len(read) + 1) + [0] * len(beside)
    return Layout(ids, kinds, len(asked), len(asked) + len(read))


def best_spans(
    starts: NDArray[np.float32], ends: NDArray[np.float32], longest: int, top: int
) -> list[tuple[int, int]]:
    """The *top* best (first token, last token) pairs of at most *longest* tokens, best first.

    *starts* and *ends* are the logits of the sentence's tokens, [tokens] each. Equal sums keep the
    order of their places, so that the answer never depends on a sort's mood.
    """
    import numpy as np

    length = len(starts)
    if not length:
        return []
    sums = starts[:, None] + ends[None, :]
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]
    sums[(distance < 0) | (distance >= longest)] = -np.inf
    order = np.argsort(-sums, axis=None, kind="stable")[:top]
    return [divmod(int(place), length) for place in order if np.isfinite(sums.flat[place])]


def tidied(sentence: str, start: int, end: int) -> tuple[int, int]:
    """*start* and *end* moved inwards past blanks, closing marks and brackets that have no partner.

    A full stop stays where it belongs to the word: after an initial or an abbreviation ("U.S.", "Jr.").
    """
    while start < end and (sentence[start].isspace() or sentence[start] in ",;:"):
        start += 1
    moved = True
    while moved and start < end:
        moved = False
        text = sentence[start:end]
        if (
            (text[-1] in _TRAILING and not _is_abbreviation(text))
            or (text[-1] in _CLOSING and _CLOSING[text[-1]] not in text)
            or (text[-1] == '"' and text.count('"') % 2)
        ):
            end, moved = end - 1, True
        elif text[0] in _PAIRS and text.count(_PAIRS[text[0]]) < (2 if text[0] == '"' else 1):
            start, moved = start + 1, True
    return start, end


def _is_abbreviation(text: str) -> bool:
    """Whether the full stop that ends *text* is part of its last word."""
    word = text.rsplit(maxsplit=1)[-1] if text.split() else ""
    return (
        text[-1] == "."
        and word.strip(".") != ""
        and (
            "." in word[:-1]
            or (len(word) == 2 and word[0].isupper())
            or word in {"Jr.", "Sr.", "Inc.", "Ltd.", "Co.", "Corp.", "St."}
        )
    )


class SpanModel:
    """The opened model: reads questions on sentences, deterministically, on one thread by default."""

    def __init__(self, session: Any, tokenizer: Any, limits: Limits) -> None:
        self._session, self._tokenizer, self.limits = session, tokenizer, limits
        marks = [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]")]
        if None in marks:
            raise ValueError(
                f"the tokenizer has ids {marks} for [CLS] and [SEP], expected two numbers"
            )
        self._marks = (int(marks[0]), int(marks[1]))

    @classmethod
    def open(cls, folder: Path | None = None, threads: int = 1) -> SpanModel:
        """The model in *folder* (reader.onnx, tokenizer.json, reader.json), the shipped one by default.

        Raises FileNotFoundError when a file is missing.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        folder = SHIPPED if folder is None else folder
        for name in ("reader.onnx", "tokenizer.json", "reader.json"):
            if not (folder / name).is_file():
                raise FileNotFoundError(
                    f"no {name} in {folder}, expected reader.onnx, tokenizer.json and reader.json"
                )
        settings = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        session = onnxruntime.InferenceSession(
            str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        # "[SEP]" typed by someone is text, not a mark
        tokenizer.encode_special_tokens = True
        return cls(session, tokenizer, Limits(**settings["limits"]))

    def read(
        self,
        question: str,
        sentences: Sequence[str],
        contexts: Sequence[str] | None = None,
        top: int = 3,
    ) -> list[list[Span]]:
        """For each sentence, its *top* best spans, best first; none where it has no words.

        *contexts*, when given, has one text a sentence ("title | previous sentence"), which is read
        but never quoted. A span's score does not depend on the other sentences of the call. Raises
        ValueError when *contexts* and *sentences* differ in number.
        """
        if contexts is not None and len(contexts) != len(sentences):
            raise ValueError(f"{len(contexts)} contexts for {len(sentences)} sentences")
        asked = self._pieces(question, self.limits.question)[0]
        found = []
        for number, sentence in enumerate(sentences):
            beside = self._pieces(contexts[number], self.limits.context)[0] if contexts else []
            found.append(self._read_one(asked, sentence, beside, top))
        return found

    def _read_one(self, asked: list[int], sentence: str, beside: list[int], top: int) -> list[Span]:
        import numpy as np

        pieces, offsets = self._pieces(sentence, self.limits.sentence)
        if not pieces:
            return []
        layout = lay_out(asked, pieces, beside, self._marks, self.limits)
        feed = {
            "ids": np.array([layout.ids], np.int64),
            "kinds": np.array([layout.kinds], np.int64),
        }
        logits = self._session.run(None, feed)[0][0]
        null = float(logits[0, 0] + logits[0, 1])
        inside = logits[layout.first : layout.last]
        spans: dict[tuple[int, int], Span] = {}
        for first, last in best_spans(inside[:, 0], inside[:, 1], self.limits.span, 4 * top):
            start, end = tidied(sentence, offsets[first][0], offsets[last][1])
            if start < end and (start, end) not in spans:
                score = float(inside[first, 0] + inside[last, 1]) - null
                spans[start, end] = Span(start, end, score, null)
        return list(spans.values())[:top]

    def _pieces(self, text: str, limit: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Word piece ids and code point offsets of *text*, at most *limit* of them.

        A text far longer than the limit is cut first: no word piece is worth reading 100 KB for.
        """
        encoded = self._tokenizer.encode(text[: 40 * limit], add_special_tokens=False)
        return encoded.ids[:limit], encoded.offsets[:limit]
