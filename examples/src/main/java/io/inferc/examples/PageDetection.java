package io.inferc.examples;

import io.inferc.accuracy.OutputView;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;

/** Finding the lines of text on pages of several drawn lines. */
final class PageDetection {
  private static final int SIDE = 640;
  private static final int CHANNELS = 3;
  private static final int LINES = 10;
  private static final float TEXT = 0.3f;
  // Of the pictures that the model was trained on: blue, green and red of PP-OCR's configuration.
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

  private final String input;
  private final String output;

  PageDetection(OnnxModel model) {
    input = model.graph().inputs().get(0).name();
    output = model.graph().outputs().get(0).name();
  }

  /** Makes the model's input of the page of a number: FLOAT32 [1, 3, 640, 640]. */
  Map<String, Tensor> page(LineRenderer renderer, long number) {
    BufferedImage page = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = page.createGraphics();
    try {
      graphics.setColor(new Color(225, 225, 220));
      graphics.fillRect(0, 0, SIDE, SIDE);
      for (int i = 0; i < LINES; i++) {
        BufferedImage line = renderer.line(number * LINES + i).image();
        int height = 28 + (int) ((number + i) % 3) * 8;
        int width = Math.min(SIDE - 30, line.getWidth() * height / line.getHeight());
        graphics.drawImage(line, 15, 10 + i * SIDE / LINES, width, height, null);
      }
    } finally {
      graphics.dispose();
    }
    float[] values = new float[CHANNELS * SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int rgb = page.getRGB(x, y);
        for (int c = 0; c < CHANNELS; c++) {
          int level = rgb >> 8 * c & 0xff;
          values[(c * SIDE + y) * SIDE + x] = (level / 255f - MEAN[c]) / DEVIATION[c];
        }
      }
    }
    return Map.of(input, Tensor.of(values, 1, CHANNELS, SIDE, SIDE));
  }

  Dataset dataset(LineRenderer renderer, long from, long count) {
    return Dataset.generated(count, i -> page(renderer, from + i));
  }

  /** Which pixels are text, as 0 and 1. */
  OutputView text() {
    return (inputs, outputs) -> {
      Tensor map = Objects.requireNonNull(outputs.get(output));
      FloatBuffer values = map.floats();
      float[] mask = new float[Math.toIntExact(map.elementCount())];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = values.get(i) > TEXT ? 1 : 0;
      }
      return Map.of("text", Tensor.of(mask, map.shape()));
    };
  }

  ShapeProfile profile() {
    return ShapeProfile.named("pages")
        .input(
            input,
            Range.exactly(1),
            Range.exactly(CHANNELS),
            Range.exactly(SIDE),
            Range.exactly(SIDE));
  }
}
