package io.inferc.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Half precision around 8-bit integers. */
class HalfQuantizedTest {
  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  /** tanh, then a quantized product with a quantized weight. */
  private static OnnxModel quantized(int opset, float scale) {
    GraphBuilder graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 2))
            .output(TensorSpec.of("y", DataType.FLOAT32, 2, 2))
            .initializer(Initializer.floats("s", new float[] {scale}))
            .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
            .initializer(Initializer.floats("ws", new float[] {0.5f}))
            .initializer(Initializer.longs("w", DataType.INT8, new long[] {1, -2, 3, 4}, 2, 2))
            .node(node("Tanh", "tanh", "a", "x"))
            .node(node("QuantizeLinear", "q", "aq", "a", "s", "z"))
            .node(node("DequantizeLinear", "dq", "b", "aq", "s", "z"))
            .node(node("DequantizeLinear", "wdq", "wf", "w", "ws", "z"))
            .node(node("MatMul", "mm", "c", "b", "wf"))
            .node(node("Relu", "relu", "y", "c"));
    return OnnxModel.of(graph.build(), opset);
  }

  @Test
  void fromOpset19ScalesHaveTheTypeOfWhatTheyScale() {
    PassFixture.of(HalfPrecision.fp16().build())
        .model(quantized(19, 0.0625f))
        .check(
            """
            const s: FLOAT16[] = [0.0625]
            const z: INT8[] = [0]
            const ws: FLOAT16[] = [0.5]
            const w: INT8[2, 2] = [1, -2, 3, 4]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            tanh: Tanh(x_fp16) -> a
            q: QuantizeLinear(a, s, z) -> aq
            dq: DequantizeLinear(aq, s, z) -> b
            wdq: DequantizeLinear(w, ws, z) -> wf
            mm: MatMul(b, wf) -> c
            relu: Relu(c) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkSound(0.2);
  }

  @Test
  void beforeOpset19QuantizationStaysBetweenCasts() {
    PassFixture.of(HalfPrecision.fp16().build())
        .model(quantized(17, 0.0625f))
        .check(
            """
            const s: FLOAT32[] = [0.0625]
            const z: INT8[] = [0]
            const ws: FLOAT32[] = [0.5]
            const w: INT8[2, 2] = [1, -2, 3, 4]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            tanh: Tanh(x_fp16) -> a
            a_to_fp32: Cast(a) -> a_fp32 {to=1}
            q: QuantizeLinear(a_fp32, s, z) -> aq
            dq: DequantizeLinear(aq, s, z) -> b
            b_to_fp16: Cast(b) -> b_fp16 {to=10}
            wdq: DequantizeLinear(w, ws, z) -> wf
            wf_to_fp16: Cast(wf) -> wf_fp16 {to=10}
            mm: MatMul(b_fp16, wf_fp16) -> c
            relu: Relu(c) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkNote("dq", RewriteNote.Kind.LEFT_ALONE, "it does from opset 19 on")
        .checkSound(0.2);
  }

  @Test
  void aScaleThatVanishesStaysInSinglePrecision() {
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().build())
            .model(quantized(19, 1e-5f))
            .checkNote("q", RewriteNote.Kind.LEFT_ALONE, "below the smallest normal")
            .checkIdempotent()
            .checkValid();
    assertEquals(DataType.FLOAT32, fixture.after().graph().initializer("s").orElseThrow().type());
  }

  @Test
  void quantizedNodesOfAPlanStayInSinglePrecisionOnRequest() {
    LayerPlan plan =
        new LayerPlan(
            Map.of(
                "tanh", new LayerDecision(NumericPrecision.FP16, "a test"),
                "mm", new LayerDecision(NumericPrecision.INT8, "a test"),
                "relu", new LayerDecision(NumericPrecision.FP32, "a test")));
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().plan(plan).quantizedNodes(false).build())
            .model(quantized(19, 0.0625f))
            .checkSound(0.2);
    fixture
        .checkNote("mm", RewriteNote.Kind.LEFT_ALONE, "INT8")
        .checkNote("dq", RewriteNote.Kind.LEFT_ALONE, "What reads it")
        .checkNote("tanh", RewriteNote.Kind.CHANGED, "FP16");
    PassFixture along =
        PassFixture.of(HalfPrecision.fp16().plan(plan).build()).model(quantized(19, 0.0625f));
    // ONNX Runtime fuses such a product to a kernel that it has in single precision only.
    along.checkNote("mm", RewriteNote.Kind.CHANGED, "FP16").checkIdempotent();
    assertEquals(List.of(), along.after().check());
  }
}
