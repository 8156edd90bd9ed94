"""Trains three small classifiers on generated points and writes each as ONNX, as people do, with what it answers.

    make_trees.py FOLDER    needs numpy, scikit-learn, skl2onnx, lightgbm, xgboost, onnxmltools and onnxruntime

Beside NAME.onnx lies NAME.npz: points x, and their label and probabilities as ONNX Runtime's Python package has them.
"""

import pathlib
import sys

import lightgbm
import numpy
import onnx
import onnxmltools
import onnxruntime
import skl2onnx
import xgboost
from onnxmltools.convert.common import data_types
from sklearn.ensemble import RandomForestClassifier

FEATURES = 4
POINTS = 7


def points(count, seed):
    random = numpy.random.default_rng(seed)
    x = random.normal(size=(count, FEATURES)).astype(numpy.float32)
    y = (x[:, 0] + x[:, 1] ** 2 > 0.5).astype(numpy.int64) + (x[:, 2] > 1)
    return x, y


def forest(x, y):
    model = RandomForestClassifier(n_estimators=8, max_depth=4, random_state=0).fit(x, y)
    return skl2onnx.to_onnx(model, x[:1])


def light(x, y):
    model = lightgbm.LGBMClassifier(n_estimators=8, num_leaves=7, verbose=-1, random_state=0).fit(x, y)
    types = [("input", data_types.FloatTensorType([None, FEATURES]))]
    return onnxmltools.convert_lightgbm(model, initial_types=types, zipmap=False)


def boosted(x, y):
    model = xgboost.XGBClassifier(n_estimators=8, max_depth=3, random_state=0).fit(x, y)
    types = [("input", data_types.FloatTensorType([None, FEATURES]))]
    return onnxmltools.convert_xgboost(model, initial_types=types)


def write(folder, name, model):
    path = folder / (name + ".onnx")
    onnx.save(model, str(path))
    x, _ = points(POINTS, 99)
    session = onnxruntime.InferenceSession(str(path))
    label, probabilities = session.run(None, {session.get_inputs()[0].name: x})
    if isinstance(probabilities, list):
        probabilities = numpy.array([[row[k] for k in sorted(row)] for row in probabilities], numpy.float32)
    numpy.savez(folder / (name + ".npz"), x=x, label=label, probabilities=probabilities)


def main():
    folder = pathlib.Path(sys.argv[1])
    x, y = points(600, 1)
    write(folder, "forest", forest(x, y))
    write(folder, "lightgbm", light(x, y))
    write(folder, "xgboost", boosted(x, y))


if __name__ == "__main__":
    main()
