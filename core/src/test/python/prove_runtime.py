"""Says what a runtime's own Python package makes of models, so that nothing is blamed on it that it can do.

    prove_runtime.py onnxruntime|openvino CLAIMS ANSWERS

CLAIMS has a line for each model: case, variant, the model to run, the case's own model, the folder of its data, by tabs;
without data the input is a ramp and the output lies beside the model. ANSWERS gets a line for each: case, variant,
then "right", "wrong", "cannot" or "died", and why. Every model runs in a process that may die.
"""

import pathlib
import subprocess
import sys
import threading

import numpy
import onnx
from onnx import numpy_helper

LIMIT_SECONDS = 120

# An output that ran, of a type that the package does not hand out; whoever gets it has the better runtime interface.
UNREAD = object()
UNREADABLE = {"tensor(bfloat16)", "tensor(int4)", "tensor(uint4)", "tensor(int2)", "tensor(uint2)"} | {
    "tensor(float8%s)" % kind for kind in ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0")
}


def required_inputs(model):
    constants = {i.name for i in model.graph.initializer}
    return [i for i in model.graph.input if i.name not in constants]


def read_value(path, declared):
    content = path.read_bytes()
    if declared.type.HasField("sequence_type"):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(content))
    if declared.type.HasField("optional_type"):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(content))
    return numpy_helper.to_array(onnx.TensorProto.FromString(content))


def read_values(folder, prefix, declared):
    paths = [(d, folder / ("%s%d.pb" % (prefix, i))) for i, d in enumerate(declared)]
    return {d.name: read_value(path, d) for d, path in paths if path.exists()}


def ramp(declared):
    shape = [d.dim_value for d in declared.type.tensor_type.shape.dim]
    count = int(numpy.prod(shape))
    return (numpy.arange(count) / count).astype(numpy.float32).reshape(shape)


def read_case(original, data):
    model = onnx.load(original)
    if data:
        folder = pathlib.Path(data)
        inputs = read_values(folder, "input_", required_inputs(model))
        return inputs, read_values(folder, "output_", model.graph.output)
    path = pathlib.Path(original)
    inputs = {i.name: ramp(i) for i in required_inputs(model)}
    return inputs, read_values(path.parent, path.stem + "_output_", model.graph.output)


def run_onnxruntime(path, inputs):
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    asked = {i.name for i in session.get_inputs()}
    given = {n: v for n, v in inputs.items() if n in asked}
    if any(is_foreign(v) for v in given.values()):
        return dict(zip(names, run_foreign(onnxruntime, session, names, given)))
    return dict(zip(names, session.run(names, given)))


def is_foreign(value):
    """Whether NumPy lacks the type, so that the package takes it by another way."""
    return isinstance(value, numpy.ndarray) and value.dtype.isbuiltin != 1


def run_foreign(onnxruntime, session, names, given):
    values = {}
    for name, value in given.items():
        kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
        if is_foreign(value):
            value = value.view("uint%d" % (8 * value.dtype.itemsize))
        values[name] = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(value, kind)
    results = session.run_with_ort_values(names, values)
    return [UNREAD if r.data_type() in UNREADABLE else r.numpy() for r in results]


def run_openvino(path, inputs):
    import openvino

    core = openvino.Core()
    model = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    asked = {n for i in model.inputs for n in i.names}
    results = model({n: v for n, v in inputs.items() if n in asked})
    return {n: results[o] for o in model.outputs for n in o.names}


RUNTIMES = {"onnxruntime": run_onnxruntime, "openvino": run_openvino}

COARSENESS = {"float16": 2.0**-9, "bfloat16": 2.0**-6, "float32": 1e-3, "float64": 1e-3}


def is_close(expected, actual):
    if actual is UNREAD:
        return True
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(map(is_close, expected, actual))
    if expected is None or actual is None:
        return expected is None and actual is None
    actual = numpy.asarray(actual)
    if expected.shape != actual.shape or expected.dtype.name != actual.dtype.name:
        return expected.dtype.kind in "OUS" and expected.astype(str).tolist() == actual.astype(str).tolist()
    if expected.dtype.name not in COARSENESS:
        return numpy.array_equal(expected, actual)
    want, got = expected.astype(numpy.float64), actual.astype(numpy.float64)
    finite = numpy.abs(want[numpy.isfinite(want)])
    largest = finite.max() if finite.size else 0
    absolute = 2e-6 * max(largest, 0.1)
    return numpy.allclose(got, want, rtol=COARSENESS[expected.dtype.name], atol=absolute, equal_nan=True)


def answer(runtime, line):
    case, variant, path, original, data = line.split("\t")
    inputs, outputs = read_case(original, data)
    try:
        results = RUNTIMES[runtime](path, inputs)
    except BaseException as e:  # An exception of the runtime is what is asked for, whatever it is.
        said = " ".join(str(e).split()).replace(path, "the model")
        return "cannot\t" + said[:120]
    wrong = [n for n, v in outputs.items() if n not in results or not is_close(v, results[n])]
    return "wrong\t" + ", ".join(wrong) if wrong else "right\t"


def work(runtime):
    for line in sys.stdin:
        print("answer\t" + answer(runtime, line.rstrip("\n")), flush=True)


def start(runtime):
    return subprocess.Popen(
        [sys.executable, __file__, runtime],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ask(worker, line):
    limit = threading.Timer(LIMIT_SECONDS, worker.kill)
    limit.start()
    try:
        worker.stdin.write(line + "\n")
        worker.stdin.flush()
        for said in worker.stdout:
            if said.startswith("answer\t"):
                return said.rstrip("\n")[len("answer\t") :]
    finally:
        limit.cancel()
    return "died\texit status %s" % worker.wait()


def prove(runtime, claims, answers):
    worker = start(runtime)
    with open(answers, "w") as out:
        for line in pathlib.Path(claims).read_text().splitlines():
            said = ask(worker, line)
            if said.startswith("died"):
                worker = start(runtime)
            out.write("\t".join(line.split("\t")[:2]) + "\t" + said + "\n")
    worker.stdin.close()
    worker.wait()


if __name__ == "__main__":
    work(sys.argv[1]) if len(sys.argv) == 2 else prove(*sys.argv[1:])
