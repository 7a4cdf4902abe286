"""Encoders with a span head, in plain torch: the student (BERT) and its teacher (MPNet).

Both lay a pair out as ``[CLS] question [SEP] sentence [SEP] context [SEP]`` in the student's token
ids; the teacher maps those ids to its own (its vocabulary holds the same word pieces), so that one
set of token arrays, and one set of positions, serves both.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

MPNET_NAMES = {
    "[PAD]": "<pad>",
    "[UNK]": "[UNK]",
    "[CLS]": "<s>",
    "[SEP]": "</s>",
    "[MASK]": "<mask>",
}


@dataclass(frozen=True)
class Shape:
    """How large an encoder is, and which of the two families it belongs to."""

    words: int
    positions: int
    layers: int
    width: int
    heads: int
    inner: int
    epsilon: float
    family: str
    first_position: int = 0

    @classmethod
    def of(cls, folder: Path) -> Shape:
        """The shape that the config.json in *folder* describes."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        family = config["model_type"]
        if family not in {"bert", "mpnet"}:
            raise ValueError(f"model_type is {family!r}, expected 'bert' or 'mpnet'")
        return cls(
            words=config["vocab_size"],
            positions=config["max_position_embeddings"],
            layers=config["num_hidden_layers"],
            width=config["hidden_size"],
            heads=config["num_attention_heads"],
            inner=config["intermediate_size"],
            epsilon=config["layer_norm_eps"],
            family=family,
            first_position=2 if family == "mpnet" else 0,
        )


def distance_buckets(length: int, buckets: int = 32, reach: int = 128) -> Tensor:
    """int64 [length, length]: the bucket of each (query, key) distance, as MPNet was trained with."""
    places = torch.arange(length)
    ahead = places[None, :] - places[:, None]
    half, exact = buckets // 2, buckets // 4
    size = ahead.abs()
    far = (
        exact
        + (torch.log(size.clamp(min=1) / exact) / math.log(reach / exact) * (half - exact)).long()
    )
    return torch.where(ahead > 0, half, 0) + torch.where(
        size < exact, size, far.clamp(max=half - 1)
    )


class Layer(nn.Module):
    """Self-attention and a feed-forward block, each followed by a layer norm (post-norm)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm1 = nn.LayerNorm(shape.width, shape.epsilon)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.norm2 = nn.LayerNorm(shape.width, shape.epsilon)

    def forward(self, x: Tensor, bias: Tensor, dropout: float) -> Tensor:
        rows, length, width = x.shape
        q, k, v = (
            self.qkv(x)
            .view(rows, length, 3, self.heads, width // self.heads)
            .permute(2, 0, 3, 1, 4)
        )
        drop = dropout if self.training else 0.0
        seen = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=bias.to(q.dtype), dropout_p=drop
        )
        seen = self.out(seen.transpose(1, 2).reshape(rows, length, width))
        x = self.norm1(x + functional.dropout(seen, dropout, self.training))
        inner = self.down(functional.gelu(self.up(x)))
        return self.norm2(x + functional.dropout(inner, dropout, self.training))


class SpanReader(nn.Module):
    """An encoder whose head gives every token a start and an end logit."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape, self.dropout = shape, dropout
        self.word = nn.Embedding(shape.words, shape.width)
        self.place = nn.Embedding(shape.positions, shape.width)
        self.kind = nn.Embedding(2, shape.width)
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.span = nn.Linear(shape.width, 2)
        nn.init.normal_(self.span.weight, std=0.02)
        nn.init.zeros_(self.span.bias)
        nn.init.zeros_(self.kind.weight)
        if shape.family == "mpnet":
            self.near = nn.Embedding(32, shape.heads)

    def encode(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        """float [rows, tokens, width] for int64 ids and kinds and a bool mask of [rows, tokens]."""
        length = ids.shape[1]
        places = torch.arange(length, device=ids.device) + self.shape.first_position
        x = self.norm(self.word(ids) + self.place(places) + self.kind(kinds))
        x = functional.dropout(x, self.dropout, self.training)
        bias = torch.zeros(mask.shape, device=x.device).masked_fill(~mask, -1e4)[:, None, None, :]
        if self.shape.family == "mpnet":
            buckets = distance_buckets(length).to(ids.device)
            bias = bias + self.near(buckets).permute(2, 0, 1)[None]
        for layer in self.layers:
            x = layer(x, bias, self.dropout)
        return x

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        """float [2, rows, tokens]: start and end logits."""
        return self.span(self.encode(ids, kinds, mask)).permute(2, 0, 1).float()


def weights_from(state: dict[str, Tensor], shape: Shape) -> dict[str, Tensor]:
    """The published weights under the names used here; the pooler and other heads are left out."""
    mpnet = shape.family == "mpnet"
    found = {
        "word.weight": state["embeddings.word_embeddings.weight"],
        "place.weight": state["embeddings.position_embeddings.weight"],
        "norm.weight": state["embeddings.LayerNorm.weight"],
        "norm.bias": state["embeddings.LayerNorm.bias"],
    }
    if mpnet:
        found["near.weight"] = state["encoder.relative_attention_bias.weight"]
    else:
        found["kind.weight"] = state["embeddings.token_type_embeddings.weight"]
    for number in range(shape.layers):
        old, new = f"encoder.layer.{number}.", f"layers.{number}."
        qkv = ["attn.q", "attn.k", "attn.v"] if mpnet else ["self.query", "self.key", "self.value"]
        names = {
            "out": "attention.attn.o" if mpnet else "attention.output.dense",
            "norm1": "attention.LayerNorm" if mpnet else "attention.output.LayerNorm",
            "up": "intermediate.dense",
            "down": "output.dense",
            "norm2": "output.LayerNorm",
        }
        for part in ("weight", "bias"):
            found[f"{new}qkv.{part}"] = torch.cat(
                [state[f"{old}attention.{name}.{part}"] for name in qkv]
            )
            for ours, theirs in names.items():
                found[f"{new}{ours}.{part}"] = state[f"{old}{theirs}.{part}"]
    return {name: tensor.float() for name, tensor in found.items()}


def teacher_ids(student_words: list[str], teacher_words: list[str]) -> Tensor:
    """int64 [student words]: the teacher's id of each of the student's word pieces."""
    place = {word: number for number, word in enumerate(teacher_words)}
    unknown = place["[UNK]"]
    return torch.tensor([place.get(MPNET_NAMES.get(word, word), unknown) for word in student_words])
