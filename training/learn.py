"""The training loop: rows as tensors on one device, the loss, the teacher's marks, predictions."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.encoder import SpanReader

KEPT = 8  # how many of the teacher's likeliest starts and ends are kept for each row
CHUNK = 40  # batches that are shuffled together before rows of like length are put in one batch


@dataclass(frozen=True)
class Course:
    """How one model is trained."""

    epochs: float
    rate: float
    batch: int
    seed: int
    warmup: float = 0.06
    decay: float = 0.01
    hard: float = 1.0
    soft: float = 0.0
    heat: float = 2.0
    averaging: float = 0.999
    minutes: float = 60.0


class Rows:
    """Laid-out rows of one part (see `training.prepare.token_arrays`) on *device*, padded with 0."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]], device: str) -> None:
        ends = torch.from_numpy(arrays["ends"].astype(np.int64))
        starts = torch.cat([torch.zeros(1, dtype=torch.long), ends[:-1]])
        self.lengths = ends - starts
        flat = torch.from_numpy(arrays["ids"].astype(np.int32))
        self.ids = torch.zeros(len(ends), int(self.lengths.max()), dtype=torch.int32)
        for number in range(self.ids.shape[1]):
            rows = torch.nonzero(self.lengths > number)[:, 0]
            self.ids[rows, number] = flat[starts[rows] + number]
        self.ids = self.ids.to(device)
        self.first = torch.from_numpy(arrays["first"].astype(np.int64)).to(device)
        self.last = torch.from_numpy(arrays["last"].astype(np.int64)).to(device)
        self.golds = torch.from_numpy(arrays["golds"].astype(np.int64)).to(device)
        self.marks: tuple[Tensor, Tensor] | None = None
        self.labelled = torch.ones(len(ends), dtype=torch.bool, device=device)

    def __len__(self) -> int:
        return len(self.lengths)

    def joined(self, other: Rows) -> Rows:
        """These rows followed by *other*'s, which count as not labelled."""
        width = max(self.ids.shape[1], other.ids.shape[1])
        made = object.__new__(Rows)
        made.lengths = torch.cat([self.lengths, other.lengths])
        made.ids = torch.cat(
            [functional.pad(rows.ids, (0, width - rows.ids.shape[1])) for rows in (self, other)]
        )
        made.first, made.last = (
            torch.cat([self.first, other.first]),
            torch.cat([self.last, other.last]),
        )
        made.golds = torch.cat([self.golds, other.golds])
        made.labelled = torch.cat([self.labelled, torch.zeros_like(other.labelled)])
        made.marks = None
        return made

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """ids, kinds, mask and legal places ([CLS] and the sentence), each [rows, tokens]."""
        width = min(-8 * (-int(self.lengths[rows].max()) // 8), self.ids.shape[1])
        rows = rows.to(self.ids.device)
        places = torch.arange(width, device=self.ids.device)[None]
        first, last = self.first[rows, None], self.last[rows, None]
        ids = self.ids[rows, :width].long()
        legal = ((places >= first) & (places < last)) | (places == 0)
        kinds = ((places >= first) & (places <= last)).long()
        return ids, kinds, ids != 0, legal


def batches(rows: Rows, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Row numbers, each once, in batches of about one length, in random order."""
    order = torch.randperm(len(rows), generator=generator)
    for chunk in order.split(size * CHUNK):
        pieces = chunk[rows.lengths[chunk].argsort(stable=True)].split(size)
        for number in torch.randperm(len(pieces), generator=generator).tolist():
            yield pieces[number]


def log_chances(logits: Tensor, legal: Tensor) -> Tensor:
    """Log probabilities over the legal places: [2, rows, tokens]."""
    return functional.log_softmax(logits.masked_fill(~legal[None], -1e4), dim=-1)


def gold_loss(chances: Tensor, golds: Tensor) -> Tensor:
    """[rows]: minus the log of the probability of any gold span, or of [CLS] where there is none."""
    there = golds[..., 0] >= 0
    places = golds.clamp(min=0)
    starts = chances[0].gather(1, places[..., 0])
    ends = chances[1].gather(1, places[..., 1])
    spans = (starts + ends).masked_fill(~there, -1e4)
    null = chances[0, :, 0] + chances[1, :, 0]
    return -torch.where(there.any(1), torch.logsumexp(spans, dim=1), null)


def marked_loss(logits: Tensor, legal: Tensor, marks: tuple[Tensor, Tensor], heat: float) -> Tensor:
    """[rows]: cross entropy with the teacher's softened start and end probabilities."""
    places, logs = marks
    wanted = functional.softmax(logs.float() / heat, dim=-1)
    inside = places.long().clamp(max=legal.shape[1] - 1)
    chances = log_chances(logits / heat, legal).permute(1, 0, 2).gather(2, inside)
    return -(wanted * chances).sum((1, 2)) * heat * heat / 2


def rate_at(step: int, steps: int, course: Course) -> float:
    """The learning rate of a step: a linear rise, then a linear fall to zero."""
    rise = max(1, int(course.warmup * steps))
    return course.rate * min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))


def train(
    model: SpanReader, rows: Rows, course: Course, checkpoint: Path | None = None
) -> SpanReader:
    """*model* after *course* (its running average of weights), going on from *checkpoint* if there is one."""
    device = rows.ids.device
    model.to(device).train()
    torch.manual_seed(course.seed)
    named = list(model.named_parameters())
    plain = [value for name, value in named if value.ndim < 2]
    heavy = [value for name, value in named if value.ndim >= 2]
    groups = [
        {"params": heavy, "weight_decay": course.decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=course.rate, fused=device.type == "cuda")
    mean = [value.detach().clone() for value in model.parameters()]
    each = math.ceil(len(rows) / course.batch)
    steps, step, began, saved = int(course.epochs * each), 0, time.monotonic(), time.monotonic()
    if checkpoint and checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        mean, step = state["mean"], state["step"]
    losses: list[Tensor] = []
    while step < steps:
        generator = torch.Generator().manual_seed(course.seed * 1000 + step // each)
        for number, chosen in enumerate(batches(rows, course.batch, generator)):
            if number < step % each or step >= steps:
                continue
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, steps, course)
            losses.append(_one_step(model, optimizer, rows, chosen, course))
            with torch.no_grad():
                pull = 1 - min(course.averaging, (step + 1) / (step + 10))
                torch._foreach_lerp_(mean, list(model.parameters()), pull)
            step += 1
            if step % 500 == 0:
                spent = time.monotonic() - began
                print(
                    f"step {step}/{steps} loss {torch.stack(losses).mean():.4f} {spent:.0f} s",
                    flush=True,
                )
                losses = []
            if checkpoint and (time.monotonic() - saved > 180):
                saved = time.monotonic()
                kept = {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "mean": mean,
                }
                torch.save({**kept, "step": step}, checkpoint.with_suffix(".new"))
                checkpoint.with_suffix(".new").replace(checkpoint)
            if time.monotonic() - began > 60 * course.minutes:
                steps = step
                break
    with torch.no_grad():
        for value, average in zip(model.parameters(), mean, strict=True):
            value.copy_(average)
    return model.eval()


def _one_step(
    model: SpanReader, optimizer: torch.optim.Optimizer, rows: Rows, chosen: Tensor, course: Course
) -> Tensor:
    ids, kinds, mask, legal = rows.batch(chosen)
    here = chosen.to(ids.device)
    with torch.autocast(ids.device.type, dtype=torch.bfloat16, enabled=ids.device.type == "cuda"):
        logits = model(ids, kinds, mask)
    loss = (
        course.hard * gold_loss(log_chances(logits, legal), rows.golds[here]) * rows.labelled[here]
    )
    if rows.marks is not None:
        marks = (rows.marks[0][here], rows.marks[1][here])
        loss = loss + course.soft * marked_loss(logits, legal, marks, course.heat)
    optimizer.zero_grad(set_to_none=True)
    total = loss.mean()
    total.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return total.detach()


@torch.no_grad()
def mark(models: list[SpanReader], rows: Rows, size: int = 512) -> tuple[Tensor, Tensor]:
    """The teachers' mean opinion: places int16 and log probabilities float16, each [rows, 2, 8]."""
    device = rows.ids.device
    places = torch.zeros(len(rows), 2, KEPT, dtype=torch.int16, device=device)
    logs = torch.full((len(rows), 2, KEPT), -1e4, dtype=torch.float16, device=device)
    for chosen in rows.lengths.argsort(stable=True).split(size):
        ids, kinds, mask, legal = rows.batch(chosen)
        total = torch.zeros(2, *ids.shape, device=device)
        for model in models:
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
                logits = model(ids, kinds, mask)
            total += log_chances(logits, legal).exp() / len(models)
        best = total.permute(1, 0, 2).topk(min(KEPT, ids.shape[1]), dim=-1)
        here = chosen.to(device)
        places[here, :, : best.indices.shape[2]] = best.indices.to(torch.int16)
        logs[here, :, : best.indices.shape[2]] = best.values.clamp(min=1e-7).log().half()
    return places, logs


@torch.no_grad()
def predict(
    model: SpanReader, rows: Rows, longest: int = 30, size: int = 256
) -> NDArray[np.float32]:
    """float32 [rows, 3]: first and last token of the best span, and its margin over [CLS]."""
    device = rows.ids.device
    found = torch.zeros(len(rows), 3, device=device)
    for chosen in rows.lengths.argsort(stable=True).split(size):
        ids, kinds, mask, legal = rows.batch(chosen)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            logits = model(ids, kinds, mask)
        inside = legal.clone()
        inside[:, 0] = False
        starts, ends = logits.masked_fill(~inside[None], -1e4)
        width = ids.shape[1]
        apart = (
            torch.arange(width, device=device)[None] - torch.arange(width, device=device)[:, None]
        )
        sums = starts[:, :, None] + ends[:, None, :]
        sums = sums.masked_fill(((apart < 0) | (apart >= longest))[None], -1e5)
        best = sums.flatten(1).max(1)
        margin = best.values - logits[0, :, 0] - logits[1, :, 0]
        spans = torch.stack([best.indices // width, best.indices % width, margin], dim=1)
        found[chosen.to(device)] = spans.float()
    return found.cpu().numpy()
