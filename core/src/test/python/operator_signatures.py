"""Writes operator-signatures.txt, facts of the published operator specification, from the schemas of the Python package onnx.

    python operator_signatures.py > core/src/main/resources/io/inferc/onnx/operator-signatures.txt
"""
import onnx

KINDS = {"s": onnx.defs.OpSchema.FormalParameterOption.Single, "o": onnx.defs.OpSchema.FormalParameterOption.Optional,
         "v": onnx.defs.OpSchema.FormalParameterOption.Variadic}
LETTERS = {option: letter for letter, option in KINDS.items()}


def arity(least, parameters):
    return f"{least}{''.join(LETTERS[p.option] for p in parameters)}"


def attribute(a):
    return f"{a.name}:{str(a.type).split('.')[-1]}{'!' if a.required else ''}"


schemas = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain in ("", "ai.onnx.ml")]
print("# What operators take, for each opset that changed it: domain, name, opset, inputs, outputs, attributes with their kinds.")
print("# Inputs and outputs are the least number of them, then s (must be there), o (optional) or v (any number) for each;")
print("# ! marks an attribute that must be there; withdrawn operators have none of these. Written by core/src/test/python/operator_signatures.py.")
for s in sorted(schemas, key=lambda s: (s.domain, s.name, s.since_version)):
    if s.deprecated:
        print(s.domain or "ai.onnx", s.name, s.since_version, "withdrawn")
        continue
    words = [s.domain or "ai.onnx", s.name, str(s.since_version), arity(s.min_input, s.inputs), arity(s.min_output, s.outputs)]
    print(" ".join(words + [attribute(s.attributes[n]) for n in sorted(s.attributes)]))
