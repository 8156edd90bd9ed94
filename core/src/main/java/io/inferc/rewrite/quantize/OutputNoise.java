package io.inferc.rewrite.quantize;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How far the outputs of a changed model are from those of the original, as the ratio of signal to
 * noise of the output that has least.
 */
public final class OutputNoise {
  // The power of one score of 0.3: scores near zero everywhere say "nothing" with any noise.
  private static final double LEAST_OF_SCORES = 0.1;

  private OutputNoise() {}

  /**
   * Compares the values of some samples.
   *
   * @param original the values of each output by name, for one sample or more
   * @param changed the same of the changed model, for the same samples
   * @return in dB; {@link Double#POSITIVE_INFINITY} if nothing differs, or nothing can be compared
   */
  public static double sqnrDb(
      List<Map<String, float[]>> original, List<Map<String, float[]>> changed) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(changed, "changed");
    double worst = Double.POSITIVE_INFINITY;
    for (String output : original.get(0).keySet()) {
      worst = Math.min(worst, sqnrDb(output, original, changed));
    }
    return worst;
  }

  private static double sqnrDb(
      String output, List<Map<String, float[]>> original, List<Map<String, float[]>> changed) {
    double signal = 0;
    double noise = 0;
    boolean scores = true;
    for (int s = 0; s < original.size(); s++) {
      float[] expected = original.get(s).getOrDefault(output, new float[0]);
      float[] found = changed.get(s).getOrDefault(output, new float[0]);
      if (expected.length != found.length) {
        // The number of values depends on the values, so that places mean nothing.
        return Double.POSITIVE_INFINITY;
      }
      for (int i = 0; i < expected.length; i++) {
        double x = expected[i];
        if (Double.isFinite(x)) {
          double e = Float.isFinite(found[i]) ? found[i] - x : x;
          signal += x * x;
          noise += e * e;
          scores &= x >= 0 && x <= 1;
        }
      }
    }
    if (scores) {
      signal = Math.max(signal, LEAST_OF_SCORES * original.size());
    }
    return noise == 0 || signal == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }
}
