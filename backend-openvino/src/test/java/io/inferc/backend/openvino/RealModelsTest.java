package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that people use, against ONNX Runtime. */
@Tag("once")
class RealModelsTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static CompiledModel compile(Target target, Path file, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target);
    for (ShapeProfile profile : profiles) {
      builder.profile(profile);
    }
    return builder.build().compile(file);
  }

  private static void assertAgree(
      CompiledModel expected, CompiledModel found, Map<String, Tensor> inputs, float tolerance) {
    Map<String, Tensor> a = expected.run(inputs);
    Map<String, Tensor> b = found.run(inputs);
    assertEquals(List.copyOf(a.keySet()), List.copyOf(b.keySet()));
    a.forEach(
        (name, tensor) -> {
          assertArrayEquals(tensor.shape(), b.get(name).shape(), name);
          assertArrayEquals(tensor.toFloatArray(), b.get(name).toFloatArray(), tolerance, name);
        });
    a.values().forEach(Tensor::close);
    b.values().forEach(Tensor::close);
  }

  @Test
  void embeddingsAgreeInEveryProfile() {
    Path file = RealModels.MINILM.path();
    ShapeProfile one =
        ShapeProfile.named("one").fixed("batch_size", 1).fixed("sequence_length", 16);
    ShapeProfile many =
        ShapeProfile.named("many").range("batch_size", 1, 2, 4).range("sequence_length", 2, 32, 64);
    try (CompiledModel expected = compile(Target.onnxRuntime(), file);
        CompiledModel found = compile(Target.openVino(), file, one, many);
        CompiledModel open = compile(Target.openVino(), file)) {
      assertEquals(expected.inputs(), found.inputs());
      assertEquals(expected.outputs(), found.outputs());
      for (int[] size : new int[][] {{1, 16}, {4, 64}, {3, 7}, {1, 16}}) {
        Map<String, Tensor> tokens = TestModels.tokens(size[0], size[1], size[1]);
        assertAgree(expected, found, tokens, 2e-4f);
        assertAgree(expected, open, tokens, 2e-4f);
        tokens.values().forEach(Tensor::close);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"OCR_DETECTION, 64, 96", "OCR_CLASSIFICATION, 48, 192", "OCR_RECOGNITION, 48, 160"})
  void imageModelsAgree(RealModels model, int height, int width) {
    Path file = model.path();
    String input = OnnxModel.load(file).graph().requiredInputs().get(0).name();
    ShapeProfile profile =
        ShapeProfile.named("p")
            .input(
                input,
                new Range(1, 1, 2),
                Range.exactly(3),
                Range.exactly(height),
                new Range(width, width, 2L * width));
    Random random = new Random(9);
    try (CompiledModel expected = compile(Target.onnxRuntime(), file);
        CompiledModel found = compile(Target.openVino(), file, profile)) {
      for (int w : new int[] {width, 2 * width}) {
        float[] pixels = new float[3 * height * w];
        for (int i = 0; i < pixels.length; i++) {
          pixels[i] = random.nextFloat() * 2 - 1;
        }
        try (Tensor x = Tensor.of(pixels, 1, 3, height, w)) {
          assertAgree(expected, found, Map.of(input, x), 2e-3f);
        }
      }
      assertTrue(found.kernels().size() > 10);
    }
  }
}
