package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RealModels;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers that 8 bits would do harm to stay in floating point by default, and only those. */
class NoisyLayersTest {
  private static final int LENGTH = 2048;
  private static final int WINDOW = 64;
  private static final int BANDS = 33;

  private static Node node(String operator, String output, List<String> inputs, Attribute... a) {
    Node.Builder node =
        Node.builder(operator).name(output).inputs(inputs.toArray(String[]::new)).outputs(output);
    Arrays.stream(a).forEach(node::attribute);
    return node.build();
  }

  private static void waves(GraphBuilder graph, String name, double phase) {
    float[] weights = new float[BANDS * WINDOW];
    for (int i = 0; i < weights.length; i++) {
      double at = 2 * Math.PI * (i / WINDOW) * (i % WINDOW) / WINDOW;
      double window = 0.5 - 0.5 * Math.cos(2 * Math.PI * (i % WINDOW) / WINDOW);
      weights[i] = (float) (window * Math.cos(at + phase));
    }
    graph
        .initializer(Initializer.floats(name + "_w", weights, BANDS, 1, WINDOW))
        .node(node("Conv", name, List.of("x", name + "_w"), Attribute.ofInts("strides", 32)))
        .node(node("Mul", name + "2", List.of(name, name)));
  }

  /** The logarithm of a sound's spectrum, and two convolutions of it. */
  private static OnnxModel spectrogram() {
    GraphBuilder graph =
        Graph.builder("spectrogram").input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, LENGTH));
    waves(graph, "real", 0);
    waves(graph, "imaginary", -Math.PI / 2);
    // The mean over bands is taken off, so that loudness does not hide what differs.
    float[] centred = new float[BANDS * BANDS];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = (i / BANDS == i % BANDS ? 1 : 0) - 1f / BANDS;
    }
    float[] hidden = PrecisionTest.random(7, 16 * BANDS * 3, 0.1);
    float[] last = PrecisionTest.random(8, 16 * 16, 0.25);
    graph
        .initializer(Initializer.floats("least", new float[] {1e-8f}, 1))
        .initializer(Initializer.floats("centre_w", centred, BANDS, BANDS))
        .initializer(Initializer.floats("hidden_w", hidden, 16, BANDS, 3))
        .initializer(Initializer.floats("last_w", last, 16, 16, 1))
        .node(node("Add", "power", List.of("real2", "imaginary2")))
        .node(node("Add", "audible", List.of("power", "least")))
        .node(node("Log", "loudness", List.of("audible")))
        .node(node("MatMul", "bands", List.of("centre_w", "loudness")))
        .node(node("Conv", "hidden", List.of("bands", "hidden_w")))
        .node(node("Relu", "positive", List.of("hidden")))
        .node(node("Conv", "last", List.of("positive", "last_w")));
    return OnnxModel.of(
        graph.output(TensorSpec.of("last", DataType.FLOAT32, "1, 16, n")).build(), 17);
  }

  /** One loud tone, and others 70 dB below it. */
  private static Map<String, Tensor> sound(long seed) {
    Random random = new Random(seed);
    float[] sound = new float[LENGTH];
    for (int tone = 0; tone < 5; tone++) {
      double pitch = 0.1 + (tone == 0 ? 0.2 : 2.8) * random.nextDouble();
      double loudness = tone == 0 ? 1 : 3e-4;
      for (int i = 0; i < LENGTH; i++) {
        sound[i] += (float) (loudness * Math.sin(pitch * i));
      }
    }
    return Map.of("x", Tensor.of(sound, 1, 1, LENGTH));
  }

  private static final Dataset SOUNDS = Dataset.generated(20, NoisyLayersTest::sound);

  private static Compiler.Builder compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision);
  }

  private static double sqnrDb(CompiledModel original, CompiledModel changed) {
    double signal = 0;
    double noise = 0;
    for (int s = 0; s < 10; s++) {
      float[] expected = original.run(sound(100 + s)).get("last").toFloatArray();
      float[] found = changed.run(sound(100 + s)).get("last").toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        signal += (double) expected[i] * expected[i];
        noise += ((double) found[i] - expected[i]) * ((double) found[i] - expected[i]);
      }
    }
    return 10 * Math.log10(signal / noise);
  }

  @Test
  void aSpectrumUnderALogarithmStaysInFloatingPointAndAWarningSaysSo() {
    OnnxModel model = spectrogram();
    ModelRewriter rewriter = compiler(Precision.int8(SOUNDS)).build().rewriter(model);
    Precision unchecked = Precision.int8(rewriter.calibrationTable().orElseThrow());
    try (CompiledModel original = compiler(Precision.fp32()).build().compile(model);
        CompiledModel careless = compiler(unchecked).build().compile(model);
        CompiledModel compiled = compiler(Precision.int8(SOUNDS)).build().compile(model)) {
      double without = sqnrDb(original, careless);
      double with = sqnrDb(original, compiled);
      assertTrue(without < 8, "without the check " + without + " dB");
      assertTrue(with > 10, "with the check " + with + " dB");
      assertTrue(
          compiled.warnings().stream()
              .anyMatch(w -> w.contains("noise") && w.contains("imaginary")),
          compiled.warnings().toString());
    }
    rewriter.rewrite(rewriter.plan());
    LayerDecision imaginary = rewriter.outcome().get("imaginary");
    assertEquals(NumericPrecision.FP32, imaginary.precision());
    assertTrue(imaginary.reason().contains("dB"), imaginary.reason());
    assertEquals(NumericPrecision.INT8, rewriter.outcome().get("hidden").precision());
    assertTrue(
        rewriter.notes().stream()
            .anyMatch(n -> n.node().equals("imaginary") && n.text().contains("dB")));
  }

  @Test
  void rulesAndOtherPlansQuantizeThemAllTheSame() {
    OnnxModel model = spectrogram();
    ModelRewriter ruled =
        compiler(Precision.int8(SOUNDS).quantize(Layers.ofType("Conv"))).build().rewriter(model);
    ruled.rewrite(ruled.plan());
    assertEquals(NumericPrecision.INT8, ruled.outcome().get("imaginary").precision());

    ModelRewriter rewriter = compiler(Precision.int8(SOUNDS)).build().rewriter(model);
    assertTrue(rewriter.candidates().get("imaginary").contains(NumericPrecision.INT8));
    Map<String, LayerDecision> all = new LinkedHashMap<>();
    rewriter
        .candidates()
        .keySet()
        .forEach(n -> all.put(n, new LayerDecision(NumericPrecision.INT8, "tried")));
    rewriter.rewrite(new LayerPlan(all));
    assertEquals(NumericPrecision.INT8, rewriter.outcome().get("imaginary").precision());
  }

  @Test
  void itCanBeCancelled() {
    Cancellation cancellation = new Cancellation();
    ModelRewriter rewriter =
        compiler(Precision.int8(SOUNDS)).cancellation(cancellation).build().rewriter(spectrogram());
    rewriter.calibrationTable();
    cancellation.cancel();
    LayerPlan plan = rewriter.plan();
    assertThrows(CancelledException.class, () -> rewriter.rewrite(plan));
  }

  @Test
  void aTransformerKeepsAllItsLayersAndIsSaidToHaveLostSomething() {
    Dataset texts =
        Dataset.generated(
            8,
            i -> {
              long[] ids = new Random(i).longs(16, 1000, 20000).toArray();
              long[] ones = new long[16];
              Arrays.fill(ones, 1);
              return Map.of(
                  "input_ids", Tensor.of(ids, 1, 16),
                  "attention_mask", Tensor.of(ones, 1, 16),
                  "token_type_ids", Tensor.of(new long[16], 1, 16));
            });
    ModelRewriter rewriter =
        compiler(Precision.int8(texts)).build().rewriter(OnnxModel.load(RealModels.MINILM.path()));
    rewriter.rewrite(rewriter.plan());
    String warnings = String.join(" ", rewriter.warnings());
    assertFalse(warnings.contains("left in FP32"), warnings);
    assertTrue(warnings.contains("dB above their noise on the first samples"), warnings);
  }
}
