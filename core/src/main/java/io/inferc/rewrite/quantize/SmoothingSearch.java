package io.inferc.rewrite.quantize;

import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.rewrite.layer.Smoothing;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The divisors of {@link SmoothQuant}: those with the least {@link RoundingNoise}. */
final class SmoothingSearch implements DivisorSearch {
  // What a channel is scaled by at most, either way.
  private static final double MOST = 1e4;
  // What the noise must fall to, to be worth other weights: by 1 dB.
  private static final double WORTH_WEIGHTS = 0.8;
  private static final double LEAST_ALPHA = 0.3;
  private static final int ALPHAS = 14;
  private static final double BETWEEN_ALPHAS = 0.05;

  private final OptionalDouble alpha;
  private final double worthMultiplying;

  SmoothingSearch(Smoothing smoothing) {
    this.alpha = smoothing.alpha();
    // Without a gain asked for, a multiplication still has to be worth other weights.
    this.worthMultiplying = Math.min(WORTH_WEIGHTS, Math.pow(10, -smoothing.leastGain() / 10));
  }

  @Override
  public float @Nullable [] find(
      ChannelStatistics statistics,
      TensorRange range,
      float[] largest,
      List<RoundingNoise.Matrix> weights,
      boolean free) {
    RoundingNoise noise = new RoundingNoise(statistics, range, weights);
    float[] magnitudes = statistics.absMaxima();
    float[] ones = new float[magnitudes.length];
    Arrays.fill(ones, 1);
    double least = (free ? WORTH_WEIGHTS : worthMultiplying) * noise.of(ones);
    float[] best = null;
    int candidates = alpha.isPresent() ? 1 : ALPHAS;
    for (int i = 0; i < candidates; i++) {
      float[] divisor =
          divisor(magnitudes, largest, alpha.orElse(LEAST_ALPHA + i * BETWEEN_ALPHAS));
      double made = noise.of(divisor);
      if (made < least) {
        least = made;
        best = divisor;
      }
    }
    return best;
  }

  private static float[] divisor(float[] magnitudes, float[] largest, double alpha) {
    float[] divisor = new float[magnitudes.length];
    for (int j = 0; j < divisor.length; j++) {
      double s = Math.pow(magnitudes[j], alpha) / Math.pow(largest[j], 1 - alpha);
      boolean usable = magnitudes[j] > 0 && largest[j] > 0 && s > 0 && Double.isFinite(s);
      divisor[j] = usable ? (float) Math.max(1 / MOST, Math.min(MOST, s)) : 1;
    }
    return divisor;
  }
}
