"""Writes the student as an ONNX graph with int8 weights, node by node.

The graph is built by hand rather than traced, so that it holds nothing but what one passage needs:
no mask and no padding (the run-time reads passages one at a time), weights stored once as int8 with a
scale per output column (per word for the embeddings), activations quantised as they come. Weights use
the range -63..63: products of pairs then fit 16 bits, so that processors without the VNNI instructions
compute the same integers as those with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FLOATS = NDArray[np.float32]
WEIGHT_RANGE = 63
EMBEDDING_RANGE = 127
MICROSOFT = "com.microsoft"


def quantised(weight: FLOATS, reach: int, axis: int) -> tuple[NDArray[np.int8], FLOATS]:
    """int8 of the same shape, and float32 scales over the axes that are left when *axis* is reduced."""
    top = np.abs(weight).max(axis=axis)
    scale = np.where(top > 0, top / reach, 1.0).astype(np.float32)
    steps = np.rint(weight / np.expand_dims(scale, axis))
    return np.clip(steps, -reach, reach).astype(np.int8), scale


class Graph:
    """Collects nodes and constants; every node is named by its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def hold(self, name: str, array: NDArray[Any]) -> str:
        """Keeps *array* as a constant called *name*."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        """Adds a node with one output, and returns that output's name."""
        node = helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def dense(self, x: str, weight: FLOATS, bias: FLOATS, name: str) -> str:
        """x @ weight.T + bias, the weight [out, in] as int8 with one scale per output."""
        steps, scale = quantised(weight.T, WEIGHT_RANGE, axis=0)
        inputs = [x, self.hold(f"{name}.q", steps), self.hold(f"{name}.scale", scale), ""]
        inputs.append(self.hold(f"{name}.bias", bias))
        return self.add("DynamicQuantizeMatMul", inputs, name, domain=MICROSOFT)

    def add_and_norm(
        self, x: str, y: str, norm: tuple[FLOATS, FLOATS], name: str, epsilon: float
    ) -> str:
        """The layer norm of x + y (as two nodes: the fused one is several times slower on a CPU)."""
        total = self.add("Add", [x, y], f"{name}.total")
        inputs = [total, self.hold(f"{name}.gain", norm[0]), self.hold(f"{name}.shift", norm[1])]
        return self.add("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)

    def embed(self, state: dict[str, FLOATS], epsilon: float) -> str:
        """Words (int8, a scale each), places and kinds, added and normed."""
        words, scales = quantised(state["word.weight"], EMBEDDING_RANGE, axis=1)
        steps = self.add("Gather", [self.hold("words", words), "ids"], "word.steps")
        floats = self.add("Cast", [steps], "word.floats", to=TensorProto.FLOAT)
        scale = self.add("Gather", [self.hold("words.scale", scales[:, None]), "ids"], "word.scale")
        word = self.add("Mul", [floats, scale], "word")
        length = self.add("Shape", ["ids"], "length", start=1, end=2)
        zero = self.hold("zero", np.array([0], np.int64))
        place = self.add(
            "Slice", [self.hold("places", state["place.weight"]), zero, length, zero], "place"
        )
        kind = self.add(
            "Gather", [self.hold("kinds.weight", state["kind.weight"]), "kinds"], "kind"
        )
        total = self.add("Add", [self.add("Add", [word, place], "word.place"), kind], "embedded")
        gain, shift = (
            self.hold("norm.gain", state["norm.weight"]),
            self.hold("norm.shift", state["norm.bias"]),
        )
        return self.add(
            "LayerNormalization", [total, gain, shift], "embedded.norm", axis=-1, epsilon=epsilon
        )

    def layer(self, x: str, state: dict[str, FLOATS], name: str, heads: int, epsilon: float) -> str:
        """Attention and feed-forward of the layer whose weights are named *name*."""
        width = state[f"{name}.out.weight"].shape[0]
        parts = []
        for number, letter in enumerate("qkv"):
            rows = slice(number * width, (number + 1) * width)
            weight, bias = state[f"{name}.qkv.weight"][rows], state[f"{name}.qkv.bias"][rows]
            parts.append(self.dense(x, weight, bias, f"{name}.{letter}"))
        seen = self.add(
            "MultiHeadAttention", parts, f"{name}.seen", domain=MICROSOFT, num_heads=heads
        )
        seen = self.dense(
            seen, state[f"{name}.out.weight"], state[f"{name}.out.bias"], f"{name}.out"
        )
        norm = state[f"{name}.norm1.weight"], state[f"{name}.norm1.bias"]
        x = self.add_and_norm(seen, x, norm, f"{name}.norm1", epsilon)
        inner = self.dense(x, state[f"{name}.up.weight"], state[f"{name}.up.bias"], f"{name}.up")
        inner = self.add("Gelu", [inner], f"{name}.gelu", domain=MICROSOFT)
        inner = self.dense(
            inner, state[f"{name}.down.weight"], state[f"{name}.down.bias"], f"{name}.down"
        )
        norm = state[f"{name}.norm2.weight"], state[f"{name}.norm2.bias"]
        return self.add_and_norm(inner, x, norm, f"{name}.norm2", epsilon)


def build(state: dict[str, FLOATS], layers: int, heads: int, epsilon: float) -> onnx.ModelProto:
    """The graph: int64 ids and kinds of [1, tokens] in, float32 logits of [1, tokens, 2] out.

    *state* holds the weights under the names of `training.encoder.SpanReader`; the last axis of the
    logits is start, end.
    """
    graph = Graph()
    x = graph.embed(state, epsilon)
    for number in range(layers):
        x = graph.layer(x, state, f"layers.{number}", heads, epsilon)
    product = graph.add(
        "MatMul", [x, graph.hold("span.weight", state["span.weight"].T)], "span.product"
    )
    graph.add("Add", [product, graph.hold("span.bias", state["span.bias"])], "logits")
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "tokens"])
            for name in ("ids", "kinds")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "tokens", 2])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8, producer_name="byline")


def write(model: onnx.ModelProto, path: Path) -> None:
    """Writes *model* beside *path*, then renames it, so that an interruption harms nothing."""
    draft = path.with_suffix(".new")
    onnx.save(model, draft)
    draft.replace(path)
