package io.inferc.backend.onnxruntime.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PyPiModels;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PP-OCR v6: where text is, which way up it is, and what it says. */
@Tag("once")
class TextReadingTest {
  private static final int HEIGHT = 48;
  private static final int WIDTH = 320;
  private static final int PAGE = 320;
  private static final double THRESHOLD = 0.3;
  private static final List<String> LINES =
      List.of(
          "The quick brown fox jumps",
          "over 13 lazy dogs, twice.",
          "Invoice 2026-11-29: 418.50",
          "Sphinx of black quartz",
          "judge my vow at 07:45",
          "Pack my box with jugs");

  @BeforeAll
  static void lookForFonts() {
    String[] families =
        GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames();
    Assumptions.assumeTrue(families.length > 0, "no fonts here to draw text with");
  }

  /** A line in black on white, as high and wide as the models want it. */
  private static BufferedImage line(String text, int size) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    draw(image, text, size, 6, HEIGHT / 2 + size / 3);
    return image;
  }

  private static void draw(BufferedImage image, String text, int size, int x, int baseline) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    if (x == 6) {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    }
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
    graphics.drawString(text, x, baseline);
    graphics.dispose();
  }

  private static BufferedImage turned(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    BufferedImage turned = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        turned.setRGB(width - 1 - x, height - 1 - y, image.getRGB(x, y));
      }
    }
    return turned;
  }

  private static BufferedImage page(int first) {
    BufferedImage page = new BufferedImage(PAGE, PAGE, BufferedImage.TYPE_INT_RGB);
    draw(page, "", 18, 6, 20);
    for (int i = 0; i < 4; i++) {
      String text = LINES.get((first + i) % LINES.size());
      draw(page, text, 14 + 2 * i, 16 + 7 * i, 50 + 70 * i);
    }
    return page;
  }

  /** Numbers from -1 to 1, blue first. */
  private static Tensor tensor(BufferedImage image) {
    int width = image.getWidth();
    int area = width * image.getHeight();
    float[] values = new float[3 * area];
    for (int i = 0; i < area; i++) {
      int rgb = image.getRGB(i % width, i / width);
      for (int channel = 0; channel < 3; channel++) {
        values[channel * area + i] = ((rgb >> 8 * channel) & 0xff) / 127.5f - 1;
      }
    }
    return Tensor.of(values, 1, 3, image.getHeight(), width);
  }

  private static Dataset dataset(List<BufferedImage> images) {
    return Dataset.generated(images.size(), i -> Map.of("x", tensor(images.get((int) i))));
  }

  private static CompiledModel compile(
      PyPiModels file, RealPrecision precision, List<BufferedImage> images) {
    BufferedImage first = images.get(0);
    ShapeProfile profile =
        ShapeProfile.named("lines")
            .input(
                "x",
                Range.exactly(1),
                Range.exactly(3),
                Range.exactly(first.getHeight()),
                Range.exactly(first.getWidth()));
    return precision.compile(file, dataset(images), profile);
  }

  private static float[] run(CompiledModel model, BufferedImage image) {
    try (Tensor input = tensor(image)) {
      Map<String, Tensor> outputs = model.run(Map.of("x", input));
      float[] values = outputs.values().iterator().next().toFloatArray();
      outputs.values().forEach(Tensor::close);
      return values;
    }
  }

  /** The most probable class of each step, without repetitions and blanks. */
  private static List<Integer> read(CompiledModel model, BufferedImage image) {
    float[] values = run(model, image);
    int classes = 18_710;
    List<Integer> read = new ArrayList<>();
    int last = 0;
    for (int at = 0; at < values.length; at += classes) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = values[at + c] > values[at + best] ? c : best;
      }
      if (best != 0 && best != last) {
        read.add(best);
      }
      last = best;
    }
    return read;
  }

  private static List<BufferedImage> lines(int... sizes) {
    return LINES.stream()
        .flatMap(text -> Arrays.stream(sizes).mapToObj(size -> line(text, size)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void linesReadAsBefore(RealPrecision precision) {
    PyPiModels file = PyPiModels.OCR_RECOGNITION_V6;
    try (CompiledModel original = compile(file, RealPrecision.FP32, lines(22));
        CompiledModel compiled = compile(file, precision, lines(18, 20))) {
      int wrong = 0;
      for (BufferedImage image : lines(22)) {
        List<Integer> expected = read(original, image);
        assertTrue(expected.size() > 10, "read " + expected.size() + " characters");
        wrong += expected.equals(read(compiled, image)) ? 0 : 1;
      }
      assertTrue(wrong <= (precision.isInteger() ? 1 : 0), wrong + " lines read otherwise");
    }
  }

  @ParameterizedTest
  @EnumSource
  void textIsFoundWhereItWas(RealPrecision precision) {
    PyPiModels file = PyPiModels.OCR_DETECTION_V6;
    try (CompiledModel original = compile(file, RealPrecision.FP32, List.of(page(0)));
        CompiledModel compiled = compile(file, precision, List.of(page(1), page(2), page(4)))) {
      float[] expected = run(original, page(0));
      float[] actual = run(compiled, page(0));
      int both = 0;
      int either = 0;
      for (int i = 0; i < expected.length; i++) {
        boolean was = expected[i] >= THRESHOLD;
        boolean is = actual[i] >= THRESHOLD;
        both += was && is ? 1 : 0;
        either += was || is ? 1 : 0;
      }
      assertTrue(either > 1000, "text on " + either + " points");
      double overlap = (double) both / either;
      assertTrue(overlap >= (precision.isInteger() ? 0.85 : 0.98), "overlap " + overlap);
    }
  }

  @ParameterizedTest
  @EnumSource
  void linesStandAsBefore(RealPrecision precision) {
    PyPiModels file = PyPiModels.OCR_CLASSIFICATION_V2;
    List<BufferedImage> samples = new ArrayList<>(lines(18, 20));
    samples.addAll(samples.stream().map(TextReadingTest::turned).toList());
    try (CompiledModel original = compile(file, RealPrecision.FP32, samples);
        CompiledModel compiled = compile(file, precision, samples)) {
      for (BufferedImage upright : lines(22)) {
        for (BufferedImage image : List.of(upright, turned(upright))) {
          float[] expected = run(original, image);
          float[] actual = run(compiled, image);
          assertEquals(
              expected[0] > expected[1],
              actual[0] > actual[1],
              Arrays.toString(expected) + " became " + Arrays.toString(actual));
        }
      }
    }
  }
}
