package io.inferc.examples;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads text from the scores of a recogniser trained with connectionist temporal classification
 * (Graves et al., 2006), by best path: the best class of each step, repeats collapsed, blanks
 * dropped.
 *
 * <p>Thread-safe.
 */
final class CtcDecoder {
  private static final String DICTIONARY = "character";
  private static final int BLANK = 0;

  private final List<String> classes;

  /**
   * Makes a decoder.
   *
   * @param characters the characters of the classes from 1 on; class 0 is the blank
   */
  CtcDecoder(List<String> characters) {
    classes = new ArrayList<>();
    classes.add("");
    classes.addAll(characters);
  }

  /**
   * Makes the decoder of a PP-OCR model, which carries its characters in its metadata, a line each,
   * and has the space as one more class at the end.
   *
   * @throws InfercException if the model has no such metadata
   */
  static CtcDecoder of(OnnxModel model) {
    String lines = model.metadata().get(DICTIONARY);
    if (lines == null) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to read the characters of the model "
              + model.graph().name()
              + " from its metadata, but it has no entry '"
              + DICTIONARY
              + "'.",
          "Use a PP-OCR recognition model that was exported with its dictionary.");
    }
    List<String> characters = new ArrayList<>(lines.strip().lines().toList());
    characters.add(" ");
    return new CtcDecoder(characters);
  }

  /** How many classes the model's scores must have. */
  int classes() {
    return classes.size();
  }

  /**
   * Reads a batch.
   *
   * @param scores FLOAT32 [lines, steps, classes]
   * @return the text of each line
   * @throws IllegalArgumentException if the scores have another number of classes
   */
  List<String> decode(Tensor scores) {
    if (scores.rank() != 3 || scores.size(2) != classes.size()) {
      throw new IllegalArgumentException(
          "Tried to decode " + scores + " as [lines, steps, " + classes.size() + "] scores.");
    }
    FloatBuffer values = scores.floats();
    int steps = (int) scores.size(1);
    List<String> texts = new ArrayList<>();
    for (int line = 0; line < scores.size(0); line++) {
      StringBuilder text = new StringBuilder();
      int last = BLANK;
      for (int step = 0; step < steps; step++) {
        int best = best(values, (line * steps + step) * classes.size());
        if (best != last && best != BLANK) {
          text.append(classes.get(best));
        }
        last = best;
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private int best(FloatBuffer values, int from) {
    int best = 0;
    for (int i = 1; i < classes.size(); i++) {
      if (values.get(from + i) > values.get(from + best)) {
        best = i;
      }
    }
    return best;
  }
}
