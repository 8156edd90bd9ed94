package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.runtime.CompiledModel;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights alone as integers, from what is asked for to what ONNX Runtime computes. */
class WeightOnlyTest {
  private static final Set<String> PRODUCTS = Set.of("layer0", "layer1", "layer2", "layer3");

  private static Map<String, Tensor> input() {
    return Map.of("x", Tensor.of(PrecisionTest.random(99, 8 * PrecisionTest.WIDTH, 1), 8, 64));
  }

  private static float[] run(CompiledModel model) {
    return model.run(input()).get("y").toFloatArray();
  }

  private static double sqnr(Precision precision) {
    try (CompiledModel exact =
            PrecisionTest.compiler(Precision.fp32()).compile(PrecisionTest.network());
        CompiledModel small = PrecisionTest.compiler(precision).compile(PrecisionTest.network())) {
      return sqnr(run(exact), run(small));
    }
  }

  private static double sqnr(float[] exact, float[] found) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < exact.length; i++) {
      signal += exact[i] * (double) exact[i];
      noise += (exact[i] - found[i]) * (double) (exact[i] - found[i]);
    }
    return 10 * Math.log10(signal / noise);
  }

  private static ModelRewriter rewritten(Precision precision) {
    ModelRewriter rewriter = PrecisionTest.compiler(precision).rewriter(PrecisionTest.network());
    rewriter.rewrite(rewriter.plan());
    return rewriter;
  }

  private static Set<String> at(ModelRewriter rewriter, NumericPrecision precision) {
    Set<String> nodes = new TreeSet<>();
    rewriter
        .outcome()
        .forEach(
            (node, d) -> {
              if (d.precision() == precision) {
                nodes.add(node);
              }
            });
    return nodes;
  }

  @Test
  void bothNumbersOfBitsComputeWhatTheyShould() {
    Dataset samples = PrecisionTest.samples(16, 0);
    requireSqnr(35, Precision.weights(8));
    requireSqnr(13, Precision.weights(4));
    requireSqnr(13, Precision.weights(4, samples));
    requireSqnr(37, Precision.weights(WeightQuantization.bits(8).withFloatActivations(true)));
    for (int block : new int[] {16, 32, 64, 128, 256}) {
      WeightQuantization how = WeightQuantization.bits(8).withBlock(block);
      requireSqnr(33, Precision.weights(how));
      requireSqnr(33, Precision.weights(how.withZeroPoints(true)));
    }
  }

  private static void requireSqnr(double least, Precision precision) {
    double found = sqnr(precision);
    assertTrue(found > least, () -> precision + " has " + found + " dB");
  }

  @Test
  void allProductsGetItAndTheMeasurementIsNoted() {
    ModelRewriter rewriter = rewritten(Precision.weights(8));
    assertEquals(PRODUCTS, at(rewriter, NumericPrecision.WEIGHTS8));
    assertTrue(
        rewriter.notes().stream()
            .anyMatch(n -> n.text().contains("by a measurement of products of 64x64")),
        () -> rewriter.notes().toString());
    assertEquals(List.of(), rewriter.warnings());
    assertEquals(
        4,
        rewriter.notes().stream()
            .filter(
                n ->
                    n.kind() == RewriteNote.Kind.CHANGED
                        && n.text().contains("8-bit integers in blocks of"))
            .count());
  }

  @Test
  void theSamePlanGivesTheSameModel() {
    ModelRewriter rewriter =
        PrecisionTest.compiler(Precision.weights(4)).rewriter(PrecisionTest.network());
    assertEquals(rewriter.rewrite(rewriter.plan()), rewriter.rewrite(rewriter.plan()));
  }

  @Test
  void aBlockThatIsAskedForIsTaken() {
    WeightQuantization how = WeightQuantization.bits(4).withBlock(16).withFloatActivations(true);
    ModelRewriter rewriter =
        PrecisionTest.compiler(Precision.weights(how)).rewriter(PrecisionTest.network());
    for (Node node : rewriter.rewrite(rewriter.plan()).graph().nodes()) {
      if (node.opType().equals("MatMulNBits")) {
        assertEquals(16, node.intAttribute("block_size", 0));
        assertEquals(0, node.intAttribute("accuracy_level", -1));
        assertEquals(4, node.intAttribute("bits", 0));
      }
    }
    assertFalse(rewriter.notes().stream().anyMatch(n -> n.text().contains("measurement")));
  }

  @Test
  void rulesKeepLayersAndMixPrecisions() {
    ModelRewriter kept =
        rewritten(Precision.weights(4).keep(Layers.named("layer1"), DataType.FLOAT32));
    assertEquals(Set.of("layer0", "layer2", "layer3"), at(kept, NumericPrecision.WEIGHTS4));
    ModelRewriter mixed =
        rewritten(
            Precision.weights(4)
                .quantizeWeights(Layers.named("layer1"), 8)
                .quantize(Layers.named("layer2"), true));
    assertEquals(Set.of("layer0", "layer3"), at(mixed, NumericPrecision.WEIGHTS4));
    assertEquals(Set.of("layer1"), at(mixed, NumericPrecision.WEIGHTS8));
    assertEquals(Set.of("layer2"), at(mixed, NumericPrecision.INT8_DYNAMIC));
    ModelRewriter dynamic =
        rewritten(Precision.int8Dynamic().quantizeWeights(Layers.named("layer3"), 4));
    assertEquals(Set.of("layer0", "layer1", "layer2"), at(dynamic, NumericPrecision.INT8_DYNAMIC));
    assertEquals(Set.of("layer3"), at(dynamic, NumericPrecision.WEIGHTS4));
    Dataset samples = PrecisionTest.samples(16, 0);
    ModelRewriter calibrated =
        rewritten(Precision.int8(samples).quantizeWeights(Layers.named("layer0"), 8));
    assertEquals(Set.of("layer0"), at(calibrated, NumericPrecision.WEIGHTS8));
    assertTrue(sqnr(Precision.weights(4, samples).quantize(Layers.named("layer2"), false)) > 12);
  }

  @Test
  void searchesAreOfferedWhatTheyAlwaysWere() {
    assertFalse(
        candidates(Precision.int8Dynamic()).stream().anyMatch(NumericPrecision::isWeightOnly));
    assertFalse(
        candidates(Precision.int8(PrecisionTest.samples(16, 0))).stream()
            .anyMatch(NumericPrecision::isWeightOnly));
    assertEquals(Set.of(NumericPrecision.WEIGHTS4), candidates(Precision.weights(4)));
  }

  private static Set<NumericPrecision> candidates(Precision precision) {
    Set<NumericPrecision> all = new HashSet<>();
    PrecisionTest.compiler(precision)
        .rewriter(PrecisionTest.network())
        .candidates()
        .values()
        .forEach(all::addAll);
    return all;
  }

  @Test
  void compiledModelsAreSavedAndExported(@TempDir Path folder) throws Exception {
    // Of a size that no measurement decides on, so that both are the same.
    WeightQuantization how = WeightQuantization.bits(4).withBlock(32).withFloatActivations(true);
    Compiler compiler = PrecisionTest.compiler(Precision.weights(how));
    OnnxModel model = PrecisionTest.network();
    compiler.export(model, folder.resolve("small.onnx"));
    model.save(folder.resolve("large.onnx"));
    long small = Files.size(folder.resolve("small.onnx"));
    assertTrue(small * 4 < Files.size(folder.resolve("large.onnx")), () -> small + " bytes");
    try (CompiledModel compiled = compiler.compile(model)) {
      assertEquals("WEIGHTS4", compiled.precision());
      compiled.save(folder.resolve("saved"));
      try (CompiledModel loaded = Inferc.load(folder.resolve("saved"));
          CompiledModel exported =
              PrecisionTest.compiler(Precision.fp32()).compile(folder.resolve("small.onnx"))) {
        assertArrayEquals(run(compiled), run(loaded));
        assertTrue(sqnr(run(compiled), run(exported)) > 40);
      }
    }
  }

  @Test
  void theRestCanBeInHalfPrecision() {
    assertTrue(sqnr(Precision.weights(8).rest(DataType.FLOAT16)) > 30);
    assertEquals("WEIGHTS8, the rest FP16", Precision.weights(8).rest(DataType.FLOAT16).toString());
  }

  @Test
  void aModelThatHasNoSuchLayersIsSaidToHaveGainedNothing() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("conv")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 8, 16))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1, 8, 14))
                .initializer(
                    Initializer.floats("w", PrecisionTest.random(3, 8 * 8 * 3, 1), 8, 8, 3))
                .node(Node.builder("Conv").name("conv").inputs("x", "w").outputs("y").build())
                .build(),
            17);
    ModelRewriter rewriter = PrecisionTest.compiler(Precision.weights(4)).rewriter(model);
    rewriter.rewrite(rewriter.plan());
    assertTrue(
        rewriter.warnings().stream()
            .anyMatch(
                w ->
                    w.contains("0 of 1 layers")
                        && w.contains("only matrix products and tables have weights in blocks")),
        () -> rewriter.warnings().toString());
  }

  @Test
  void whatMakesNoSenseIsRefusedAtOnce() {
    WeightQuantization aware = WeightQuantization.bits(4).withMethod(Method.ACTIVATION_AWARE);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Precision.weights(aware))
            .getMessage()
            .contains("there are no samples"));
    Precision sampled = Precision.weights(4, PrecisionTest.samples(4, 0));
    assertThrows(IllegalArgumentException.class, sampled::smoothQuant);
    assertThrows(IllegalArgumentException.class, () -> sampled.biasCorrection(true));
    assertThrows(IllegalArgumentException.class, () -> Precision.weights(3));
    assertThrows(
        IllegalArgumentException.class,
        () -> Precision.weights(4).quantizeWeights(Layers.named("layer0"), 2));
    InfercException refused =
        assertThrows(
            InfercException.class,
            () -> rewritten(Precision.weights(4).quantize(Layers.ofType("Add"))));
    assertTrue(refused.getMessage().contains("can be quantized here"), refused::getMessage);
  }
}
