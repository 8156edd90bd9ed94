"""Writes all-MiniLM-L6-v2 with another activation in place of its GELU, to see what that costs TensorRT.

relu stands for an activation that costs nothing, which shows what the rest takes: its answers are wrong. tanh is the usual
approximation of GELU by the hyperbolic tangent.

    python3 tensorrt_variants.py MINILM_ONNX relu|tanh OUT_ONNX
"""

import math
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

ACTIVATION = "/intermediate_act_fn/"
# As the model was exported, first to last: x / sqrt(2), erf, + 1, * x, * 0.5.
STEPS = ("Div", "Erf", "Add", "Mul", "Mul_1")


class Replacement:
    """The nodes that stand for one GELU."""

    def __init__(self, graph, prefix, x, y):
        self.graph, self.prefix, self.x, self.y, self.nodes = graph, prefix, x, y, []

    def constant(self, value):
        name = f"{self.prefix}constant_{value}"
        if all(i.name != name for i in self.graph.initializer):
            self.graph.initializer.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def step(self, operator, *inputs, out=None):
        out = out or f"{self.prefix}step_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], f"{self.prefix}new_{len(self.nodes)}"))
        return out

    def relu(self):
        self.step("Relu", self.x, out=self.y)

    def tanh(self):
        root = math.sqrt(2 / math.pi)
        square = self.step("Mul", self.x, self.x)
        factor = self.step("Add", self.step("Mul", square, self.constant(0.044715 * root)), self.constant(root))
        bent = self.step("Tanh", self.step("Mul", factor, self.x))
        half = self.step("Mul", self.x, self.constant(0.5))
        self.step("Mul", self.step("Add", bent, self.constant(1.0)), half, out=self.y)


def main():
    source, kind, target = sys.argv[1:4]
    model = onnx.load(source)
    graph = model.graph
    nodes = {n.name: n for n in graph.node}
    prefixes = [n.name[: -len("Erf")] for n in graph.node if n.op_type == "Erf" and ACTIVATION in n.name]
    if not prefixes or any(p + step not in nodes for p in prefixes for step in STEPS):
        raise SystemExit(f"{source} has no GELU of the form that is looked for")
    replaced = {}
    for prefix in prefixes:
        made = Replacement(graph, prefix, nodes[prefix + "Div"].input[0], nodes[prefix + "Mul_1"].output[0])
        getattr(made, kind)()
        replaced[prefix + "Div"] = made.nodes
    gone = {prefix + step for prefix in prefixes for step in STEPS}
    kept = []
    for node in graph.node:
        kept += replaced.get(node.name, [])
        if node.name not in gone:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, target)


if __name__ == "__main__":
    main()
