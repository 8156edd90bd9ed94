package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights alone as integers: OpenVINO is right, and keeps them as integers. */
class WeightOnlyTest {
  private static final int ROWS = 400;
  private static final int WIDTH = 128;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static float[] random(long seed, int count, double deviation) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  /** Rows of a table, and two products: a MatMul, and a Gemm with transposed weights. */
  private static OnnxModel network() {
    return OnnxModel.of(
        Graph.builder("embed")
            .input(TensorSpec.of("ids", DataType.INT64, "n"))
            .output(TensorSpec.of("y", DataType.FLOAT32, "n, 33"))
            .initializer(Initializer.floats("t", random(1, ROWS * WIDTH, 1), ROWS, WIDTH))
            .initializer(Initializer.floats("w", random(2, WIDTH * 64, 0.1), WIDTH, 64))
            .initializer(Initializer.floats("v", random(3, 33 * 64, 0.1), 33, 64))
            .initializer(Initializer.floats("b", random(4, 33, 0.1), 33))
            .node(Node.builder("Gather").name("rows").inputs("t", "ids").outputs("e").build())
            .node(Node.builder("MatMul").name("first").inputs("e", "w").outputs("m").build())
            .node(Node.builder("Relu").name("relu").inputs("m").outputs("r").build())
            .node(
                Node.builder("Gemm")
                    .name("second")
                    .inputs("r", "v", "b")
                    .outputs("y")
                    .attribute(io.inferc.onnx.Attribute.of("transB", 1))
                    .build())
            .build(),
        17);
  }

  private static Map<String, Tensor> input() {
    return Map.of("ids", Tensor.of(new long[] {0, 3, 399, 17, 3}, 5));
  }

  private static float[] run(CompiledModel model) {
    return model.run(input()).get("y").toFloatArray();
  }

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(TestLibrary.target()).precision(precision).build();
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

  private static float[] exact() {
    try (CompiledModel exact = compiler(Precision.fp32()).compile(network())) {
      return run(exact);
    }
  }

  @Test
  void bothNumbersOfBitsComputeWhatTheyShould() {
    float[] exact = exact();
    for (int bits : new int[] {8, 4}) {
      for (boolean zeros : new boolean[] {false, true}) {
        for (int block : new int[] {16, 32, 64}) {
          WeightQuantization how =
              WeightQuantization.bits(bits).withZeroPoints(zeros).withBlock(block);
          try (CompiledModel small = compiler(Precision.weights(how)).compile(network())) {
            double sqnr = sqnr(exact, run(small));
            assertTrue(sqnr > (bits == 8 ? 35 : 13), () -> how + ": " + sqnr + " dB");
          }
        }
      }
    }
  }

  @Test
  void theProductsTakeIntegersAndNothingIsFoldedToFloatingPoint() {
    for (int bits : new int[] {8, 4}) {
      try (CompiledModel small = compiler(Precision.weights(bits)).compile(network())) {
        List<String> kernels = small.kernels(input()).stream().map(KernelInfo::type).toList();
        assertEquals(
            2,
            kernels.stream().filter(k -> k.contains("FullyConnectedCompressed")).count(),
            kernels::toString);
      }
    }
  }

  @Test
  void theWayIsMeasuredAndAllLayersGetIt() {
    ModelRewriter rewriter = compiler(Precision.weights(4)).rewriter(network());
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    assertEquals(21, written.opset());
    for (String layer : List.of("rows", "first", "second")) {
      assertEquals(NumericPrecision.WEIGHTS4, rewriter.outcome().get(layer).precision(), layer);
    }
    assertTrue(
        rewriter.notes().stream().anyMatch(n -> n.text().contains("by a measurement of products")),
        () -> rewriter.notes().toString());
    assertTrue(written.toBytes().length * 3 < network().toBytes().length);
  }

  @Test
  void savedModelsAndIrComputeTheSame(@TempDir Path folder) {
    Compiler compiler = compiler(Precision.weights(8));
    try (CompiledModel small = compiler.compile(network())) {
      small.save(folder.resolve("saved"));
      compiler.export(network(), folder.resolve("small.xml"));
      try (CompiledModel loaded = Inferc.load(folder.resolve("saved"));
          CompiledModel exported =
              compiler(Precision.fp32()).compile(folder.resolve("small.xml"))) {
        assertTrue(sqnr(run(small), run(loaded)) > 60);
        assertTrue(sqnr(run(small), run(exported)) > 35);
      }
    }
  }
}
