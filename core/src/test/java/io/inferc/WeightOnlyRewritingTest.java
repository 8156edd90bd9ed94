package io.inferc;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.Capabilities;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.spi.WeightOnlyForm.Product;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Weights alone as integers for targets that have little of it, or nothing. */
class WeightOnlyRewritingTest {
  /** As TensorRT has it. */
  private static final WeightOnlyForm NARROW =
      WeightOnlyForm.builder(Product.DEQUANTIZE_LINEAR)
          .blocks(8)
          .blocks(4, 64, 128)
          .usualBlocks(128)
          .zeroPoints(false)
          .build();

  private static OnnxModel network() {
    return model(
        17,
        "n, 256",
        g ->
            g.initializer(weights("w", 256, 192))
                .initializer(weights("v", 192, 48))
                .initializer(weights("u", 48, 9))
                .node(node("a", "MatMul", List.of("x", "w")))
                .node(node("b", "MatMul", List.of("a", "v")))
                .node(node("y", "MatMul", List.of("b", "u"))));
  }

  private static ModelRewriter rewriter(@Nullable WeightOnlyForm form, Precision precision) {
    PreferredForm.Builder preferred = PreferredForm.builder();
    if (form != null) {
      preferred.weightOnly(form);
    }
    return new ModelRewriter(
        network(),
        precision,
        Capabilities.builder()
            .precision(NumericPrecision.WEIGHTS4, PrecisionSupport.IN_MODEL)
            .preferredForm(preferred.build())
            .build(),
        List.of(),
        null,
        ProgressListener.none(),
        new Cancellation(),
        PassListener.none());
  }

  private static long block(OnnxModel model, String reader) {
    for (Node node : model.graph().nodes()) {
      if (node.outputs().get(0).startsWith(reader)) {
        return node.intAttribute("block_size", 0);
      }
    }
    throw new AssertionError("no " + reader);
  }

  @Test
  void aLayerHasTheLargestBlockThatDividesItsRowsOrNone() {
    ModelRewriter rewriter = rewriter(NARROW, Precision.weights(4));
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    assertEquals(128, block(written, "w_dequantized"));
    assertEquals(64, block(written, "v_dequantized"));
    assertEquals(NumericPrecision.WEIGHTS4, rewriter.outcome().get("a").precision());
    assertEquals(NumericPrecision.WEIGHTS4, rewriter.outcome().get("b").precision());
    assertEquals(NumericPrecision.FP32, rewriter.outcome().get("y").precision());
    assertTrue(
        rewriter.outcome().get("y").reason().contains("no multiple of a block of [64, 128]"),
        rewriter.outcome().get("y")::reason);
    // Symmetric, since that is all there is.
    assertEquals(DataType.INT4, written.graph().initializer("w_quantized").orElseThrow().type());
    assertFalse(rewriter.notes().stream().anyMatch(n -> n.text().contains("measurement")));
  }

  @Test
  void whatTheTargetHasNotIsRefusedWithTheReason() {
    assertRefused(NARROW, Precision.weights(8), "weights of 8 bits stay integers");
    assertRefused(null, Precision.weights(4), "weights of 4 bits stay integers");
    assertRefused(
        NARROW,
        Precision.weights(WeightQuantization.bits(4).withZeroPoints(true)),
        "no zero points");
    assertRefused(
        NARROW,
        Precision.weights(WeightQuantization.bits(4).withBlock(32)),
        "come in blocks of [64, 128]");
    assertRefused(
        null,
        Precision.fp32().quantizeWeights(Layers.named("a"), 4),
        "weights of 4 bits stay integers");
  }

  private static void assertRefused(
      @Nullable WeightOnlyForm form, Precision precision, String why) {
    InfercException refused = assertThrows(InfercException.class, () -> rewriter(form, precision));
    assertTrue(refused.getMessage().contains(why), refused::getMessage);
  }

  @Test
  void variantsAreListedFromTheMostAccurate() {
    WeightOnlyForm form =
        WeightOnlyForm.builder(Product.MATMUL_NBITS)
            .usualBlocks(32, 64)
            .accuracyLevels(0, 4)
            .build();
    assertEquals(
        "[blocks of 32, accuracy level 0, blocks of 32, accuracy level 4, blocks of 64, accuracy"
            + " level 0, blocks of 64, accuracy level 4]",
        form.variants(4, WeightQuantization.bits(4).block(), false).toString());
    assertEquals(2, form.variants(4, WeightQuantization.bits(4).block(), true).size());
    assertEquals(
        List.of(), NARROW.variants(4, WeightQuantization.bits(4).withBlock(16).block(), false));
    assertEquals(Optional.of(64), form.blockOf(4, 256, 40));
    assertEquals(Optional.empty(), NARROW.blockOf(4, 128, 96));
    assertThrows(
        IllegalArgumentException.class,
        () -> WeightOnlyForm.builder(Product.MATMUL_NBITS).blocks(4, 48));
    assertThrows(
        IllegalArgumentException.class,
        () -> WeightOnlyForm.builder(Product.MATMUL_NBITS).blocks(2, 32));
  }

  @Test
  void precisionsSayWhatTheyAre() {
    assertEquals("WEIGHTS4", Precision.weights(4).toString());
    assertEquals(
        "WEIGHTS8 with 1 rules",
        Precision.weights(8).keep(Layers.first(1), DataType.FLOAT32).toString());
    assertTrue(NumericPrecision.WEIGHTS4.quantizes() && NumericPrecision.WEIGHTS8.isWeightOnly());
    assertFalse(NumericPrecision.WEIGHTS4.isInteger() || NumericPrecision.INT8.isWeightOnly());
    assertFalse(NumericPrecision.FP16.quantizes());
    assertEquals(
        "4 bits, blocks of 32, with zero points, LEAST_ERROR, float activations",
        WeightQuantization.bits(4)
            .withBlock(32)
            .withZeroPoints(true)
            .withFloatActivations(true)
            .toString());
  }
}
