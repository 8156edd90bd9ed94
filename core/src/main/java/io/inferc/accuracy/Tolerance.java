package io.inferc.accuracy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The limits that a compiled model's outputs must keep. Whatever the limits, a NaN or an infinity
 * that the original does not have fails.
 *
 * <p>The presets are for models compiled without a change of precision up to 8-bit quantization
 * that a user of the task would not notice; set {@link #custom()} limits where you know better.
 *
 * <p>Immutable.
 *
 * <pre>{@code
 * Tolerance strict = Tolerance.custom().limit(Metric.MIN_COSINE, 0.9999).build();
 * }</pre>
 */
public final class Tolerance {
  private final String name;
  private final Map<Metric, Double> limits;

  private Tolerance(String name, Map<Metric, Double> limits) {
    this.name = name;
    this.limits = Collections.unmodifiableMap(new EnumMap<>(limits));
  }

  /**
   * Returns limits for class scores: the same best class in 99 % of the rows.
   *
   * @return top-1 agreement of at least 0.99
   */
  public static Tolerance classification() {
    return custom().named("classification").limit(Metric.TOP1_AGREEMENT, 0.99).build();
  }

  /**
   * Returns limits for numbers used as they are.
   *
   * @return SQNR of at least 40 dB, an error of about 1 % of the signal
   */
  public static Tolerance regression() {
    return custom().named("regression").limit(Metric.SQNR_DB, 40).build();
  }

  /**
   * Returns limits for vectors compared by their angle.
   *
   * @return mean cosine of at least 0.995, and 0.975 for the worst sample
   */
  public static Tolerance embedding() {
    return custom()
        .named("embedding")
        .limit(Metric.MEAN_COSINE, 0.995)
        .limit(Metric.MIN_COSINE, 0.975)
        .build();
  }

  /**
   * Returns limits for boxes and their scores.
   *
   * @return SQNR of at least 30 dB and mean cosine of at least 0.99
   */
  public static Tolerance detection() {
    return custom()
        .named("detection")
        .limit(Metric.SQNR_DB, 30)
        .limit(Metric.MEAN_COSINE, 0.99)
        .build();
  }

  /**
   * Returns limits for scores of the next token.
   *
   * @return top-1 agreement of at least 0.98 and top-k agreement of at least 0.95
   */
  public static Tolerance tokenLogits() {
    return custom()
        .named("token logits")
        .limit(Metric.TOP1_AGREEMENT, 0.98)
        .limit(Metric.TOPK_AGREEMENT, 0.95)
        .build();
  }

  /**
   * Returns the limit that nothing may differ.
   *
   * @return exact match of 1
   */
  public static Tolerance exact() {
    return custom().named("exact").limit(Metric.EXACT_MATCH, 1).build();
  }

  /**
   * Starts limits of the caller's.
   *
   * @return a builder without limits
   */
  public static Builder custom() {
    return new Builder();
  }

  /**
   * Returns the name for reports.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the limits: the least value of a metric where higher is better, the greatest otherwise.
   *
   * @return limit by metric
   */
  public Map<Metric, Double> limits() {
    return limits;
  }

  /** Returns the name and the limits. */
  @Override
  public String toString() {
    return name + limits;
  }

  /** Builds a {@link Tolerance}. */
  public static final class Builder {
    private final Map<Metric, Double> limits = new EnumMap<>(Metric.class);
    private String name = "custom";

    private Builder() {}

    /**
     * Sets the name for reports.
     *
     * @param name the name
     * @return this
     */
    public Builder named(String name) {
      Objects.requireNonNull(name, "name");
      this.name = name;
      return this;
    }

    /**
     * Limits a metric.
     *
     * @param metric the metric
     * @param limit the least value if higher is better, the greatest otherwise
     * @return this
     * @throws IllegalArgumentException if the limit is not a number
     */
    public Builder limit(Metric metric, double limit) {
      Objects.requireNonNull(metric, "metric");
      if (Double.isNaN(limit)) {
        throw new IllegalArgumentException(
            "Tried to limit " + metric.label() + " at NaN; give a number.");
      }
      limits.put(metric, limit);
      return this;
    }

    /**
     * Makes the tolerance.
     *
     * @return the tolerance
     * @throws IllegalStateException if no metric is limited
     */
    public Tolerance build() {
      if (limits.isEmpty()) {
        throw new IllegalStateException(
            "Tried to build a tolerance without a limit. Call limit(metric, value) at least once.");
      }
      return new Tolerance(name, limits);
    }
  }
}
