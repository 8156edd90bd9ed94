package io.inferc.rewrite.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassPipeline;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RealModels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once")
class CleanUpRealModelsTest {
  /** All passes one after the other, as one. */
  private record Everything(PassPipeline passes) implements GraphPass {
    @Override
    public String name() {
      return "everything";
    }

    @Override
    public OnnxModel apply(OnnxModel model, RewriteLog log) {
      return passes.apply(model, log);
    }
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void cleanedUpTheyComputeTheSame(RealModels real) {
    OnnxModel model = OnnxModel.load(real.path());
    Map<String, Tensor> inputs = inputs(real);
    PassFixture.of(new Everything(CleanUp.pipeline()))
        .model(model)
        .checkChanged()
        .checkIdempotent()
        .checkValid()
        .checkEquivalent(tolerance(real), inputs);
    inputs.values().forEach(Tensor::close);
  }

  @ParameterizedTest
  @EnumSource(
      value = RealModels.class,
      names = {"MINILM", "OCR_CLASSIFICATION", "OCR_RECOGNITION"})
  void upgradedFirstAndThenFusedTheyComputeTheSame(RealModels real) {
    OnnxModel model = OnnxModel.load(real.path()).upgradeOpset(20);
    Map<String, Tensor> inputs = inputs(real);
    PassFixture.of(new Everything(CleanUp.pipeline()))
        .model(model)
        .checkChanged()
        .checkIdempotent()
        .checkValid()
        .checkEquivalent(tolerance(real), inputs);
    inputs.values().forEach(Tensor::close);
  }

  @Test
  void ofATextEncoderOnlyWhatComputesIsLeft() {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path()).upgradeOpset(20);
    OnnxModel clean = CleanUp.pipeline().apply(model, new RewriteLog());
    Map<String, Long> operators =
        clean.graph().nodes().stream()
            .collect(Collectors.groupingBy(Node::opType, Collectors.counting()));
    assertEquals(13L, operators.get("LayerNormalization"));
    assertEquals(6L, operators.get("Gelu"));
    Set<String> gone = new TreeSet<>(operators.keySet());
    gone.retainAll(Set.of("Constant", "Identity", "Erf", "ReduceMean", "Sqrt", "Pow"));
    assertEquals(Set.of(), gone);
    assertTrue(clean.graph().nodes().size() < model.graph().nodes().size() / 2);
  }

  @Test
  void ofATextEncoderTheProjectionsAreMerged() {
    Map<String, Tensor> inputs = inputs(RealModels.MINILM);
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path()).upgradeOpset(17);
    OnnxModel clean = CleanUp.pipeline().apply(model, new RewriteLog());
    PassFixture merged = PassFixture.of(new MatMulMerging()).model(clean);
    merged.checkIdempotent().checkValid().checkEquivalent(1e-4, inputs);
    assertEquals(
        6, merged.after().graph().nodes().stream().filter(n -> GraphView.is(n, "Split")).count());
    inputs.values().forEach(Tensor::close);
  }

  private static double tolerance(RealModels real) {
    // Where activations are quantized on the fly, a rounding more or less may move a whole step.
    return real == RealModels.MINILM_QUANTIZED ? 0.2 : 1e-3;
  }

  private static Map<String, Tensor> inputs(RealModels real) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    switch (real) {
      case MINILM, MINILM_QUANTIZED -> {
        inputs.put("input_ids", Tensor.of(new long[] {101, 7592, 2088, 102}, 1, 4));
        inputs.put("attention_mask", Tensor.of(new long[] {1, 1, 1, 1}, 1, 4));
        inputs.put("token_type_ids", Tensor.of(new long[4], 1, 4));
      }
      case OCR_DETECTION, OCR_DETECTION_V3 -> inputs.put("x", image(64, 96));
      case OCR_CLASSIFICATION -> inputs.put("x", image(48, 192));
      case OCR_RECOGNITION, OCR_RECOGNITION_V3 -> inputs.put("x", image(48, 80));
    }
    return inputs;
  }

  private static Tensor image(int height, int width) {
    Random random = new Random(7);
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, 1, 3, height, width);
  }
}
