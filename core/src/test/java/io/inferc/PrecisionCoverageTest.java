package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.quantize.MultiplyAdds;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Capabilities;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A precision that hardly anything has got is warned of, with what is in the way counted. */
class PrecisionCoverageTest {
  private static final Capabilities CAPABILITIES =
      Capabilities.builder()
          .precision(NumericPrecision.INT8, PrecisionSupport.IN_MODEL)
          .precision(NumericPrecision.INT8_DYNAMIC, PrecisionSupport.IN_MODEL)
          .precision(NumericPrecision.FP16, PrecisionSupport.IN_MODEL)
          .preferredForm(
              PreferredForm.builder()
                  .dialect(
                      QuantizationDialect.builder("test")
                          .kernels(IntegerKernels.builder().dynamic(true).build())
                          .build())
                  .build())
          .build();

  private static ModelRewriter rewriter(
      OnnxModel model, Precision precision, ShapeProfile... profiles) {
    return new ModelRewriter(
        model,
        precision,
        CAPABILITIES,
        List.of(profiles),
        null,
        ProgressListener.none(),
        new Cancellation(),
        PassListener.none());
  }

  private static List<String> warnings(
      OnnxModel model, Precision precision, ShapeProfile... profiles) {
    ModelRewriter rewriter = rewriter(model, precision, profiles);
    rewriter.rewrite(rewriter.plan());
    return rewriter.warnings();
  }

  private static String warning(OnnxModel model, Precision precision) {
    List<String> warnings = warnings(model, precision);
    assertEquals(1, warnings.size(), warnings.toString());
    return warnings.get(0);
  }

  private static void assertHas(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "'" + part + "' is not in: " + text);
    }
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  private static Initializer weights(String name, long... dims) {
    int count = 1;
    for (long d : dims) {
      count *= Math.toIntExact(d);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i % 7 - 3) / 4f;
    }
    return Initializer.floats(name, values, dims);
  }

  private static GraphBuilder graph(long... shape) {
    return Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, shape));
  }

  private static OnnxModel model(GraphBuilder graph, long... output) {
    return OnnxModel.of(graph.output(TensorSpec.of("y", DataType.FLOAT32, output)).build(), 17);
  }

  private static OnnxModel convolution() {
    return model(
        graph(1, 3, 8, 8)
            .initializer(weights("w", 4, 3, 3, 3))
            .node(node("Conv", "conv", "y", "x", "w")),
        1,
        4,
        6,
        6);
  }

  private static OnnxModel recurrent() {
    return model(
        graph(5, 2, 8)
            .initializer(weights("w", 1, 16, 8))
            .initializer(weights("r", 1, 16, 4))
            .node(
                Node.builder("LSTM")
                    .name("lstm")
                    .inputs("x", "w", "r")
                    .outputs("y")
                    .attribute(Attribute.of("hidden_size", 4))
                    .build()),
        5,
        1,
        2,
        4);
  }

  @Test
  void aModelOfConvolutionsHasNothingToQuantizeDynamically() {
    assertHas(
        warning(convolution(), Precision.int8Dynamic()),
        "0 of 1 layers",
        "0 % of the multiply-adds",
        "are INT8_DYNAMIC",
        "1 (Conv):",
        "Precision.int8(samples) takes 1 of these layers");
  }

  @Test
  void weightsThatAreInputsAreNamed() {
    OnnxModel model =
        model(
            graph(2, 8)
                .input(TensorSpec.of("w", DataType.FLOAT32, 8, 8))
                .node(node("Gemm", "product", "y", "x", "w")),
            2,
            8);
    assertHas(
        warning(model, Precision.int8Dynamic()),
        "0 of 1 layers",
        "1 (Gemm): its weights are not constant",
        "export the model with its weights as constants");
  }

  @Test
  void doublesAreNamed() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT64, 2, 2))
                .initializer(
                    Initializer.floats("w", DataType.FLOAT64, new float[] {1, 2, 3, 4}, 2, 2))
                .node(node("MatMul", "product", "y", "x", "w"))
                .output(TensorSpec.of("y", DataType.FLOAT64, 2, 2))
                .build(),
            17);
    assertHas(
        warning(model, Precision.int8Dynamic()), "0 of 1 layers", "FLOAT64", "export the model in");
  }

  @Test
  void aModelWithoutLayersIsAsItWas() {
    OnnxModel model = model(graph(2, 2).node(node("Relu", "r", "y", "x")), 2, 2);
    assertHas(warning(model, Precision.int8Dynamic()), "no convolution", "Compile it at FP32");
    assertEquals(List.of(), warnings(model, Precision.fp16()));
  }

  @Test
  void whereMostMultiplyAddsAreReachedNobodyIsWarned() {
    OnnxModel model =
        model(
            graph(2, 8)
                .initializer(weights("w", 8, 64))
                .initializer(weights("v", 64, 8))
                .input(TensorSpec.of("u", DataType.FLOAT32, 8, 8))
                .node(node("MatMul", "one", "a", "x", "w"))
                .node(node("MatMul", "two", "b", "a", "v"))
                .node(node("Gemm", "three", "y", "b", "u")),
            2,
            8);
    assertEquals(List.of(), warnings(model, Precision.int8Dynamic()));
  }

  @Test
  void layersThatTheUserKeepsAreNoFault() {
    OnnxModel model =
        model(
            graph(2, 8)
                .initializer(weights("w", 8, 64))
                .initializer(weights("v", 64, 8))
                .node(node("MatMul", "one", "a", "x", "w"))
                .node(node("MatMul", "two", "y", "a", "v")),
            2,
            8);
    assertEquals(
        List.of(),
        warnings(model, Precision.int8Dynamic().keep(Layers.named("one"), DataType.FLOAT32)));
  }

  @Test
  void halfPrecisionThatConvertedNothingIsWarnedOf() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT64, 2, 2))
                .initializer(
                    Initializer.floats("w", DataType.FLOAT64, new float[] {1, 2, 3, 4}, 2, 2))
                .node(node("MatMul", "product", "y", "x", "w"))
                .output(TensorSpec.of("y", DataType.FLOAT64, 2, 2))
                .build(),
            17);
    assertHas(warning(model, Precision.fp16()), "0 of 1 layers", "are FP16");
  }

  @Test
  void multiplyAddsFollowFromDeclaredShapesAtTheSizesGiven() {
    long[] counts = counts(convolution(), Map.of());
    assertEquals(6 * 6 * 4 * 3 * 3 * 3, counts[0]);
    assertEquals(5 * 2 * (16 * 8 + 16 * 4), counts(recurrent(), Map.of())[0]);
    OnnxModel open =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, "batch,seq,8"))
                .initializer(weights("w", 8, 3))
                .initializer(weights("v", 3, 5))
                .node(node("MatMul", "one", "a", "x", "w"))
                .node(node("MatMul", "two", "b", "a", "v"))
                .node(node("MatMul", "three", "y", "b", "t"))
                .node(node("Transpose", "turn", "t", "x"))
                .valueInfo(TensorSpec.of("a", DataType.FLOAT32, "batch,seq,3"))
                .output(TensorSpec.of("y", DataType.FLOAT32, ""))
                .build(),
            17);
    long[] sized = counts(open, Map.of("batch", 2L, "seq", 10L));
    assertEquals(2 * 10 * 3 * 8, sized[0]);
    assertEquals(3 * 5, sized[1], "a shape that is not declared counts its weights once");
  }

  private static long[] counts(OnnxModel model, Map<String, Long> sizes) {
    return MultiplyAdds.of(model, sizes).stream().mapToLong(MultiplyAdds.Layer::count).toArray();
  }
}
