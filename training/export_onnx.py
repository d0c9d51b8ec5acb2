"""Write a trained network as an ONNX graph of ONNX Runtime's fused operators, int8 where it costs no accuracy.

The encoder's linear layers are int8 with one scale an output column (weights) and dynamic scales (activations); the
word embeddings are int8 with one scale a row; the heads stay float32. Batch 1, no padding, no mask: a window is run as
long as it is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

MS = "com.microsoft"
HEADS = 12
LINKS = ["cue_of", "source_of"]


class Graph:
    """A graph under construction: nodes and initializers with names made up as they come."""

    def __init__(self, *, reduce_range: bool = False, fp32: bool = False) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.count = 0
        self.top = 63 if reduce_range else 127
        self.fp32 = fp32

    def keep(self, array: np.ndarray, name: str = "w") -> str:
        self.count += 1
        name = f"{name}_{self.count}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(
        self, kind: str, inputs: list[str], *, domain: str = "", outputs: int = 1, name: str | None = None, **attributes
    ):
        self.count += 1
        made = [name] if name else [f"{kind}_{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, made, domain=domain, **attributes))
        return made[0] if len(made) == 1 else made

    def quantized(self, weight: np.ndarray) -> tuple[str, str, str]:
        """int8 with one scale a column of a (in, out) matrix."""
        scale = np.abs(weight).max(0) / self.top
        scale[scale == 0] = 1.0
        q = np.clip(np.round(weight / scale), -self.top, self.top).astype(np.int8)
        return (
            self.keep(q, "q"),
            self.keep(scale.astype(np.float32), "s"),
            self.keep(np.zeros(len(scale), np.int8), "z"),
        )

    def linear8(self, x: str, weight: np.ndarray, bias: np.ndarray | None) -> str:
        """x @ weight + bias with an int8 (in, out) weight."""
        if self.fp32:
            y = self.add("MatMul", [x, self.keep(weight)])
            return self.add("Add", [y, self.keep(bias)]) if bias is not None else y
        q, s, z = self.quantized(weight)
        inputs = [x, q, s, z] + ([self.keep(bias)] if bias is not None else [])
        return self.add("DynamicQuantizeMatMul", inputs, domain=MS)

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray, name: str | None = None) -> str:
        return self.add("Add", [self.add("MatMul", [x, self.keep(weight)]), self.keep(bias)], name=name)

    def normed(self, x: str, y: str, w: dict[str, np.ndarray], name: str, *, bias: np.ndarray | None = None) -> str:
        """The layer norm ``name`` of x + y + bias (alone, LayerNormalization takes five times as long as of a sum)."""
        inputs = [x, y, self.keep(w[f"{name}.weight"]), self.keep(w[f"{name}.bias"])]
        inputs += [self.keep(bias)] if bias is not None else []
        return self.add("SkipLayerNormalization", inputs, domain=MS, epsilon=1e-12)

    def embedding8(self, table: np.ndarray, ids: str) -> str:
        if self.fp32:
            return self.add("Gather", [self.keep(table), ids])
        scale = np.maximum(np.abs(table).max(1, keepdims=True) / 127, 1e-9).astype(np.float32)
        q = np.round(table / scale).astype(np.int8)
        rows = self.add("Cast", [self.add("Gather", [self.keep(q, "words"), ids])], to=TensorProto.FLOAT)
        return self.add("Mul", [rows, self.add("Gather", [self.keep(scale, "scales"), ids])])


def encoder(g: Graph, w: dict[str, np.ndarray], attention: str) -> str:
    layers = 1 + max(int(k.split(".")[2]) for k in w if k.startswith("encoder.layers."))
    words = g.embedding8(w["encoder.words.weight"], "ids")
    length = g.add("Shape", ["ids"], start=1, end=2)
    zero, one = g.keep(np.array([0], np.int64)), g.keep(np.array([0], np.int64))
    positions = g.add("Slice", [g.keep(w["encoder.positions.weight"].astype(np.float32)), zero, length, one])
    types = g.add("Gather", [g.keep(w["encoder.types.weight"]), "types"])
    x = g.normed(g.add("Add", [words, positions]), types, w, "encoder.norm")
    for n in range(layers):
        p = f"encoder.layers.{n}."
        qkv_w, qkv_b = w[p + "qkv.weight"].T, w[p + "qkv.bias"]
        width = qkv_w.shape[0]
        if attention == "qattention":
            q, s, z = g.quantized(qkv_w)
            x8, xs, xz = g.add("DynamicQuantizeLinear", [x], outputs=3)
            mixed = g.add("QAttention", [x8, q, g.keep(qkv_b), xs, s, "", xz, z], domain=MS, num_heads=HEADS)
        else:
            if attention == "mha3":
                parts = [
                    g.linear8(x, qkv_w[:, i * width : (i + 1) * width], qkv_b[i * width : (i + 1) * width])
                    for i in range(3)
                ]
            else:
                packed = g.linear8(x, qkv_w, qkv_b)
                parts = g.add("Split", [packed], outputs=3, axis=-1, num_outputs=3)
            mixed = g.add("MultiHeadAttention", parts, domain=MS, num_heads=HEADS)
        out = g.linear8(mixed, w[p + "out.weight"].T, None)
        x = g.normed(out, x, w, p + "norm1", bias=w[p + "out.bias"])
        # The bias belongs to the product: Gelu alone takes half the time of BiasGelu.
        up = g.add("Gelu", [g.linear8(x, w[p + "up.weight"].T, w[p + "up.bias"])], domain=MS)
        down = g.linear8(up, w[p + "down.weight"].T, None)
        x = g.normed(down, x, w, p + "norm2", bias=w[p + "down.bias"])
    return g.add("Squeeze", [x, g.keep(np.array([0], np.int64))])


def build(
    w: dict[str, np.ndarray],
    *,
    attention: str = "qattention",
    reduce_range: bool = False,
    fp32: bool = False,
    heads: bool = True,
) -> onnx.ModelProto:
    g = Graph(reduce_range=reduce_range, fp32=fp32)
    states = encoder(g, w, "mha" if fp32 else attention)
    projected = g.add("MatMul", [states, g.keep(w["spans.project.weight"].T)])
    g.add("BiasGelu", [projected, g.keep(w["spans.project.bias"])], domain=MS, name="states")
    outputs = ["states"]
    if heads:
        names = [("tags", 7), ("names", 9), ("inner", 7), ("parts", 9)]
        weight = np.concatenate([w[f"{n}.weight"] for n, _ in names]).T
        bias = np.concatenate([w[f"{n}.bias"] for n, _ in names])
        pieces = g.linear(states, weight, bias)
        g.nodes.append(
            helper.make_node(
                "Split", [pieces, g.keep(np.array([n for _, n in names], np.int64))], [n for n, _ in names], axis=1
            )
        )
        outputs += [n for n, _ in names]
        links(g, w, states)
        outputs += LINKS
    graph = helper.make_graph(
        g.nodes,
        "sayso-reader",
        [helper.make_tensor_value_info(n, TensorProto.INT64, [1, "pieces"]) for n in ("ids", "types")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs],
        g.weights,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MS, 1)], ir_version=9
    )


def links(g: Graph, w: dict[str, np.ndarray], states: str) -> None:
    """Scores (pieces, pieces) of both link heads; their projections are one product."""
    size = w["cue_of.query.weight"].shape[0]
    weight, bias = [], []
    for name in LINKS:
        weight += [w[f"{name}.query.weight"] / size**0.5, w[f"{name}.key.weight"]]
        bias += [w[f"{name}.query.bias"] / size**0.5, w[f"{name}.key.bias"]]
    weight += [w[f"{name}.bias.weight"] for name in LINKS]
    bias += [w[f"{name}.bias.bias"] for name in LINKS]
    projected = g.linear(states, np.concatenate(weight).T.astype(np.float32), np.concatenate(bias).astype(np.float32))
    parts = g.add("Split", [projected, g.keep(np.array([size] * 4 + [1, 1], np.int64))], outputs=6, axis=1)
    # Distances of at most 511 pieces either way, looked up in a table of one score each. The square of all of them is
    # made of constants alone, so that it is worked out once, as the graph is loaded; a window takes its corner.
    steps = np.arange(512)
    index = g.add("Sub", [g.keep(steps + 511), g.keep(steps[:, None])])
    size_of = g.add("Shape", ["ids"], start=1, end=2)
    corner = [g.keep(np.zeros(2, np.int64)), g.add("Concat", [size_of, size_of], axis=0), g.keep(np.arange(2))]
    for n, name in enumerate(LINKS):
        scores = g.add("MatMul", [parts[2 * n], g.add("Transpose", [parts[2 * n + 1]], perm=[1, 0])])
        favoured = g.add("Add", [scores, g.add("Transpose", [parts[4 + n]], perm=[1, 0])])
        table = g.keep(distances(w[f"{name}.distance.weight"][:, 0]))
        apart = g.add("Slice", [g.add("Gather", [table, index]), *corner])
        g.add("Add", [favoured, apart], name=name)


def judge(w: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The span head's upper layers: pooled rows (spans, 3 * kept + 1) -> probabilities kind, voice, resolvable."""
    g = Graph()
    up = g.add("MatMul", ["rows", g.keep(w["spans.hidden.weight"].T)])
    x = g.add("BiasGelu", [up, g.keep(w["spans.hidden.bias"])], domain=MS)
    for name, final in (("kind", "Softmax"), ("voice", "Softmax"), ("resolvable", "Sigmoid")):
        logits = g.linear(x, w[f"spans.{name}.weight"].T, w[f"spans.{name}.bias"])
        g.add(final, [logits], name=name)
    graph = helper.make_graph(
        g.nodes,
        "sayso-judge",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["spans", w["spans.hidden.weight"].shape[1]])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("kind", "voice", "resolvable")],
        g.weights,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(MS, 1)], ir_version=9
    )


