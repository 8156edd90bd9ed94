"""Makes the small models of other formats that the tests import.

Run with TensorFlow, PaddlePaddle and OpenVINO installed:

    python make_models.py ../resources/models

Each computes y = relu(x W + c) over [rows, 3], with the weights of the contract's "dense" model.
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

W = [[1, -1], [2, 0.5], [-3, 4]]
C = [0.25, -0.5]


def tensorflow(folder):
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    class Dense(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(W, dtype=tf.float32)
            self.c = tf.Variable(C, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
        def __call__(self, x):
            return {"y": tf.nn.relu(tf.matmul(x, self.w) + self.c)}

    dense = Dense()
    tf.saved_model.save(dense, str(folder / "saved-model"), signatures=dense.__call__.get_concrete_function())
    (folder / "saved-model" / "fingerprint.pb").unlink(missing_ok=True)
    frozen = convert_variables_to_constants_v2(dense.__call__.get_concrete_function())
    (folder / "frozen.pb").write_bytes(frozen.graph.as_graph_def().SerializeToString(deterministic=True))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([dense.__call__.get_concrete_function()], dense)
    (folder / "dense.tflite").write_bytes(converter.convert())


def openvino(folder):
    import openvino as ov

    model = ov.Core().read_model(folder / "frozen.pb")
    ov.save_model(model, folder / "dense.xml", compress_to_fp16=False)


def paddle(folder):
    import numpy
    import paddle
    from paddle.base.proto import framework_pb2

    # Newer versions write JSON, which OpenVINO does not read.
    with paddle.pir_utils.OldIrGuard():
        paddle.enable_static()
        main, start = paddle.static.Program(), paddle.static.Program()
        with paddle.static.program_guard(main, start):
            x = paddle.static.data("x", [-1, 3], "float32")
            w = paddle.static.create_parameter([3, 2], "float32", name="w")
            c = paddle.static.create_parameter([2], "float32", name="c")
            y = x
            for operator, other in (("matmul_v2", w), ("elementwise_add", c), ("relu", None)):
                out = main.global_block().create_var(name=operator, dtype="float32", shape=[-1, 2])
                inputs = {"X": [y]} if other is None else {"X": [y], "Y": [other]}
                main.global_block().append_op(type=operator, inputs=inputs, outputs={"Out": [out]})
                y = out
            executor = paddle.static.Executor(paddle.CPUPlace())
            executor.run(start)
            for parameter in main.all_parameters():
                value = W if len(parameter.shape) == 2 else C
                tensor = paddle.static.global_scope().find_var(parameter.name).get_tensor()
                tensor.set(numpy.array(value, dtype="float32"), paddle.CPUPlace())
            paddle.static.save_inference_model(str(folder / "dense"), [x], [y], executor, program=main)
    program = framework_pb2.ProgramDesc.FromString((folder / "dense.pdmodel").read_bytes())
    for block in program.blocks:
        for operator in block.ops:
            # Where on this machine each operator was made.
            kept = [a for a in operator.attrs if a.name != "op_callstack"]
            del operator.attrs[:]
            operator.attrs.extend(kept)
    (folder / "dense.pdmodel").write_bytes(program.SerializeToString())


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    for make in (tensorflow, openvino, paddle):
        if len(sys.argv) < 3 or make.__name__ in sys.argv[2:]:
            make(target)
