package io.inferc.examples;

import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reading what a line says. Lines keep their proportions, so widths vary. */
final class TextRecognition implements OcrTask {
  /** The model halves the width three times; other widths would lose the last columns. */
  private static final int STEP = 8;

  private static final int NARROWEST = 48;
  private static final int USUAL = 320;
  private static final int WIDEST = 1600;
  private static final int MOST_LINES = 16;

  private final CtcDecoder decoder;
  private final String input;
  private final String output;

  TextRecognition(OnnxModel model) {
    decoder = CtcDecoder.of(model);
    input = model.graph().inputs().get(0).name();
    output = model.graph().outputs().get(0).name();
  }

  @Override
  public TextLine line(LineRenderer renderer, long number) {
    return renderer.line(number);
  }

  @Override
  public String truth(TextLine line) {
    return line.text();
  }

  @Override
  public Map<String, Tensor> encode(List<TextLine> lines) {
    List<BufferedImage> scaled = new ArrayList<>();
    int widest = NARROWEST;
    for (TextLine line : lines) {
      int width = Math.max(NARROWEST, Math.min(WIDEST, LineTensors.width(line)));
      scaled.add(line.scaled(width, LineTensors.HEIGHT));
      widest = Math.max(widest, width);
    }
    int padded = (widest + STEP - 1) / STEP * STEP;
    return Map.of(input, LineTensors.of(scaled, padded));
  }

  @Override
  public List<String> read(Map<String, Tensor> outputs) {
    // Spaces at the ends are margins of the picture.
    return decoder.decode(Objects.requireNonNull(outputs.get(output))).stream()
        .map(String::strip)
        .toList();
  }

  @Override
  public ShapeProfile profile() {
    return ShapeProfile.named("lines")
        .input(
            input,
            new Range(1, 1, MOST_LINES),
            Range.exactly(3),
            Range.exactly(LineTensors.HEIGHT),
            new Range(NARROWEST, USUAL, WIDEST));
  }
}