def heads_outside(w: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The small parts that run in NumPy: the two CRFs and the weights by which a span's pieces are pooled."""
    made = {"weigh": w["spans.weigh.weight"][0]}
    for name in ("crf", "inner_crf"):
        made[f"{name}.start"] = w[f"{name}.start"] + w[f"{name}.no_start"]
        made[f"{name}.transitions"] = w[f"{name}.transitions"] + w[f"{name}.forbidden"]
    return {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in made.items()}


def distances(table: np.ndarray) -> np.ndarray:
    """The link heads' score of each distance -511..511, from their buckets (see network.Link)."""
    apart = np.arange(-511, 512)
    bucket = np.minimum(np.log2(np.maximum(np.abs(apart), 1)).astype(int) + 1, 15) * (apart != 0) + 16 * (apart > 0)
    return table[bucket].astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("out", type=Path, help="the folder for reader.onnx and heads.npz")
    parser.add_argument("--attention", choices=("qattention", "mha", "mha3"), default="qattention")
    parser.add_argument("--reduce-range", action="store_true")
    parser.add_argument("--fp32", action="store_true")
    o = parser.parse_args()
    weights = load_file(o.network)
    model = build(weights, attention=o.attention, reduce_range=o.reduce_range, fp32=o.fp32)
    o.out.mkdir(parents=True, exist_ok=True)
    onnx.save(model, o.out / "reader.onnx")
    onnx.save(judge(weights), o.out / "judge.onnx")
    np.savez(o.out / "heads.npz", **heads_outside(weights))
    for made in sorted(o.out.iterdir()):
        print(made, round(made.stat().st_size / 1e6, 2), "MB")


if __name__ == "__main__":
    main()
