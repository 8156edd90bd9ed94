package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenVINO computes what ONNX Runtime computes of the same integers, however layers are read. */
class RandomLayersTest {
  private static final int MODELS = Integer.getInteger("inferc.test.random.layers", 24);
  private static final int SIZE = 12;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static List<Map<String, Tensor>> samples(long seed) {
    Random random = new Random(seed);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float[] x = new float[8 * SIZE * SIZE];
      for (int k = 0; k < x.length; k++) {
        x[k] = random.nextFloat() * 4 - 2;
      }
      samples.add(Map.of("x", Tensor.of(x, 1, 8, SIZE, SIZE)));
    }
    return samples;
  }

  private static Map<String, Tensor> run(
      Compiler compiler, OnnxModel model, Map<String, Tensor> in) {
    try (CompiledModel compiled = compiler.compile(model)) {
      return compiled.run(in);
    }
  }

  private static List<String> wrong(long seed) {
    RandomLayers.Sizes sizes =
        seed % 4 == 1
            ? RandomLayers.Sizes.ALL
            : seed % 4 == 3 ? RandomLayers.Sizes.BATCH : RandomLayers.Sizes.FIXED;
    OnnxModel model = RandomLayers.model(seed, sizes);
    List<Map<String, Tensor>> samples = samples(seed);
    Compiler.Builder quantizing =
        Compiler.forTarget(TestLibrary.target()).precision(Precision.int8(Dataset.of(samples)));
    if (sizes != RandomLayers.Sizes.FIXED) {
      ShapeProfile profile = ShapeProfile.named("sizes").range("n", 1, 1, 2);
      quantizing.profile(
          sizes == RandomLayers.Sizes.BATCH
              ? profile
              : profile.range("h", 12, 12, 16).range("w", 12, 12, 16));
    }
    ModelRewriter rewriter = quantizing.build().rewriter(model);
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    Map<String, Tensor> expected =
        run(Compiler.forTarget(Target.onnxRuntime()).build(), written, samples.get(0));
    Map<String, Tensor> found =
        run(Compiler.forTarget(TestLibrary.target()).build(), written, samples.get(0));
    List<String> wrong = new ArrayList<>();
    expected.forEach(
        (output, tensor) -> {
          double cosine = Cosine.of(tensor.toDoubleArray(), found.get(output).toDoubleArray());
          if (!(cosine >= 0.995)) {
            wrong.add(String.format(Locale.ROOT, "model %d, %s: %.4f", seed, output, cosine));
          }
        });
    return wrong;
  }

  @Test
  void integersAreComputedAsInOnnxRuntime() {
    List<String> wrong = new ArrayList<>();
    for (int seed = 0; seed < MODELS; seed++) {
      wrong.addAll(wrong(seed));
    }
    assertEquals(List.of(), wrong);
  }
}
