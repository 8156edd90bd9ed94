package io.inferc.calibrate;

import java.util.Locale;

/**
 * How the range that quantization shall represent is chosen from the values of a tensor. What is
 * kept of the values is of a fixed size, however many samples there are.
 *
 * <p>Immutable and thread-safe.
 */
public final class RangeObserver {
  private static final double DEFAULT_PERCENTILE = 99.99;
  private static final float DEFAULT_MOMENTUM = 0.9f;

  enum Kind {
    MIN_MAX,
    MOVING_AVERAGE,
    PERCENTILE,
    ENTROPY,
    MSE
  }

  private final Kind kind;
  private final double parameter;
  private final String method;

  private RangeObserver(Kind kind, double parameter, String method) {
    this.kind = kind;
    this.parameter = parameter;
    this.method = method;
  }

  /**
   * Takes the smallest and the largest value, exactly. The cheapest; one outlier costs resolution.
   *
   * @return the observer
   */
  public static RangeObserver minMax() {
    return new RangeObserver(Kind.MIN_MAX, 0, "min-max");
  }

  /**
   * Averages each sample's smallest and largest value over the samples, with a momentum of 0.9.
   *
   * @return the observer
   */
  public static RangeObserver movingAverage() {
    return movingAverage(DEFAULT_MOMENTUM);
  }

  /**
   * Averages each sample's smallest and largest value over the samples; later samples weigh more.
   *
   * @param momentum the share of the average that a sample leaves as it was, from 0 to below 1
   * @return the observer
   * @throws IllegalArgumentException if the momentum is out of range
   */
  public static RangeObserver movingAverage(float momentum) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException(
          "Tried to average with the momentum " + momentum + "; it must be from 0 to below 1.");
    }
    return new RangeObserver(
        Kind.MOVING_AVERAGE, momentum, String.format(Locale.ROOT, "moving-average(%s)", momentum));
  }

  /**
   * Takes the range that holds 99.99 percent of the values. Of fewer than 20,000 none is cut off,
   * and the range is a little wider than they are, up to a half.
   *
   * @return the observer
   */
  public static RangeObserver percentile() {
    return percentile(DEFAULT_PERCENTILE);
  }

  /**
   * Takes the range that holds a share of the values and leaves half of the rest out at each end.
   * Where values are too few for that, it is a little wider than they are, up to a half; at 100
   * percent it is what was seen.
   *
   * @param percent the share in percent, over 50 and at most 100; 99.99 and 99.999 are usual
   * @return the observer
   * @throws IllegalArgumentException if the share is out of range
   */
  public static RangeObserver percentile(double percent) {
    if (!(percent > 50 && percent <= 100)) {
      throw new IllegalArgumentException(
          "Tried to keep "
              + percent
              + " percent of the values; it must be over 50 and at most 100, mostly 99.99.");
    }
    return new RangeObserver(Kind.PERCENTILE, percent, "percentile(" + percent + ")");
  }

  /**
   * Takes the range that loses the least information in 8 bits: the smallest Kullback-Leibler
   * divergence over hundreds of candidates in a histogram of 2,048 bins or more, each end chosen by
   * itself. The method is that of S. Migacz, "8-bit Inference with TensorRT", GTC 2017.
   *
   * <p>It weighs values by how often they occur, not by how large they are, so it cuts rare but
   * large values off. In transformers those carry much: of the output of the first Gelu of
   * all-MiniLM-L6-v2, which reaches 24.8, it keeps 2.9, and the entropy calibrator of ONNX
   * Runtime's Python tool 1.6 or 3.1, with 128 or 255 levels. Embeddings lose more by that than
   * with any other method. It suits convolutional networks.
   *
   * @return the observer
   */
  public static RangeObserver entropy() {
    return new RangeObserver(Kind.ENTROPY, 0, "entropy");
  }

  /**
   * Takes the range with the smallest mean squared error of 8-bit quantization, rounding and
   * clipping counted together.
   *
   * @return the observer
   */
  public static RangeObserver mse() {
    return new RangeObserver(Kind.MSE, 0, "mse");
  }

  Kind kind() {
    return kind;
  }

  boolean needsDistribution() {
    return kind != Kind.MIN_MAX && kind != Kind.MOVING_AVERAGE;
  }

  double parameter() {
    return parameter;
  }

  /** Chooses the ends for a distribution. */
  ClipRange choose(Distribution values) {
    return switch (kind) {
      case MIN_MAX, MOVING_AVERAGE -> new ClipRange(values.min(), values.max());
      case PERCENTILE -> PercentileRange.of(values, parameter);
      case ENTROPY -> EntropyRange.of(values);
      case MSE -> MseRange.of(values);
    };
  }

  /**
   * Returns what tables and reports call the method.
   *
   * @return for example {@code percentile(99.99)}
   */
  public String method() {
    return method;
  }

  /** Returns the {@link #method()}. */
  @Override
  public String toString() {
    return method;
  }
}
