"""Serves two small models by MLServer on loopback, until it is ended.

    serve_mlserver.py FOLDER HTTP_PORT GRPC_PORT METRICS_PORT

"plane" is a scikit-learn model that computes 2 a - 3 b + 1 of each row [a, b] of "x"; its output is "predict". "echo"
decodes each input to NumPy, or to text, and encodes it as an output of the same name.

FOLDER keeps a virtual environment of what pip installs, which the next run finds there. With the folder alone, nothing
else is done.
"""

import json
import os
import pathlib
import subprocess
import sys

from server_environment import python_of

PACKAGES = ["mlserver==1.7.1", "mlserver-sklearn==1.7.1"]

TRAIN = """
import sys, joblib, numpy
from sklearn.linear_model import LinearRegression
x = numpy.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=numpy.float64)
joblib.dump(LinearRegression().fit(x, 2 * x[:, 0] - 3 * x[:, 1] + 1), sys.argv[1])
"""

ECHO = """
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Echo(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        outputs = []
        for tensor in payload.inputs:
            codec = StringCodec if tensor.datatype == "BYTES" else NumpyCodec
            output = codec.encode_output(tensor.name, codec.decode_input(tensor))
            # The codecs make [n, 1] of [n].
            output.shape = tensor.shape
            outputs.append(output)
        return InferenceResponse(model_name=self.name, outputs=outputs)
"""


def model(folder, name, implementation, parameters, **tensors):
    folder = folder / name
    folder.mkdir(exist_ok=True)
    settings = {"name": name, "implementation": implementation, "parameters": parameters}
    settings.update(tensors)
    (folder / "model-settings.json").write_text(json.dumps(settings))


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python = python_of(folder, PACKAGES)
    if len(sys.argv) == 2:
        return
    http, grpc, metrics = (int(port) for port in sys.argv[2:5])
    models = folder / "models"
    models.mkdir(exist_ok=True)
    settings = {"host": "127.0.0.1", "http_port": http, "grpc_port": grpc, "metrics_port": metrics}
    # Workers would be processes of their own, which outlive this one if it is killed.
    settings["parallel_workers"] = 0
    (models / "settings.json").write_text(json.dumps(settings))
    model(
        models,
        "plane",
        "mlserver_sklearn.SKLearnModel",
        {"uri": "./plane.joblib", "version": "1"},
        inputs=[{"name": "x", "datatype": "FP32", "shape": [-1, 2]}],
        outputs=[{"name": "predict", "datatype": "FP64", "shape": [-1, 1]}],
    )
    subprocess.run([str(python), "-c", TRAIN, str(models / "plane" / "plane.joblib")], check=True)
    model(models, "echo", "inferc_echo.Echo", {})
    (folder / "inferc_echo.py").write_text(ECHO)
    os.environ["PYTHONPATH"] = str(folder)
    start = "from mlserver.cli import main; main()"
    os.execv(str(python), [str(python), "-c", start, "start", str(models)])


if __name__ == "__main__":
    main()
