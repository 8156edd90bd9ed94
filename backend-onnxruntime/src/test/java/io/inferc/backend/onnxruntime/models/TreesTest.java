package io.inferc.backend.onnxruntime.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.NumpyFiles;
import io.inferc.tensor.Tensor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Classifiers of trees as people export them: a random forest with its ZipMap, LightGBM's, which
 * declares one label whatever the batch, and XGBoost's, which imports no operators but those of
 * ai.onnx.ml. What they must answer was written down with them, by make_trees.py beside them.
 */
class TreesTest {
  private static final int FEATURES = 4;
  private static final int CLASSES = 3;
  private static final List<Integer> BATCHES = List.of(1, 2, 7);

  private static Path resource(String name) {
    try {
      return Path.of(TreesTest.class.getResource("/trees/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tensor points(float[] x, int batch) {
    return Tensor.of(Arrays.copyOf(x, batch * FEATURES), batch, FEATURES);
  }

  private static void held(String name, Precision precision, double tolerance) {
    Map<String, Tensor> data = NumpyFiles.readArchive(resource(name + ".npz"));
    float[] x = data.get("x").toFloatArray();
    long[] labels = data.get("label").toLongArray();
    float[] probabilities = data.get("probabilities").toFloatArray();
    data.values().forEach(Tensor::close);
    Compiler compiler =
        Compiler.forTarget(Target.onnxRuntime()).precision(precision).sessions(1).build();
    try (CompiledModel model = compiler.compile(resource(name + ".onnx"))) {
      String label = model.outputs().get(0).name();
      String probability = model.outputs().get(1).name();
      for (int batch : BATCHES) {
        try (Tensor input = points(x, batch)) {
          Map<String, Tensor> outputs = model.run(Map.of(model.inputs().get(0).name(), input));
          assertArrayEquals(Arrays.copyOf(labels, batch), outputs.get(label).toLongArray());
          assertArrayEquals(
              Arrays.copyOf(probabilities, batch * CLASSES),
              outputs.get(probability).toFloatArray(),
              (float) tolerance);
          outputs.values().forEach(Tensor::close);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"forest", "lightgbm", "xgboost"})
  void labelsAndProbabilitiesAreThoseOfThePythonPackage(String name) {
    held(name, Precision.fp32(), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"forest", "lightgbm", "xgboost"})
  void halfPrecisionMovesNoLabel(String name) {
    held(name, Precision.fp16(), 2e-3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"forest", "lightgbm", "xgboost"})
  void dynamicIntegersMoveNoLabel(String name) {
    held(name, Precision.int8Dynamic(), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"forest", "lightgbm", "xgboost"})
  void staticIntegersMoveNoLabel(String name) {
    held(name, Precision.int8(samples(name)), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"forest", "lightgbm", "xgboost"})
  void measuredHalfPrecisionMovesNoLabel(String name) {
    held(name, Precision.fp16(samples(name)), 2e-3);
  }

  private static Dataset samples(String name) {
    float[] x;
    Map<String, Tensor> data = NumpyFiles.readArchive(resource(name + ".npz"));
    x = data.get("x").toFloatArray();
    data.values().forEach(Tensor::close);
    String input = name.equals("forest") ? "X" : "input";
    return Dataset.generated(BATCHES.size(), i -> Map.of(input, points(x, BATCHES.get((int) i))));
  }
}
