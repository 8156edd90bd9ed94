package io.inferc.examples;

import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Telling lines that stand upright from those that stand on their head. */
final class AngleClassification implements OcrTask {
  private static final List<String> ANGLES = List.of("0", "180");
  private static final int WIDTH = 192;
  private static final int MOST_LINES = 16;

  private final String input;
  private final String output;

  AngleClassification(OnnxModel model) {
    input = model.graph().inputs().get(0).name();
    output = model.graph().outputs().get(0).name();
  }

  /** Every second line is turned. */
  @Override
  public TextLine line(LineRenderer renderer, long number) {
    TextLine upright = renderer.line(number);
    return number % 2 == 0 ? upright : upright.turn();
  }

  @Override
  public String truth(TextLine line) {
    return ANGLES.get(line.turned() ? 1 : 0);
  }

  @Override
  public Map<String, Tensor> encode(List<TextLine> lines) {
    return Map.of(
        input,
        LineTensors.of(
            lines.stream()
                .map(l -> l.scaled(Math.min(WIDTH, LineTensors.width(l)), LineTensors.HEIGHT))
                .toList(),
            WIDTH));
  }

  @Override
  public List<String> read(Map<String, Tensor> outputs) {
    Tensor scores = Objects.requireNonNull(outputs.get(output));
    FloatBuffer values = scores.floats();
    List<String> angles = new ArrayList<>();
    for (int i = 0; i < scores.size(0); i++) {
      angles.add(ANGLES.get(values.get(2 * i + 1) > values.get(2 * i) ? 1 : 0));
    }
    return angles;
  }

  /** An angle is right or wrong; its figures are no characters to count. */
  @Override
  public String tell(ReadingErrors errors) {
    return errors.exact();
  }

  @Override
  public ShapeProfile profile() {
    return ShapeProfile.named("lines")
        .input(
            input,
            new Range(1, 1, MOST_LINES),
            Range.exactly(3),
            Range.exactly(LineTensors.HEIGHT),
            Range.exactly(WIDTH));
  }
}
