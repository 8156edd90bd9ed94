package io.inferc.testing;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Random;

/** Small inputs of the kind that real models were trained on. */
public final class RealModelInputs {
  private static final int TOKENS = 12;

  private RealModelInputs() {}

  /**
   * Makes one input of the smallest sensible shape: a line of letters, or a row of tokens.
   *
   * @param real the model
   * @param number which one: other letters, other tokens
   * @return its inputs, which the caller closes
   */
  public static Map<String, Tensor> of(RealModels real, int number) {
    return switch (real) {
      case MINILM, MINILM_QUANTIZED -> sentence(number);
      case OCR_DETECTION, OCR_DETECTION_V3 -> Map.of("x", text(96, 160, number));
      case OCR_CLASSIFICATION, OCR_RECOGNITION, OCR_RECOGNITION_V3 ->
          Map.of("x", text(48, 192, number));
    };
  }

  private static Map<String, Tensor> sentence(int number) {
    Random random = new Random(number);
    long[] ids = new long[TOKENS];
    long[] mask = new long[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      ids[i] = 1000 + random.nextInt(20000);
      mask[i] = 1;
    }
    ids[0] = 101;
    ids[TOKENS - 1] = 102;
    return Map.of(
        "input_ids", Tensor.of(ids, 1, TOKENS),
        "attention_mask", Tensor.of(mask, 1, TOKENS),
        "token_type_ids", Tensor.of(new long[TOKENS], 1, TOKENS));
  }

  /** A line of block letters, dark on a light and slightly noisy ground. */
  public static Tensor text(int height, int width, int number) {
    String[] letters = {"101101111101101", "111100111100111", "100100100100111", "111101101101111"};
    Random random = new Random(number);
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, 1, 3, height, width);
    int stroke = Math.max(2, height / 16);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row = (y - height / 4) / stroke;
        int column = (x - width / 8) / stroke;
        String letter = letters[Math.floorMod(column / 4 + number, letters.length)];
        boolean inside = y >= height / 4 && row < 5 && x >= width / 8 && x < width * 7 / 8;
        boolean ink = inside && column % 4 < 3 && letter.charAt(row * 3 + column % 4) == '1';
        for (int channel = 0; channel < 3; channel++) {
          float value = (ink ? -0.9f : 0.9f) + 0.02f * (float) random.nextGaussian();
          tensor.floats().put((channel * height + y) * width + x, value);
        }
      }
    }
    return tensor;
  }
}
