package io.inferc.accuracy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * How far one output of the compiled model is from the original's.
 *
 * @param output the output's name
 * @param samples how many samples were compared
 * @param elements how many elements were compared, over all samples
 * @param metrics the metrics that make sense for the output: text has exact match only, scalars no
 *     top-1
 * @param worst the sample that was worst, by metric, for the metrics that have one
 * @param limits what the tolerance asks of it: none where it is judged together with others
 * @param originalNotFinite NaN and infinities in the original's output
 * @param compiledNotFinite NaN and infinities in the compiled model's output
 * @param strayed how many of these stand where the original has a number, or another of them
 * @param otherShapes in how many samples the compiled model's output had another shape, so that no
 *     elements were compared
 */
public record OutputAccuracy(
    String output,
    long samples,
    long elements,
    Map<Metric, Double> metrics,
    Map<Metric, WorstSample> worst,
    Map<Metric, Double> limits,
    NotFinite originalNotFinite,
    NotFinite compiledNotFinite,
    long strayed,
    long otherShapes) {
  public OutputAccuracy {
    metrics = Collections.unmodifiableMap(copy(metrics));
    worst = Collections.unmodifiableMap(copy(worst));
    limits = Collections.unmodifiableMap(copy(limits));
  }

  private static <V> Map<Metric, V> copy(Map<Metric, V> map) {
    Map<Metric, V> copy = new EnumMap<>(Metric.class);
    copy.putAll(map);
    return copy;
  }

  /**
   * The sample with the worst value of a metric.
   *
   * @param sample the sample's number, from 0
   * @param value the metric of that sample alone
   */
  public record WorstSample(long sample, double value) {}

  /**
   * Elements that are no numbers.
   *
   * @param nan how many are NaN
   * @param infinite how many are an infinity
   */
  public record NotFinite(long nan, long infinite) {
    /**
     * Returns how many there are of both.
     *
     * @return the sum
     */
    public long total() {
      return nan + infinite;
    }
  }

  /**
   * Returns a metric.
   *
   * @param metric the metric
   * @return its value, or empty if it makes no sense for this output
   */
  public OptionalDouble metric(Metric metric) {
    Objects.requireNonNull(metric, "metric");
    Double value = metrics.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
