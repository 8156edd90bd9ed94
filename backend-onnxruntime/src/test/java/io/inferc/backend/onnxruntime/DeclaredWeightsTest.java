package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose weights are inputs with defaults, as older exporters wrote them. */
class DeclaredWeightsTest {
  private static final OnnxModel PLAIN = SmallModels.perceptron(64, 64, 8, 1);
  private static final OnnxModel DECLARED = declared(PLAIN);

  private static OnnxModel declared(OnnxModel model) {
    GraphEditor editor = model.graph().edit();
    for (Initializer weight : model.graph().initializers()) {
      editor.addInput(weight.spec());
    }
    return model.withGraph(editor.build());
  }

  @Test
  void theyAreQuantized() {
    Compiler compiler =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8Dynamic()).build();
    try (CompiledModel plain = compiler.compile(PLAIN);
        CompiledModel declared = compiler.compile(DECLARED)) {
      assertEquals(plain.inputs(), declared.inputs());
      assertEquals(List.of(), declared.warnings());
      assertEquals(plain.weightBytes(), declared.weightBytes());
      assertTrue(
          declared.weightBytes().getAsLong() < DECLARED.summary().weightBytes() / 2,
          declared.weightBytes().toString());
      assertArrayEquals(answer(plain), answer(declared));
    }
  }

  @Test
  void theyAreConstantsInWhatIsWrittenAndANoteSaysSo(@TempDir Path folder) {
    Compiler compiler =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8Dynamic()).build();
    String notes = compiler.rewriter(DECLARED).notes().toString();
    assertTrue(notes.contains("constants were inputs too"), notes);
    Path file = folder.resolve("int8.onnx");
    compiler.export(DECLARED, file);
    OnnxModel written = OnnxModel.load(file);
    assertEquals(PLAIN.graph().inputs().size(), written.graph().inputs().size());
  }

  @Test
  void inSinglePrecisionTheRuntimeMayFoldThem() {
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
    try (CompiledModel plain = compiler.compile(PLAIN);
        CompiledModel declared = compiler.compile(DECLARED)) {
      assertEquals(plain.inputs(), declared.inputs());
      assertArrayEquals(answer(plain), answer(declared));
    }
  }

  private static float[] answer(CompiledModel model) {
    String input = model.inputs().get(0).name();
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    try (Tensor x = Tensor.of(values, 1, 64);
        Outputs outputs = model.run(Map.of(input, x))) {
      return outputs.tensor(model.outputs().get(0).name()).toFloatArray();
    }
  }
}
