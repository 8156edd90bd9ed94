package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.spi.PreferredForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Targets that compute in single precision anyway get their weights stored in half. */
class HalfStorageTest {
  private static final HalfPrecision STORING =
      HalfPrecision.fp16()
          .preferredForm(PreferredForm.builder().halfPrecisionArithmetic(false).build())
          .build();

  private static Node node(String type, String output, String... inputs) {
    return Node.builder(type).name(type + "-" + output).inputs(inputs).outputs(output).build();
  }

  private static Initializer weights(String name, int rows, int columns, double scale) {
    Random random = new Random(rows);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return Initializer.floats(name, values, rows, columns);
  }

  private static GraphBuilder graph() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 16))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 16));
  }

  private static Map<String, DataType> constants(OnnxModel model) {
    return model.graph().initializers().stream()
        .collect(Collectors.toMap(Initializer::name, Initializer::type));
  }

  @Test
  void weightsAreStoredInHalfAndEverythingComputesInSingle() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(weights("w", 16, 16, 0.3))
                .initializer(Initializer.floats("b", new float[16], 16))
                .node(node("Gemm", "a", "x", "w", "b"))
                .node(node("Clip", "c", "a"))
                .node(node("Softmax", "y", "c"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(STORING).model(model).checkChanged().checkSound(0.01);
    fixture.checkNote("Gemm-a", RewriteNote.Kind.LEFT_ALONE, "stored in FP16");
    assertEquals(
        Map.of("w_fp16", DataType.FLOAT16, "b", DataType.FLOAT32), constants(fixture.after()));
    assertEquals(
        1, fixture.after().graph().nodes().stream().filter(n -> n.opType().equals("Cast")).count());
    assertTrue(fixture.after().toBytes().length < model.toBytes().length);
  }

  @Test
  void weightsThatHalfPrecisionCannotHoldStay() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(weights("large", 16, 16, 1e5))
                .initializer(weights("small", 16, 16, 1e-7))
                .node(node("MatMul", "a", "x", "large"))
                .node(node("MatMul", "y", "a", "small"))
                .build(),
            17);
    PassFixture.of(STORING).model(model).checkUnchanged();
  }

  @Test
  void aWeightThatABodyReadsIsStoredOnce() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .input(TensorSpec.of("c", DataType.BOOL))
                .initializer(weights("w", 16, 16, 0.3))
                .node(
                    Node.builder("If")
                        .name("if")
                        .inputs("c")
                        .outputs("y")
                        .attribute(Attribute.of("then_branch", branch("MatMul")))
                        .attribute(Attribute.of("else_branch", branch("Gemm")))
                        .build())
                .build(),
            17);
    PassFixture fixture = PassFixture.of(STORING).model(model).checkChanged().checkSound(0.01);
    assertEquals(Map.of("w_fp16", DataType.FLOAT16), constants(fixture.after()));
  }

  private static Graph branch(String type) {
    return Graph.builder(type)
        .output(TensorSpec.of(type + "_y", DataType.FLOAT32, 2, 16))
        .node(node(type, type + "_y", "x", "w"))
        .build();
  }

  @Test
  void inputsAndOutputsOfHalfPrecisionAreCast() {
    HalfPrecision converting =
        HalfPrecision.fp16()
            .preferredForm(PreferredForm.builder().halfPrecisionArithmetic(false).build())
            .convertInterface(true)
            .build();
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(weights("w", 16, 16, 0.3))
                .node(node("MatMul", "y", "x", "w"))
                .build(),
            17);
    OnnxModel after = converting.apply(model, new RewriteLog());
    assertEquals(List.of(), after.check());
    assertEquals(DataType.FLOAT16, after.graph().inputs().get(0).tensor().orElseThrow().type());
    assertEquals(DataType.FLOAT16, after.graph().outputs().get(0).tensor().orElseThrow().type());
    assertEquals(Map.of("w_fp16", DataType.FLOAT16), constants(after));
  }
}
