package io.inferc.rewrite.quantize;

import static io.inferc.rewrite.RewriteNote.Kind.CHANGED;
import static io.inferc.rewrite.RewriteNote.Kind.LEFT_ALONE;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose rows a Gather picks, and products that read the same table. */
class WeightOnlyTablesTest {
  private static final int ROWS = 300;
  private static final Map<String, Tensor> INDICES =
      Map.of("i", Tensor.of(new long[] {0, 17, 299, -1, -300, 42}, 2, 3));

  private static OnnxModel model(UnaryOperator<GraphBuilder> content) {
    GraphBuilder graph = Graph.builder("g").input(TensorSpec.of("i", DataType.INT64, 2, 3));
    return OnnxModel.of(content.apply(graph).output(TestGraphs.floats("y")).build(), 17);
  }

  private static OnnxModel table(int width) {
    return model(
        g -> g.initializer(weights("t", ROWS, width)).node(node("y", "Gather", List.of("t", "i"))));
  }

  /** A table, and a product with the same table transposed, as language models have it. */
  private static OnnxModel tied(int width) {
    return model(
        g ->
            g.initializer(weights("t", ROWS, width))
                .node(node("e", "Gather", List.of("t", "i")))
                .node(node("u", "Transpose", List.of("t"), Attribute.ofInts("perm", 1, 0)))
                .node(node("y", "MatMul", List.of("e", "u"))));
  }

  private static PassFixture applied(OnnxModel model, WeightOnlyForm form, WeightQuantization o) {
    return PassFixture.of(WeightOnlyCases.pass(model, form, o)).model(model);
  }

  private static double sqnr(OnnxModel model, PassFixture fixture) {
    return QuantizationCases.sqnr(model, fixture.after(), INDICES);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 80, 72})
  void rowsArePickedOfIntegers(int width) {
    OnnxModel model = table(width);
    for (boolean zeros : new boolean[] {false, true}) {
      for (int bits : new int[] {4, 8}) {
        PassFixture fixture =
            applied(
                    model,
                    WeightOnlyCases.N_BITS,
                    WeightQuantization.bits(bits).withBlock(32).withZeroPoints(zeros))
                .checkNote("y", CHANGED, "Its table is " + bits + "-bit integers")
                .checkValid();
        assertEquals(1, QuantizationCases.count(fixture.after(), "GatherBlockQuantized"));
        double sqnr = sqnr(model, fixture);
        assertTrue(sqnr > (bits == 8 ? 40 : 17), () -> bits + " bits: " + sqnr + " dB");
        assertTrue(fixture.after().toBytes().length * 3L < model.toBytes().length);
      }
    }
  }

  @Test
  void theStandardFormHasBytesWithAScaleARow() {
    OnnxModel model = table(64);
    PassFixture fixture =
        applied(model, WeightOnlyCases.STANDARD, WeightQuantization.bits(4))
            .checkNote("y", CHANGED, "INT8, with a scale a row")
            .checkValid();
    double sqnr = sqnr(model, fixture);
    assertTrue(sqnr > 40, () -> sqnr + " dB");
  }

  @Test
  void tablesHaveBlocksOfAtLeast32UnlessAskedOtherwise() {
    WeightQuantization free = WeightQuantization.bits(4);
    for (WeightQuantization options : List.of(free, free.withBlock(16))) {
      Node gather =
          applied(table(64), WeightOnlyCases.N_BITS, options).after().graph().nodes().get(0);
      assertEquals(options.block().orElse(32), gather.intAttribute("block_size", 0));
    }
  }

  @Test
  void aTargetThatReadsTablesInFloatingPointKeepsThem() {
    PassFixture.of(
            WeightOnlyCases.forced(WeightOnlyCases.SYMMETRIC, WeightQuantization.bits(4), "y"))
        .model(table(64))
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "the target reads tables in floating point");
  }

  @Test
  void smallTablesStay() {
    OnnxModel model =
        model(
            g -> g.initializer(weights("t", 16, 64)).node(node("y", "Gather", List.of("t", "i"))));
    PassFixture.of(WeightOnlyCases.forced(WeightOnlyCases.N_BITS, WeightQuantization.bits(4), "y"))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "its table is small");
  }

  @Test
  void aTableThatAProductReadsTooIsThereOnce() {
    OnnxModel model = tied(64);
    for (boolean zeros : new boolean[] {false, true}) {
      PassFixture fixture =
          applied(
                  model,
                  WeightOnlyCases.N_BITS,
                  WeightQuantization.bits(8).withZeroPoints(zeros).withFloatActivations(true))
              .checkNote("e", CHANGED, "Its table is")
              .checkNote("y", CHANGED, "Its weights are")
              .checkValid();
      OnnxModel after = fixture.after();
      assertEquals(
          1,
          after.graph().initializers().stream()
              .filter(c -> c.name().endsWith("_quantized"))
              .count());
      assertFalse(after.graph().initializer("t").isPresent());
      // 8 bits a weight, and 4 or 5 bytes a block of 32 weights.
      assertTrue(after.toBytes().length < 1.25 * ROWS * 64, () -> after.toBytes().length + " B");
      double sqnr = sqnr(model, fixture);
      assertTrue(sqnr > 38, () -> sqnr + " dB");
    }
  }

  @Test
  void aTiedTableWhoseRowsEndWithinABlockIsStillRight() {
    OnnxModel model = tied(72);
    PassFixture fixture =
        applied(model, WeightOnlyCases.N_BITS, WeightQuantization.bits(8).withBlock(32))
            .checkValid();
    double sqnr = sqnr(model, fixture);
    assertTrue(sqnr > 38, () -> sqnr + " dB");
  }

  @Test
  void aProductWithATableThatStaysInFloatingPointStaysToo() {
    OnnxModel model = tied(64);
    PassFixture.of(
            WeightOnlyCases.forced(WeightOnlyCases.SYMMETRIC, WeightQuantization.bits(4), "y"))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "read in floating point by 'e' too");
  }

  @Test
  void scalesOfHalfPrecisionMakeTheFileSmaller() {
    WeightOnlyForm half =
        WeightOnlyForm.builder(WeightOnlyForm.Product.MATMUL_NBITS)
            .tables(WeightOnlyForm.Tables.GATHER_BLOCK_QUANTIZED)
            .accuracyLevels(0)
            .halfScales(true)
            .build();
    OnnxModel model = tied(64);
    WeightQuantization options = WeightQuantization.bits(8).withBlock(16);
    PassFixture fixture = applied(model, half, options).checkValid();
    OnnxModel whole = applied(model, WeightOnlyCases.N_BITS, options).after();
    assertEquals(
        DataType.FLOAT16, fixture.after().graph().initializer("t_scale").orElseThrow().type());
    assertTrue(fixture.after().toBytes().length < 0.95 * whole.toBytes().length);
    double sqnr = sqnr(model, fixture);
    assertTrue(sqnr > 38, () -> sqnr + " dB");
    // Scales below what FLOAT16 has digits for stay as they are.
    float[] tiny = weights("t", ROWS, 64).floats();
    for (int i = 0; i < tiny.length; i++) {
      tiny[i] *= 1e-6f;
    }
    OnnxModel small =
        model(
            g ->
                g.initializer(Initializer.floats("t", tiny, ROWS, 64))
                    .node(node("y", "Gather", List.of("t", "i"))));
    PassFixture kept = applied(small, half, options);
    assertEquals(
        DataType.FLOAT32, kept.after().graph().initializer("t_scale").orElseThrow().type());
    assertTrue(sqnr(small, kept) > 40);
  }
}
