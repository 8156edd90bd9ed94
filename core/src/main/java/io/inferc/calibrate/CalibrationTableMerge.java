package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.util.LinkedHashSet;
import java.util.Set;

/** Puts two tables of one model together. */
final class CalibrationTableMerge {
  private final CalibrationTable first;
  private final CalibrationTable second;
  private final double share;
  private final boolean exact;

  private CalibrationTableMerge(CalibrationTable first, CalibrationTable second) {
    this.first = first;
    this.second = second;
    long samples = first.samples() + second.samples();
    share = samples == 0 ? 0.5 : (double) first.samples() / samples;
    exact = first.method().equals(RangeObserver.minMax().method());
  }

  static CalibrationTable merge(CalibrationTable first, CalibrationTable second) {
    require("the model digest", first.modelDigest(), second.modelDigest());
    require("the method", first.method(), second.method());
    return new CalibrationTableMerge(first, second).table();
  }

  private static void require(String what, String first, String second) {
    if (!first.equals(second)) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to merge two calibration tables, but one has "
              + what
              + " "
              + first
              + " and the other "
              + second
              + ".",
          "Merge tables of one model that were made by one method only.");
    }
  }

  private CalibrationTable table() {
    CalibrationTable.Builder merged =
        CalibrationTable.builder(
            first.modelDigest(), first.method(), first.samples() + second.samples());
    Set<String> names = new LinkedHashSet<>(first.ranges().keySet());
    names.addAll(second.ranges().keySet());
    for (String name : names) {
      TensorRange a = first.range(name).orElse(null);
      TensorRange b = second.range(name).orElse(null);
      if (a != null && b != null) {
        merged.range(name, ranges(a, b).withMasks(a.masked() || b.masked()));
      } else if (a != null) {
        merged.range(name, a);
      } else if (b != null) {
        merged.range(name, b);
      }
    }
    Set<String> channelNames = new LinkedHashSet<>(first.channels().keySet());
    channelNames.addAll(second.channels().keySet());
    for (String name : channelNames) {
      ChannelStatistics a = first.channels().get(name);
      ChannelStatistics b = second.channels().get(name);
      if (a != null && b != null) {
        merged.channels(name, channels(name, a, b));
      } else if (a != null) {
        merged.channels(name, a);
      } else if (b != null) {
        merged.channels(name, b);
      }
    }
    return merged.build();
  }

  private TensorRange ranges(TensorRange a, TensorRange b) {
    float observedMin = Math.min(a.observedMin(), b.observedMin());
    float observedMax = Math.max(a.observedMax(), b.observedMax());
    if (observedMin == observedMax) {
      return TensorRange.ofConstant(observedMin);
    }
    if (exact) {
      return TensorRange.observed(observedMin, observedMax);
    }
    // What a tensor that was constant in one part has is no choice of the method.
    if (a.constant() || b.constant()) {
      return new TensorRange(
          Math.min(a.min(), b.min()), Math.max(a.max(), b.max()), observedMin, observedMax, false);
    }
    return new TensorRange(
        mean(a.min(), b.min()), mean(a.max(), b.max()), observedMin, observedMax, false);
  }

  private ChannelStatistics channels(String name, ChannelStatistics a, ChannelStatistics b) {
    float[] means = a.means();
    float[] theirs = b.means();
    float[] meanSquares = a.meanSquares();
    float[] theirSquares = b.meanSquares();
    require("for the tensor '" + name + "'", a.toString(), b.toString());
    float[] absMaxima = a.absMaxima();
    float[] theirMaxima = b.absMaxima();
    for (int c = 0; c < means.length; c++) {
      means[c] = mean(means[c], theirs[c]);
      meanSquares[c] = mean(meanSquares[c], theirSquares[c]);
      absMaxima[c] = Math.max(absMaxima[c], theirMaxima[c]);
    }
    return new ChannelStatistics(a.axis(), means, meanSquares, absMaxima);
  }

  private float mean(float a, float b) {
    return (float) (share * a + (1 - share) * b);
  }
}
