package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What nobody measured and would overflow stays in single precision until it is small again. */
class HalfGrowthTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();

  private static Node node(String type, String output, String... inputs) {
    return Node.builder(type).name(output).inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder graph() {
    float[] mix = new float[16];
    for (int i = 0; i < mix.length; i++) {
      mix[i] = (i % 5 - 2) / 3f;
    }
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4))
        .initializer(Initializer.floats("w", mix, 4, 4))
        .initializer(Initializer.floats("two", new float[] {2}))
        .initializer(Initializer.floats("floor", new float[] {1e-3f}))
        .initializer(Initializer.floats("bias", new float[] {0.5f}));
  }

  private static Set<String> left(PassFixture fixture) {
    Set<String> left = new TreeSet<>();
    fixture.notes().stream()
        .filter(n -> n.kind() == RewriteNote.Kind.LEFT_ALONE)
        .forEach(n -> left.add(n.node()));
    return left;
  }

  /** The logarithm of a power spectrum of 16-bit sound. */
  private static OnnxModel spectrum() {
    return OnnxModel.of(
        graph()
            .node(node("MatMul", "real", "x", "w"))
            .node(node("Relu", "rest", "x"))
            .node(node("MatMul", "imaginary", "rest", "w"))
            .node(node("Pow", "real2", "real", "two"))
            .node(node("Mul", "imaginary2", "imaginary", "imaginary"))
            .node(node("Add", "power", "real2", "imaginary2"))
            .node(node("MatMul", "bands", "power", "w"))
            .node(node("Abs", "size", "bands"))
            .node(node("Max", "floored", "size", "floor"))
            .node(node("Log", "log", "floored"))
            .node(node("Mul", "scaled", "log", "bias"))
            .node(node("Add", "y", "scaled", "bias"))
            .build(),
        17);
  }

  @Test
  void aSpectrumStaysSingleFromTheTransformToTheLogarithm() {
    PassFixture fixture = PassFixture.of(FP16).model(spectrum());
    assertEquals(
        Set.of(
            "real", "imaginary", "real2", "imaginary2", "power", "bands", "size", "floored", "log"),
        left(fixture));
    float[] loud = {32000, -20000, 12000, 5, -31000, 17000, 28000, -9000};
    try (Tensor x = Tensor.of(loud, 2, 4)) {
      fixture.checkEquivalent(0.02, Map.of("x", x));
    }
  }

  @Test
  void whatWasMeasuredToBeSmallIsHalf() {
    OnnxModel model = spectrum();
    CalibrationTable.Builder table = CalibrationTable.builder(model.digest(), "min-max", 1);
    for (String tensor :
        List.of("x", "real", "rest", "imaginary", "real2", "imaginary2", "power", "bands")) {
      table.range(tensor, TensorRange.observed(-3, 3));
    }
    for (String tensor : List.of("size", "floored", "log", "scaled", "y")) {
      table.range(tensor, TensorRange.observed(0, 3));
    }
    HalfPrecision measured = HalfPrecision.fp16().table(table.build()).build();
    assertEquals(Set.of(), left(PassFixture.of(measured).model(model)));
  }

  @Test
  void anExponentialEndsBeforeTheNextWeights() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Exp", "scale", "x"))
                .node(node("Mul", "spread", "scale", "bias"))
                .node(node("MatMul", "y", "spread", "w"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.02);
    assertEquals(Set.of("scale", "spread"), left(fixture));
  }

  @Test
  void aCubeInAnActivationFunctionLeavesTheLayerBeforeItInHalf() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("MatMul", "a", "x", "w"))
                .node(node("Mul", "square", "a", "a"))
                .node(node("Mul", "cube", "square", "a"))
                .node(node("Add", "inner", "cube", "a"))
                .node(node("Tanh", "tanh", "inner"))
                .node(node("Mul", "y", "tanh", "a"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.02);
    assertEquals(Set.of("square", "cube", "inner"), left(fixture));
    assertTrue(fixture.notes().stream().anyMatch(n -> n.text().contains("nothing was measured")));
  }
}
