package io.inferc.calibrate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the shapes of outputs follow from those of inputs, learned from runs: each size is the same
 * in all runs, or a multiple of some input's size. Where what fits the runs so far allows several
 * answers, or a size of the inputs changes for the first time, there is none.
 */
final class ShapeRules {
  /** What one size of an output may follow from. */
  private static final class Size {
    // The size itself, or 0 if it was seen to change.
    private long same;
    // How many times each size of the inputs it is, or 0 where that was seen to be untrue.
    private final long[] factors;

    Size(long size, long[] inputs) {
      same = size;
      factors = new long[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        factors[i] = inputs[i] > 0 && size % inputs[i] == 0 ? size / inputs[i] : 0;
      }
    }

    void confirm(long size, long[] inputs) {
      same = same == size ? same : 0;
      for (int i = 0; i < inputs.length; i++) {
        factors[i] = factors[i] * inputs[i] == size ? factors[i] : 0;
      }
    }

    /** The size for other inputs, or 0 if it cannot be told. */
    long predict(long[] inputs) {
      long predicted = same;
      for (int i = 0; i < inputs.length; i++) {
        long other = factors[i] * inputs[i];
        if (other > 0 && predicted > 0 && other != predicted) {
          return 0;
        }
        predicted = Math.max(predicted, other);
      }
      return predicted;
    }
  }

  private final Map<String, Size[]> rules = new HashMap<>();
  private long @Nullable [] first;
  // Which sizes of the inputs were seen to change, and so what follows from them.
  private boolean[] varied = {};
  private boolean hopeless;

  /**
   * Takes in what a run returned.
   *
   * @param inputs all sizes of all inputs in order
   * @param outputs the shape of each output, all sizes over 0
   */
  void learn(long[] inputs, Map<String, long[]> outputs) {
    if (first == null) {
      first = inputs.clone();
      varied = new boolean[inputs.length];
    }
    hopeless |= inputs.length != varied.length;
    for (int i = 0; i < inputs.length && !hopeless; i++) {
      varied[i] |= inputs[i] != first[i];
    }
    for (Map.Entry<String, long[]> output : outputs.entrySet()) {
      if (hopeless) {
        return;
      }
      long[] shape = output.getValue();
      Size[] sizes =
          rules.computeIfAbsent(
              output.getKey(),
              o -> Arrays.stream(shape).mapToObj(s -> new Size(s, inputs)).toArray(Size[]::new));
      hopeless = sizes.length != shape.length;
      for (int i = 0; i < shape.length && !hopeless; i++) {
        sizes[i].confirm(shape[i], inputs);
      }
    }
  }

  /** Predicts nothing any more, since a prediction proved wrong. */
  void giveUp() {
    hopeless = true;
  }

  /**
   * Says what a run will return.
   *
   * @param inputs all sizes of all inputs in order
   * @return the shape of each output that was learned of, or empty if one of them cannot be told
   */
  Optional<Map<String, long[]>> predict(long[] inputs) {
    if (hopeless || first == null || inputs.length != varied.length) {
      return Optional.empty();
    }
    for (int i = 0; i < inputs.length; i++) {
      if (!varied[i] && inputs[i] != first[i]) {
        return Optional.empty();
      }
    }
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, Size[]> rule : rules.entrySet()) {
      long[] shape = Arrays.stream(rule.getValue()).mapToLong(s -> s.predict(inputs)).toArray();
      if (Arrays.stream(shape).anyMatch(s -> s == 0)) {
        return Optional.empty();
      }
      shapes.put(rule.getKey(), shape);
    }
    return Optional.of(shapes);
  }
}
