package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Half precision around 8-bit integers. */
class HalfQuantizedTest {
  /** Values between two integers may be rounded to either. */
  private static final double A_STEP = 0.12;

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  /** A graph that begins with a tanh, whose result b and weight wf were quantized. */
  private static GraphBuilder dequantized(float scale, Initializer weight, long... shape) {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, shape))
        .output(TensorSpec.of("y", DataType.FLOAT32, shape))
        .initializer(Initializer.floats("s", new float[] {scale}))
        .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
        .initializer(Initializer.floats("ws", new float[] {0.5f}))
        .initializer(weight)
        .node(node("Tanh", "tanh", "a", "x"))
        .node(node("QuantizeLinear", "q", "aq", "a", "s", "z"))
        .node(node("DequantizeLinear", "dq", "b", "aq", "s", "z"))
        .node(node("DequantizeLinear", "wdq", "wf", "w", "ws", "z"));
  }

  /** tanh, then a quantized product with a quantized weight. */
  private static OnnxModel quantized(int opset, float scale) {
    Initializer weight = Initializer.longs("w", DataType.INT8, new long[] {1, -2, 3, 4}, 2, 2);
    GraphBuilder graph =
        dequantized(scale, weight, 2, 2)
            .node(node("MatMul", "mm", "c", "b", "wf"))
            .node(node("Relu", "relu", "y", "c"));
    return OnnxModel.of(graph.build(), opset);
  }

  @Test
  void fromOpset19ScalesHaveTheTypeOfWhatTheyScale() {
    PassFixture.of(HalfPrecision.fp16().build())
        .deviation(A_STEP)
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
        .deviation(A_STEP)
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
            .deviation(A_STEP)
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
            .deviation(A_STEP)
            .model(quantized(19, 0.0625f))
            .checkSound(0.2);
    fixture
        .checkNote("mm", RewriteNote.Kind.LEFT_ALONE, "INT8")
        .checkNote("dq", RewriteNote.Kind.LEFT_ALONE, "What reads it")
        .checkNote("tanh", RewriteNote.Kind.CHANGED, "FP16");
    PassFixture along =
        PassFixture.of(HalfPrecision.fp16().plan(plan).build())
            .otherResults("ONNX Runtime makes a kernel of it that it has in single precision only")
            .model(quantized(19, 0.0625f));
    along.checkNote("mm", RewriteNote.Kind.CHANGED, "FP16").checkIdempotent();
    assertEquals(List.of(), along.after().check());
  }

  /** A convolution of dequantized data, with what stands behind it up to the next one's data. */
  private static OnnxModel convolution(Node... behind) {
    Initializer weight = Initializer.longs("w", DataType.INT8, new long[] {3}, 1, 1, 1, 1);
    GraphBuilder graph =
        dequantized(0.0625f, weight, 1, 1, 2, 2)
            .output(TensorSpec.of("r", DataType.FLOAT32, 1, 1, 2, 2))
            .node(node("Conv", "conv", "c", "b", "wf"))
            // A residual connection reads the same data.
            .node(node("Relu", "residual", "r", "b"));
    for (Node node : behind) {
      graph.node(node);
    }
    graph
        .node(node("QuantizeLinear", "q2", "dq2", "d", "s", "z"))
        .node(node("DequantizeLinear", "dq3", "e", "dq2", "s", "z"))
        .node(node("Softsign", "end", "y", "e"));
    return OnnxModel.of(graph.build(), 19);
  }

  private static final Node GATE = node("HardSigmoid", "gate", "h", "c");
  private static final Node PRODUCT = node("Mul", "product", "d", "c", "h");

  @Test
  void anEpilogueBetweenIntegersStaysInSinglePrecisionOnRequest() {
    // The residual connection is in half precision, so the data are dequantized to both types.
    PassFixture.of(HalfPrecision.fp16().quantizedEpilogues(false).build())
        .deviation(A_STEP)
        .model(convolution(GATE, PRODUCT))
        .check(
            """
            const s: FLOAT32[] = [0.0625]
            const z: INT8[] = [0]
            const ws: FLOAT32[] = [0.5]
            const w: INT8[1, 1, 1, 1] = [3]
            const s_fp16: FLOAT16[] = [0.0625]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            tanh: Tanh(x_fp16) -> a
            q: QuantizeLinear(a, s_fp16, z) -> aq
            dq: DequantizeLinear(aq, s_fp16, z) -> b
            dq_fp32: DequantizeLinear(aq, s, z) -> b_fp32
            wdq: DequantizeLinear(w, ws, z) -> wf
            conv: Conv(b_fp32, wf) -> c
            residual: Relu(b) -> r_fp16
            r_fp16_to_fp32: Cast(r_fp16) -> r {to=1}
            gate: HardSigmoid(c) -> h
            product: Mul(c, h) -> d
            q2: QuantizeLinear(d, s, z) -> dq2
            dq3: DequantizeLinear(dq2, s_fp16, z) -> e
            end: Softsign(e) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y, r
            """)
        .checkNote("conv", RewriteNote.Kind.LEFT_ALONE, "in single precision only")
        .checkNote("product", RewriteNote.Kind.LEFT_ALONE, "in single precision only")
        .checkNote("dq_fp32", RewriteNote.Kind.CHANGED, "to FLOAT32, too")
        .checkSound(0.2);
  }

  @Test
  void aReluBetweenIntegersIsConvertedAllTheSame() {
    checkConverted(false, node("Relu", "relu", "d", "c"));
  }

  @Test
  void whatReadsMoreThanTheConvolutionIsNoEpilogue() {
    checkConverted(false, GATE, node("Mul", "product", "d", "r", "h"));
  }

  @Test
  void quantizationBehindWhatMovesValuesEndsAnEpilogueToo() {
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().quantizedEpilogues(false).build())
            .deviation(A_STEP)
            .model(
                convolution(
                    GATE,
                    node("Mul", "product", "p", "c", "h"),
                    node("Concat", "join", "d", "p", "r").toBuilder()
                        .attribute(Attribute.of("axis", 0L))
                        .build()))
            .checkNote("conv", RewriteNote.Kind.LEFT_ALONE, "in single precision only")
            .checkNote("product", RewriteNote.Kind.LEFT_ALONE, "in single precision only")
            .checkNote("join", RewriteNote.Kind.CHANGED, "FP16")
            .checkIdempotent();
    assertEquals(List.of(), fixture.after().check());
  }

  @Test
  void aScaleThatNothingElseWantsInSinglePrecisionIsKeptForTheSecondDequantization() {
    // The residual connection is half, the convolution single, since its weight's scale vanishes.
    Graph graph = convolution(node("Relu", "relu", "d", "c")).graph();
    OnnxModel model =
        OnnxModel.of(
            graph.edit().putInitializer(Initializer.floats("ws", new float[] {1e-6f})).build(), 19);
    LayerPlan plan =
        new LayerPlan(Map.of("conv", new LayerDecision(NumericPrecision.FP32, "a test")));
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().plan(plan).build())
            .deviation(A_STEP)
            .model(model)
            .checkIdempotent();
    Graph after = fixture.after().graph();
    assertEquals(DataType.FLOAT16, after.initializer("s").orElseThrow().type());
    assertEquals(DataType.FLOAT32, after.initializer("s_fp32").orElseThrow().type());
    assertEquals(List.of(), fixture.after().check());
  }

  @Test
  void whatIsDequantizedForTheCallerIsDequantizedAgainRatherThanCast() {
    Graph graph = convolution(node("Relu", "relu", "d", "c")).graph();
    TensorSpec output = TensorSpec.of("b", DataType.FLOAT32, 1, 1, 2, 2);
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().build())
            .deviation(A_STEP)
            .model(OnnxModel.of(graph.edit().addOutput(ValueInfo.of(output)).build(), 19))
            .checkNote("dq_fp32", RewriteNote.Kind.CHANGED, "to FLOAT32, too")
            .checkIdempotent();
    assertEquals(List.of(), fixture.after().check());
    Node again =
        fixture.after().graph().nodes().stream()
            .filter(n -> n.outputs().contains("b"))
            .findFirst()
            .orElseThrow();
    assertEquals(List.of("aq", "s_fp32", "z"), again.inputs());
  }

  @Test
  void epiloguesAreConvertedByDefault() {
    checkConverted(true, GATE, PRODUCT);
  }

  private static void checkConverted(boolean epilogues, Node... behind) {
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().quantizedEpilogues(epilogues).build())
            .deviation(A_STEP)
            .model(convolution(behind))
            .checkNote("conv", RewriteNote.Kind.CHANGED, "FP16")
            .checkIdempotent();
    assertEquals(List.of(), fixture.after().check());
    assertEquals(DataType.FLOAT16, fixture.after().graph().initializer("s").orElseThrow().type());
  }
}
