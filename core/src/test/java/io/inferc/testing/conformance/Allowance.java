package io.inferc.testing.conformance;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far an output may be from what is expected.
 *
 * <p>Where nothing is lost, floats differ by rounding alone and all else is equal. Where precision
 * is lost, an element may differ by a share of the output's range, or by a few times what the same
 * loss at the inputs makes of it; what falls on the other side of a threshold there (the index of a
 * maximum, a comparison, a rounded number) may do so here.
 *
 * @param share the share of the range that may be lost
 * @param trials the output of the original for disturbed inputs
 */
record Allowance(double share, List<Tensor> trials) {
  private static final double TRIALS_FACTOR = 4;
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 2e-6;

  /** Says what is wrong with an output, or nothing. */
  Optional<String> complaint(Tensor expected, Tensor actual) {
    if (expected.type() != actual.type()) {
      return Optional.of("type " + actual.type() + " for " + expected.type());
    }
    if (!Arrays.equals(expected.shape(), actual.shape())) {
      boolean unsettled =
          trials.stream().anyMatch(t -> !Arrays.equals(t.shape(), expected.shape()));
      return unsettled
          ? Optional.empty()
          : Optional.of(
              "shape "
                  + Arrays.toString(actual.shape())
                  + " for "
                  + Arrays.toString(expected.shape()));
    }
    if (expected.type() == DataType.STRING) {
      return expected.strings().equals(actual.strings())
          ? Optional.empty()
          : Optional.of(actual.strings() + " for " + expected.strings());
    }
    if (!hasDoubles(expected.type())) {
      return expected.bytes().equals(actual.bytes())
          ? Optional.empty()
          : Optional.of("other bytes of " + expected.type());
    }
    return numbers(expected, actual);
  }

  private Optional<String> numbers(Tensor expected, Tensor actual) {
    double[] want = expected.toDoubleArray();
    double[] got = actual.toDoubleArray();
    double[] limits = limits(expected.type(), want, Arrays.stream(expected.shape()).toArray());
    int wrong = 0;
    double worst = 0;
    double range = 0;
    for (int i = 0; i < want.length; i++) {
      range = Double.isFinite(want[i]) ? Math.max(range, Math.abs(want[i])) : range;
      if (Double.compare(want[i], got[i]) == 0 || want[i] == got[i]) {
        continue;
      }
      double error = Math.abs(want[i] - got[i]);
      if (!(error <= limits[i])) {
        wrong++;
        worst = error > worst || Double.isNaN(error) ? error : worst;
      }
    }
    if (wrong == 0) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%d of %d numbers, by up to %.4g where the range is %.4g, shape %s",
            wrong,
            want.length,
            worst,
            range,
            Arrays.toString(expected.shape())));
  }

  private double[] limits(DataType type, double[] want, long[] shape) {
    double range = 0;
    for (double v : want) {
      range = Double.isFinite(v) ? Math.max(range, Math.abs(v)) : range;
    }
    double coarseness = coarseness(type);
    double[] limits = new double[want.length];
    for (int i = 0; i < want.length; i++) {
      double size = Double.isFinite(want[i]) ? Math.abs(want[i]) : 0;
      limits[i] =
          coarseness == 0 ? 0 : ABSOLUTE * Math.max(range, 0.1) + coarseness * size + share * range;
    }
    for (Tensor trial : trials) {
      if (!Arrays.equals(trial.shape(), shape)) {
        Arrays.fill(limits, Double.POSITIVE_INFINITY);
        return limits;
      }
      double[] other = trial.toDoubleArray();
      for (int i = 0; i < want.length; i++) {
        double change = TRIALS_FACTOR * Math.abs(other[i] - want[i]);
        if (want[i] != other[i] && !(Double.isNaN(want[i]) && Double.isNaN(other[i]))) {
          limits[i] = Double.isNaN(change) ? Double.POSITIVE_INFINITY : Math.max(limits[i], change);
        }
      }
    }
    return limits;
  }

  private static double coarseness(DataType type) {
    return switch (type) {
      case FLOAT32, FLOAT64 -> RELATIVE;
      case FLOAT16 -> 0x1p-9;
      case BFLOAT16 -> 0x1p-6;
      default -> 0;
    };
  }

  private static boolean hasDoubles(DataType type) {
    return switch (type) {
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64, BOOL -> true;
      default -> false;
    };
  }
}
