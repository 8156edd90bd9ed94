package io.inferc.rewrite.quantize;

import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.rewrite.layer.WeightQuantization.Method;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The divisors of {@link ActivationAwareScaling}: those with which products change least. */
final class ActivationAwareSearch implements DivisorSearch {
  private static final int ALPHAS = 20;
  // What a channel is scaled by at most, either way.
  private static final double MOST = 1e4;

  // What the change must fall to: hardly at all where that is free, by 0.2 dB where it takes a
  // multiplication, since most layers gain less than 1 dB each, and all of them a quarter together.
  private static final double WORTH_WEIGHTS = 0.99;
  private static final double WORTH_MULTIPLYING = 0.95;

  private final WeightOnlyQuantization.Way way;

  ActivationAwareSearch(WeightOnlyQuantization.Way way) {
    this.way = way;
  }

  @Override
  public float @Nullable [] find(
      ChannelStatistics statistics,
      TensorRange range,
      float[] largest,
      List<RoundingNoise.Matrix> weights,
      boolean free) {
    float[] squares = statistics.meanSquares();
    // Rounding to nearest is enough to tell alphas apart, as in the paper, and far quicker.
    RoundedProducts quick = new RoundedProducts(way, Method.ROUND_TO_NEAREST, squares, weights);
    float[] best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 1; i <= ALPHAS; i++) {
      float[] divisor = divisor(squares, (double) i / ALPHAS);
      double change = quick.change(divisor);
      if (change < least) {
        least = change;
        best = divisor;
      }
    }
    if (best == null) {
      return null;
    }
    RoundedProducts exact = new RoundedProducts(way, way.options().method(), squares, weights);
    float[] ones = new float[squares.length];
    Arrays.fill(ones, 1);
    double worth = free ? WORTH_WEIGHTS : WORTH_MULTIPLYING;
    return exact.change(best) < worth * exact.change(ones) ? best : null;
  }

  private static float[] divisor(float[] squares, double alpha) {
    double[] powers = new double[squares.length];
    double smallest = Double.POSITIVE_INFINITY;
    double greatest = 0;
    for (int j = 0; j < powers.length; j++) {
      powers[j] = squares[j] > 0 ? Math.pow(squares[j], alpha / 2) : 0;
      if (powers[j] > 0) {
        smallest = Math.min(smallest, powers[j]);
        greatest = Math.max(greatest, powers[j]);
      }
    }
    double middle = Math.sqrt(smallest * greatest);
    float[] divisor = new float[powers.length];
    for (int j = 0; j < divisor.length; j++) {
      double s = powers[j] / middle;
      // A channel that was always zero says nothing of its weights.
      divisor[j] =
          powers[j] > 0 && Double.isFinite(s) ? (float) Math.max(1 / MOST, Math.min(MOST, s)) : 1;
    }
    return divisor;
  }
}
