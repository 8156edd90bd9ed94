package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class QuantizationParametersProperties {
  /** Runs the operators themselves, and reads the integers back through a Cast. */
  private static Map<String, OrtRunner.Output> run(QuantizationParameters p, float[] values)
      throws OrtException {
    Graph graph =
        Graph.builder("q")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
            .initializer(Initializer.floats("s", new float[] {p.scale()}))
            .initializer(Initializer.longs("z", p.type(), new long[] {p.zeroPoint()}))
            .node(Node.of("QuantizeLinear", List.of("x", "s", "z"), List.of("i")))
            .node(Node.of("DequantizeLinear", List.of("i", "s", "z"), List.of("back")))
            .node(
                Node.builder("Cast")
                    .inputs("i")
                    .outputs("q")
                    .attribute(Attribute.of("to", DataType.INT64.onnxCode()))
                    .build())
            .output(TensorSpec.of("q", DataType.INT64, "n"))
            .output(TensorSpec.of("back", DataType.FLOAT32, "n"))
            .build();
    try (Tensor x = Tensor.of(values, values.length)) {
      return OrtRunner.run(OnnxModel.of(graph, 13), Map.of("x", OrtRunner.of(x)));
    }
  }

  private static void assertSameBits(QuantizationParameters p, float[] values) throws OrtException {
    Map<String, OrtRunner.Output> out = run(p, values);
    for (int i = 0; i < values.length; i++) {
      String what = p + " of " + values[i];
      int q = p.quantize(values[i]);
      assertEquals(out.get("q").values()[i], q, what);
      assertEquals((float) out.get("back").values()[i], p.dequantize(q), what);
    }
  }

  private static QuantizationParameters random(Random random) {
    DataType type = random.nextBoolean() ? DataType.INT8 : DataType.UINT8;
    float size = (float) Math.exp(random.nextGaussian() * 8);
    float a = (float) random.nextGaussian() * size;
    float b = (float) random.nextGaussian() * size;
    return QuantizationParameters.of(Math.min(a, b), Math.max(a, b), type, random.nextBoolean());
  }

  @Property(tries = 100)
  void numbersAreQuantizedAsTheOperatorsDoIt(@ForAll long seed) throws OrtException {
    Random random = new Random(seed);
    QuantizationParameters p = random(random);
    float[] values = new float[500];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 150 * p.scale();
    }
    assertSameBits(p, values);
  }

  @Property(tries = 100)
  void tiesAreRoundedAsTheOperatorsDoIt(@ForAll long seed) throws OrtException {
    Random random = new Random(seed);
    QuantizationParameters drawn = random(random);
    // Multiples of a power of two and a half are exact, so that each of these is a tie.
    float scale = Math.scalb(1f, Math.getExponent(drawn.scale()));
    QuantizationParameters p = new QuantizationParameters(drawn.type(), scale, drawn.zeroPoint());
    float[] values = new float[600];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 300 + 0.5f) * scale;
    }
    assertSameBits(p, values);
  }

  @Property(tries = 1000)
  void whatIsInTheRangeComesBackWithinAStep(@ForAll long seed) {
    Random random = new Random(seed);
    float min = (float) random.nextGaussian();
    float max = min + (float) Math.abs(random.nextGaussian());
    QuantizationParameters p =
        QuantizationParameters.of(min, max, DataType.UINT8, random.nextBoolean());
    float value = min + (max - min) * random.nextFloat();
    float back = p.dequantize(p.quantize(value));
    // Half a step of rounding, and another of the zero point's at the ends.
    assertTrue(Math.abs(back - value) <= 1.0001f * p.scale(), p + " of " + value);
    assertEquals(0f, p.dequantize(p.quantize(0)));
  }
}
