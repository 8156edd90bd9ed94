package io.inferc.backend.migraphx;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;

/**
 * What the real models are made for, kept as files so that machines without fonts and tokenizers
 * have it: 17 lines of text drawn in three typefaces, one below the other, and 33 sentences as
 * tokens. The first of each is for comparing, the others are for calibrating.
 */
final class RealInputs {
  static final int LINE_HEIGHT = 48;
  static final int ROWS = 17 * LINE_HEIGHT;
  static final int SENTENCES = 33;
  static final int TOKENS = 16;

  private RealInputs() {}

  private static InputStream resource(String name) {
    return Objects.requireNonNull(RealInputs.class.getResourceAsStream(name), name);
  }

  /**
   * The left part of the lines from a row of pixels on, as grey values from -1 to 1 on all three
   * channels; line {@code n} starts at row {@code n * LINE_HEIGHT}.
   */
  static Tensor picture(int firstRow, int height, int width) {
    BufferedImage lines;
    try (InputStream in = resource("lines.png")) {
      lines = ImageIO.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, 1, 3, height, width);
    FloatBuffer values = tensor.floats();
    for (int i = 0; i < values.capacity(); i++) {
      int row = firstRow + i / width % height;
      int grey = lines.getRaster().getSample(i % width, row, 0);
      values.put(i, grey / 127.5f - 1);
    }
    return tensor;
  }

  /** A sentence as all-MiniLM-L6-v2 takes it. */
  static Map<String, Tensor> sentence(int number) {
    return inputs(ids(number), 1, TOKENS);
  }

  /** The first tokens of the first sentences as one batch. */
  static Map<String, Tensor> sentences(int count, int tokens) {
    long[] ids = new long[count * tokens];
    for (int i = 0; i < count; i++) {
      System.arraycopy(ids(i), 0, ids, i * tokens, tokens);
    }
    return inputs(ids, count, tokens);
  }

  private static long[] ids(int number) {
    List<String> sentences;
    try (InputStream in = resource("sentences.txt")) {
      sentences = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Arrays.stream(sentences.get(number).split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private static Map<String, Tensor> inputs(long[] ids, int count, int tokens) {
    long[] ones = new long[count * tokens];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", Tensor.of(ids, count, tokens));
    inputs.put("attention_mask", Tensor.of(ones, count, tokens));
    inputs.put("token_type_ids", Tensor.allocate(DataType.INT64, count, tokens));
    return inputs;
  }
}
