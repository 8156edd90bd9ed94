package io.inferc.backend.openvino;

import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A model at one shape.
 *
 * @param name what the report calls it
 * @param file the model
 * @param profile the shape
 * @param inputs made-up values for a run
 * @param samples made-up values for calibration, which suffice to measure speed
 */
record BenchmarkCase(
    String name,
    Path file,
    ShapeProfile profile,
    Map<String, Tensor> inputs,
    List<Map<String, Tensor>> samples) {
  private static final int SAMPLES = 32;

  static BenchmarkCase miniLm(int batch, int length) {
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(TestModels.tokens(batch, length, 100 + i));
    }
    return new BenchmarkCase(
        "all-MiniLM-L6-v2, " + batch + " x " + length + " tokens",
        RealModels.MINILM.path(),
        ShapeProfile.named("p").fixed("batch_size", batch).fixed("sequence_length", length),
        TestModels.tokens(batch, length, 1),
        samples);
  }

  static BenchmarkCase recognition(int width) {
    Path file = RealModels.OCR_RECOGNITION.path();
    String input = OnnxModel.load(file).graph().requiredInputs().get(0).name();
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(Map.of(input, image(width, i)));
    }
    return new BenchmarkCase(
        "PP-OCRv4 recognition, 1 x 3 x 48 x " + width,
        file,
        ShapeProfile.named("p")
            .input(
                input, Range.exactly(1), Range.exactly(3), Range.exactly(48), Range.exactly(width)),
        Map.of(input, image(width, 1000)),
        samples);
  }

  /** Stripes of some thickness, light on dark, with noise. */
  private static Tensor image(int width, long seed) {
    Random random = new Random(seed);
    int stripe = 2 + random.nextInt(12);
    float[] pixels = new float[3 * 48 * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (i % width / stripe % 2 == 0 ? 0.8f : -0.8f) + random.nextFloat() * 0.2f;
    }
    return Tensor.of(pixels, 1, 3, 48, width);
  }
}
