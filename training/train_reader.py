"""Trains the reader that ships in index/model, step by step; every step can be run again or go on.

    python -m training.train_reader prepare --questions DIR [DIR ...] --tokenizer FILE --work DIR
    python -m training.train_reader teach   --weights DIR --name t1 --seed 1 --work DIR
    python -m training.train_reader mark    --weights DIR --names t1 t2 --work DIR
    python -m training.train_reader student --weights DIR --name s1 --work DIR
    python -m training.train_reader export  --weights DIR --names s1 --work DIR --model index/model
    python -m training.train_reader measure --questions DIR [DIR ...] --work DIR --model index/model

`--weights` is a folder with config.json, model.safetensors and vocab.txt of a published encoder: MPNet
for `teach` and `mark`, MiniLM for `student` and `export`. `teach` and `student` leave a checkpoint in
the work folder every three minutes and go on from it when they are started again.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from index.span_model import Limits

PARTS = ("train", "silver", "dev", "faults")
TEACHER = {"epochs": 3.0, "rate": 4e-5, "batch": 96, "hard": 1.0, "soft": 0.0}
STUDENT = {"epochs": 8.0, "rate": 2.5e-4, "batch": 128, "hard": 0.3, "soft": 1.0}


def prepare(questions: Sequence[Path], tokenizer_file: Path, work: Path, seed: int) -> None:
    """Writes each part as token arrays (.npz) and as rows (.jsonl.gz), and the names of the dev articles."""
    from tokenizers import Tokenizer

    from training.prepare import choose, token_arrays

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    work.mkdir(parents=True, exist_ok=True)
    parts = choose(questions, seed)
    for name in PARTS:
        rows = sorted(getattr(parts, name), key=lambda row: (row.article, row.sentence))
        np.savez_compressed(work / f"{name}.npz", **token_arrays(rows, tokenizer, Limits()))
        with gzip.open(work / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
        print(f"{name}: {len(rows)} rows, {sum(bool(row.spans) for row in rows)} of them answered")


def load_rows(work: Path, name: str, device: str) -> Any:
    """The token arrays of one part as `training.learn.Rows`."""
    from training.learn import Rows

    with np.load(work / f"{name}.npz") as arrays:
        return Rows(dict(arrays), device)


def load_published(weights: Path, student_words: Sequence[str] | None = None) -> Any:
    """A reader with a published encoder's weights; a teacher gets its word table in the student's order."""
    from safetensors.torch import load_file

    from training.encoder import Shape, SpanReader, teacher_ids, weights_from

    shape = Shape.of(weights)
    state = weights_from(load_file(weights / "model.safetensors"), shape)
    if student_words is not None and shape.family == "mpnet":
        own = (weights / "vocab.txt").read_text(encoding="utf-8").splitlines()
        state["word.weight"] = state["word.weight"][teacher_ids(list(student_words), own)]
        shape = Shape(**{**asdict(shape), "words": len(student_words)})
    model = SpanReader(shape)
    left = model.load_state_dict(state, strict=False)
    if left.unexpected_keys or not set(left.missing_keys) <= {
        "span.weight",
        "span.bias",
        "kind.weight",
    }:
        raise ValueError(f"weights in {weights} do not fit: {left}")
    return model


def student_words(tokenizer_file: Path) -> list[str]:
    """The student's word pieces in the order of their ids."""
    vocabulary = json.loads(tokenizer_file.read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(vocabulary, key=lambda word: int(vocabulary[word]))


def fit(args: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Trains a teacher or a student and writes its weights to the work folder."""
    import torch

    from training.learn import Course, train

    torch.manual_seed(args.seed)
    model = load_published(args.weights, student_words(args.tokenizer))
    model.dropout = args.dropout
    if args.start:
        model.load_state_dict(torch.load(args.work / f"{args.start}.pt", map_location="cpu"))
    rows = load_rows(args.work, "train", args.device)
    if settings["soft"]:
        rows = rows.joined(load_rows(args.work, "silver", args.device))
        with np.load(args.work / "marks.npz") as marks:
            rows.marks = tuple(
                torch.from_numpy(marks[part]).to(args.device) for part in ("places", "logs")
            )
    given = {key: getattr(args, key) for key in ("epochs", "rate", "batch") if getattr(args, key)}
    course = Course(seed=args.seed, **{**settings, **given})
    model = train(model, rows, course, args.work / f"{args.name}.checkpoint")
    torch.save(model.state_dict(), args.work / f"{args.name}.pt")


def mark_rows(args: argparse.Namespace) -> None:
    """Writes the teachers' opinion of every train and silver row."""
    import torch

    from training.learn import mark

    models = []
    for name in args.names:
        model = load_published(args.weights, student_words(args.tokenizer))
        model.load_state_dict(torch.load(args.work / f"{name}.pt", map_location=args.device))
        models.append(model.to(args.device).eval())
    rows = load_rows(args.work, "train", args.device).joined(
        load_rows(args.work, "silver", args.device)
    )
    places, logs = mark(models, rows)
    np.savez_compressed(
        args.work / "marks.npz", places=places.cpu().numpy(), logs=logs.cpu().numpy()
    )


def export(args: argparse.Namespace) -> None:
    """Writes the mean of the named students as reader.onnx, and its tokenizer.json and reader.json."""
    import torch

    from training.encoder import Shape
    from training.export import build, write

    shape = Shape.of(args.weights)
    states = [torch.load(args.work / f"{name}.pt", map_location="cpu") for name in args.names]
    arrays = {
        key: (sum(state[key].float() for state in states) / len(states)).numpy()
        for key in states[0]
    }
    args.model.mkdir(parents=True, exist_ok=True)
    write(build(arrays, shape.layers, shape.heads, shape.epsilon), args.model / "reader.onnx")
    tokenizer = json.loads(args.tokenizer.read_text(encoding="utf-8"))
    plain = {**tokenizer, "truncation": None, "padding": None}
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    (args.model / "tokenizer.json").write_text(text, encoding="utf-8")
    settings = {"limits": asdict(Limits())}
    (args.model / "reader.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one step; see the head of this file."""
    parser = argparse.ArgumentParser(
        prog="train_reader", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "step", choices=["prepare", "teach", "mark", "student", "export", "measure"]
    )
    parser.add_argument("--questions", type=Path, nargs="+", default=[])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--tokenizer", type=Path, default=Path("index/model/tokenizer.json"))
    parser.add_argument("--model", type=Path, default=Path("index/model"))
    parser.add_argument("--name", default="s1")
    parser.add_argument("--names", nargs="+", default=["s1"])
    parser.add_argument(
        "--start", help="go on from the weights of this name, with a new learning rate"
    )
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--device", default="cuda")
    args = parser.parse_args(argv)
    if args.step == "prepare":
        prepare(args.questions, args.tokenizer, args.work, args.seed)
    elif args.step == "teach":
        fit(args, TEACHER)
    elif args.step == "student":
        fit(args, STUDENT)
    elif args.step == "mark":
        mark_rows(args)
    elif args.step == "export":
        export(args)
    else:
        from training.measure import measure

        measure(args.questions, args.work, args.model)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
