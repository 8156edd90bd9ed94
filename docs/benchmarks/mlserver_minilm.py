"""Serves an ONNX model of sentence embeddings by MLServer on loopback, until it is ended.

    mlserver_minilm.py MODEL HTTP_PORT THREADS

It needs a Python with `pip install mlserver==1.7.1 onnxruntime numpy`. The model is called "minilm"; ONNX Runtime runs it
with THREADS threads, and MLServer in one process, as a server beside one caller would.
"""

import json
import os
import pathlib
import sys
import tempfile

RUNTIME = """
import numpy, onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Encoder(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = {threads}
        self.session = onnxruntime.InferenceSession({model!r}, options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        inputs = {{t.name: NumpyCodec.decode_input(t) for t in payload.inputs}}
        outputs = self.session.run(None, inputs)
        names = [o.name for o in self.session.get_outputs()]
        encoded = [NumpyCodec.encode_output(n, o) for n, o in zip(names, outputs)]
        return InferenceResponse(model_name=self.name, outputs=encoded)
"""


def main():
    model = str(pathlib.Path(sys.argv[1]).resolve())
    port, threads = int(sys.argv[2]), int(sys.argv[3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="inferc-mlserver-"))
    (folder / "inferc_minilm.py").write_text(RUNTIME.format(model=model, threads=threads))
    tensors = [
        {"name": name, "datatype": "INT64", "shape": [-1, -1]}
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    served = folder / "models" / "minilm"
    served.mkdir(parents=True)
    settings = {"name": "minilm", "implementation": "inferc_minilm.Encoder", "inputs": tensors}
    (served / "model-settings.json").write_text(json.dumps(settings))
    # Workers would be processes of their own, which outlive this one if it is killed.
    ports = {"http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
    server = {"host": "127.0.0.1", "parallel_workers": 0, **ports}
    (folder / "models" / "settings.json").write_text(json.dumps(server))
    os.environ["PYTHONPATH"] = str(folder)
    start = "from mlserver.cli import main; main()"
    os.execv(sys.executable, [sys.executable, "-c", start, "start", str(folder / "models")])


if __name__ == "__main__":
    main()
