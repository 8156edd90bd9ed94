package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.quantize.DynamicQuantization;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.spi.CpuFlags;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which integer kernels ONNX Runtime's optimizer makes of quantized models. */
class QuantizationFusionTest {
  static final QuantizationDialect CPU = Dialects.cpu(CpuFlags.describe());

  static Initializer weights(String name, long... dims) {
    long count = 1;
    for (long d : dims) {
      count *= d;
    }
    Random random = new Random(name.hashCode());
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.2f;
    }
    return Initializer.floats(name, values, dims);
  }

  static Node node(String type, String output, List<String> inputs, Attribute... attributes) {
    Node.Builder node =
        Node.builder(type).name(output).inputs(inputs.toArray(String[]::new)).outputs(output);
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    return node.build();
  }

  static Node conv(String out, String x, long pad, String... constants) {
    Node.Builder n = Node.builder("Conv").name(out).outputs(out);
    String[] inputs = new String[1 + constants.length];
    inputs[0] = x;
    System.arraycopy(constants, 0, inputs, 1, constants.length);
    return n.inputs(inputs).attribute(Attribute.ofInts("pads", pad, pad, pad, pad)).build();
  }

  static CalibrationTable calibrate(OnnxModel model, Map<String, Tensor> inputs) {
    GraphEditor editor = model.graph().edit();
    for (Node n : model.graph().nodes()) {
      for (String o : n.outputs()) {
        if (!editor.isOutput(o)) {
          editor.addOutput(ValueInfo.untyped(o));
        }
      }
    }
    CalibrationTable.Builder table = CalibrationTable.builder(model.digest(), "min-max", 1);
    inputs.forEach((name, t) -> table.range(name, range(t.toFloatArray())));
    Rewrites.run(model.withGraph(editor.build()), inputs)
        .forEach((name, values) -> table.range(name, range(values)));
    return table.build();
  }

  private static TensorRange range(float[] values) {
    float min = values[0];
    float max = values[0];
    for (float v : values) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    return TensorRange.observed(min, max);
  }

  static LayerPlan all(OnnxModel model, NumericPrecision precision) {
    Map<String, LayerDecision> plan = new LinkedHashMap<>();
    QuantizableLayers.layers(model, CPU, precision)
        .forEach(l -> plan.put(l, new LayerDecision(precision, "test")));
    return QuantizableLayers.withFollowers(model, CPU, new LayerPlan(plan));
  }

  static OnnxModel convolutional() {
    GraphBuilder g =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, 3, 16, 16"))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, 10"))
            .initializer(weights("w1", 16, 3, 3, 3))
            .initializer(weights("b1", 16))
            .initializer(weights("w2", 16, 16, 3, 3))
            .initializer(weights("b2", 16))
            .initializer(weights("w3", 16, 16, 1, 1))
            .initializer(weights("b3", 16))
            .initializer(weights("fc", 10, 16))
            .initializer(weights("fb", 10))
            .node(conv("c1", "x", 1, "w1", "b1"))
            .node(node("Relu", "r1", List.of("c1")))
            .node(
                node(
                    "MaxPool",
                    "p1",
                    List.of("r1"),
                    Attribute.ofInts("kernel_shape", 2, 2),
                    Attribute.ofInts("strides", 2, 2)))
            .node(conv("c2", "p1", 1, "w2", "b2"))
            .node(node("Relu", "r2", List.of("c2")))
            .node(conv("c3", "r2", 0, "w3", "b3"))
            .node(node("Add", "a", List.of("c3", "p1")))
            .node(node("Relu", "r3", List.of("a")))
            .node(node("GlobalAveragePool", "gp", List.of("r3")))
            .node(node("Flatten", "f", List.of("gp")))
            .node(node("Gemm", "y", List.of("f", "fc", "fb"), Attribute.of("transB", 1)));
    return OnnxModel.of(g.build(), 17);
  }

  @Test
  void aConvolutionalNetworkRunsInIntegersFromEndToEnd() {
    OnnxModel model = convolutional();
    Map<String, Tensor> inputs = Rewrites.inputs(model, 3, 2);
    OnnxModel q =
        Rewrites.applied(
            new StaticQuantization(
                calibrate(model, inputs), CPU, all(model, NumericPrecision.INT8)),
            model);
    assertEquals(
        Map.of(
            "QuantizeLinear", 1,
            "QLinearConv", 3,
            "NhwcMaxPool", 1,
            "Transpose", 2,
            "QLinearAdd", 1,
            "QLinearGlobalAveragePool", 1,
            "Flatten", 1,
            "QGemm", 1),
        OptimizedGraph.operators(q));
    assertTrue(Rewrites.difference(model, q, inputs) < 0.05);
  }

  static OnnxModel transformer(String shape) {
    GraphBuilder g =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, shape))
            .output(TensorSpec.of("y", DataType.FLOAT32, shape))
            .initializer(weights("wq", 32, 32))
            .initializer(weights("bq", 32))
            .initializer(weights("wk", 32, 32))
            .initializer(weights("bk", 32))
            .initializer(weights("wv", 32, 32))
            .initializer(weights("bv", 32))
            .initializer(weights("w1", 32, 64))
            .initializer(weights("b1", 64))
            .initializer(weights("w2", 64, 32))
            .initializer(weights("b2", 32))
            .node(node("MatMul", "mq", List.of("x", "wq")))
            .node(node("Add", "q", List.of("mq", "bq")))
            .node(node("MatMul", "mk", List.of("x", "wk")))
            .node(node("Add", "k", List.of("bk", "mk")))
            .node(node("MatMul", "mv", List.of("x", "wv")))
            .node(node("Add", "v", List.of("mv", "bv")))
            .node(node("Transpose", "kt", List.of("k"), Attribute.ofInts("perm", 0, 2, 1)))
            .node(node("MatMul", "qk", List.of("q", "kt")))
            .node(node("Softmax", "p", List.of("qk"), Attribute.of("axis", -1)))
            .node(node("MatMul", "pv", List.of("p", "v")))
            .node(node("MatMul", "m1", List.of("pv", "w1")))
            .node(node("Add", "a1", List.of("m1", "b1")))
            .node(node("Erf", "e", List.of("a1")))
            .node(node("MatMul", "m2", List.of("e", "w2")))
            .node(node("Add", "a2", List.of("b2", "m2")))
            .node(node("Add", "y", List.of("a2", "x")));
    return OnnxModel.of(g.build(), 17);
  }

  private static OnnxModel calibrated(OnnxModel model, Map<String, Tensor> inputs) {
    return Rewrites.applied(
        new StaticQuantization(calibrate(model, inputs), CPU, all(model, NumericPrecision.INT8)),
        model);
  }

  @Test
  void aTransformerOfOpenSizesComputesAllProductsInIntegers() {
    OnnxModel model = transformer("batch, tokens, 32");
    Map<String, Tensor> inputs = Rewrites.inputs(model, 3, 2, 8);
    OnnxModel q = calibrated(model, inputs);
    Map<String, Integer> operators = OptimizedGraph.operators(q);
    assertEquals(6, operators.get("MatMulIntegerToFloat"), operators::toString);
    assertEquals(1, operators.get("QLinearMatMul"), operators::toString);
    assertNull(operators.get("MatMul"), operators::toString);
    assertTrue(Rewrites.difference(model, q, inputs) < 0.1);
  }

  @Test
  void attentionToASingleTokenGivesThatTokensValue() {
    OnnxModel model = transformer("batch, tokens, 32");
    OnnxModel q = calibrated(model, Rewrites.inputs(model, 3, 2, 8));
    Map<String, Integer> operators = OptimizedGraph.operators(q);
    assertNull(operators.get("QLinearSoftmax"), operators::toString);
    for (long seed = 0; seed < 3; seed++) {
      assertTrue(Rewrites.difference(model, q, Rewrites.inputs(model, seed, 2, 1)) < 0.2);
    }
  }

  @Test
  void aTransformerOfFixedSizesMergesBiasesIntoIntegerProducts() {
    OnnxModel model = transformer("2, 8, 32");
    Map<String, Tensor> inputs = Rewrites.inputs(model, 3);
    OnnxModel q = calibrated(model, inputs);
    Map<String, Integer> operators = OptimizedGraph.operators(q);
    assertEquals(5, operators.get("QGemm"), operators::toString);
    assertEquals(1, operators.get("MatMulIntegerToFloat"), operators::toString);
    assertEquals(1, operators.get("QLinearMatMul"), operators::toString);
    assertNull(operators.get("Gemm"), operators::toString);
    assertNull(operators.get("MatMul"), operators::toString);
    assertEquals(1, operators.get("Add"), operators::toString);
    assertTrue(Rewrites.difference(model, q, inputs) < 0.1);
  }

  @Test
  void aKeptFollowerStaysInFloatingPoint() {
    OnnxModel model = transformer("batch, tokens, 32");
    Map<String, LayerDecision> plan = new LinkedHashMap<>();
    QuantizableLayers.layers(model, CPU, NumericPrecision.INT8)
        .forEach(l -> plan.put(l, new LayerDecision(NumericPrecision.INT8, "test")));
    plan.put("p", new LayerDecision(NumericPrecision.FP32, "a rule", true));
    Map<String, Tensor> inputs = Rewrites.inputs(model, 3, 2, 8);
    OnnxModel q =
        Rewrites.applied(
            new StaticQuantization(
                calibrate(model, inputs),
                CPU,
                QuantizableLayers.withFollowers(model, CPU, new LayerPlan(plan))),
            model);
    Map<String, Integer> operators = OptimizedGraph.operators(q);
    assertEquals(1, operators.get("Softmax"), operators::toString);
    assertNull(operators.get("QLinearSoftmax"), operators::toString);
  }

  @Test
  void dynamicProductsFuseWithTheirScales() {
    for (String shape : List.of("batch, tokens, 32", "2, 8, 32")) {
      OnnxModel model = transformer(shape);
      Map<String, Tensor> inputs = Rewrites.inputs(model, 3, 2, 8);
      OnnxModel q =
          Rewrites.applied(
              new DynamicQuantization(CPU, all(model, NumericPrecision.INT8_DYNAMIC)), model);
      Map<String, Integer> operators = OptimizedGraph.operators(q);
      // Three layers share the input, which is quantized once.
      assertEquals(3, operators.get("MatMulIntegerToFloat"), operators::toString);
      assertEquals(1, operators.get("DynamicQuantizeLinear"), operators::toString);
      assertEquals(2, operators.get("DynamicQuantizeMatMul"), operators::toString);
      assertTrue(Rewrites.difference(model, q, inputs) < 0.1);
    }
  }
}
