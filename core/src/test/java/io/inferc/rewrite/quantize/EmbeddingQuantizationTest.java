package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Large tables whose rows a Gather picks. */
class EmbeddingQuantizationTest {
  private static final int ROWS = 300;
  private static final int WIDTH = 64;

  private static final QuantizationDialect DIALECT =
      QuantizationDialect.builder("cpu")
          .reducedWeightRange(QuantizationCases.THIS_CPU.reducedWeightRange())
          .kernels(IntegerKernels.builder().dynamic(true).embeddingTables(true).build())
          .build();

  private static final Map<String, Tensor> INDICES =
      Map.of("i", Tensor.of(new long[] {0, 17, 299, -1, -300, 42}, 2, 3));

  private static OnnxModel model(UnaryOperator<GraphBuilder> content) {
    GraphBuilder graph = Graph.builder("g").input(TensorSpec.of("i", DataType.INT64, 2, 3));
    return OnnxModel.of(content.apply(graph).output(TestGraphs.floats("y")).build(), 17);
  }

  /** Rows of very unlike size, of which one scale could hold only the largest. */
  private static Initializer table(DataType type, long... dims) {
    float[] values = weights("t", dims).floats();
    int row = values.length / (int) dims[0];
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) Math.pow(2, i / row % 12 - 8);
    }
    return Initializer.floats("t", type, values, dims);
  }

  private static PassFixture quantized(OnnxModel model, String... nodes) {
    assertEquals(
        Set.of(nodes), QuantizableLayers.layers(model, DIALECT, NumericPrecision.INT8_DYNAMIC));
    LayerPlan plan = QuantizationCases.all(model, DIALECT, NumericPrecision.INT8_DYNAMIC);
    return PassFixture.of(new DynamicQuantization(DIALECT, plan)).model(model);
  }

  @Test
  void rowsAreIntegersWithAScaleOfTheirOwn() {
    for (long[] dims : List.of(new long[] {ROWS, WIDTH}, new long[] {ROWS, 4, WIDTH / 4})) {
      OnnxModel model =
          model(
              g ->
                  g.initializer(table(DataType.FLOAT32, dims))
                      .node(node("y", "Gather", List.of("t", "i"))));
      PassFixture fixture =
          quantized(model, "y")
              .checkNote("y", RewriteNote.Kind.CHANGED, "a scale a row")
              .checkIdempotent()
              .checkValid()
              .checkEquivalent(0.15, INDICES);
      assertTrue(fixture.after().toBytes().length < model.toBytes().length / 3);
      double sqnr = QuantizationCases.sqnr(model, fixture.after(), INDICES);
      assertTrue(sqnr > 40, () -> sqnr + " dB");
    }
  }

  @Test
  void aTableInHalfPrecisionBehindACastIsReached() {
    OnnxModel model =
        model(
            g ->
                g.initializer(table(DataType.FLOAT16, 2 * ROWS, WIDTH).withName("h"))
                    .node(
                        node(
                            "t",
                            "Cast",
                            List.of("h"),
                            Attribute.of("to", DataType.FLOAT32.onnxCode())))
                    .node(node("y", "Gather", List.of("t", "i"))));
    PassFixture fixture = quantized(model, "y").checkValid();
    assertTrue(fixture.after().graph().initializer("h").isEmpty());
    assertTrue(QuantizationCases.sqnr(model, fixture.after(), INDICES) > 40);
  }

  @Test
  void aTableThatAProductReadsTransposedIsNotThereInFloatingPointAnyMore() {
    OnnxModel model =
        model(
            g ->
                g.initializer(table(DataType.FLOAT32, ROWS, WIDTH))
                    .node(node("e", "Gather", List.of("t", "i")))
                    .node(node("u", "Transpose", List.of("t"), Attribute.ofInts("perm", 1, 0)))
                    .node(node("y", "MatMul", List.of("e", "u"))));
    PassFixture fixture = quantized(model, "e", "y").checkValid();
    assertTrue(fixture.after().toBytes().length < model.toBytes().length * 0.6);
    assertTrue(QuantizationCases.sqnr(model, fixture.after(), INDICES) > 20);
  }

  @Test
  void aTableThatIsReadInFloatingPointTooStays() {
    OnnxModel model =
        model(
            g ->
                g.initializer(table(DataType.FLOAT32, ROWS, WIDTH))
                    .node(node("e", "Gather", List.of("t", "i")))
                    .node(node("m", "ReduceMean", List.of("t"), Attribute.ofInts("axes", 0)))
                    .node(node("y", "Add", List.of("e", "m"))));
    quantized(model, "e")
        .checkUnchanged()
        .checkNote("e", RewriteNote.Kind.LEFT_ALONE, "read in floating point by 'm'");
  }

  @Test
  void smallTablesOtherAxesConstantIndicesAndOtherRuntimesAreNoCandidates() {
    quantized(
            model(
                g ->
                    g.initializer(table(DataType.FLOAT32, 20, WIDTH))
                        .initializer(table(DataType.FLOAT32, ROWS, WIDTH).withName("u"))
                        .initializer(longs("three", 3))
                        .node(node("small", "Gather", List.of("t", "i")))
                        .node(node("axis", "Gather", List.of("u", "i"), Attribute.of("axis", 1)))
                        .node(node("fixed", "Gather", List.of("u", "three")))
                        .node(node("a", "ReduceSum", List.of("small"), keep()))
                        .node(node("b", "ReduceSum", List.of("axis"), keep()))
                        .node(node("c", "ReduceSum", List.of("fixed"), keep()))
                        .node(node("y", "Sum", List.of("a", "b", "c")))))
        .checkUnchanged();
    OnnxModel large =
        model(
            g ->
                g.initializer(table(DataType.FLOAT32, ROWS, WIDTH))
                    .node(node("y", "Gather", List.of("t", "i"))));
    assertEquals(Set.of("y"), QuantizableLayers.tables(large, DIALECT));
    assertEquals(Set.of(), QuantizableLayers.tables(large, QuantizationCases.GPU));
  }

  private static Attribute keep() {
    return Attribute.of("keepdims", 0);
  }
}
