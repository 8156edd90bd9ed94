package io.inferc.tensor;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A stream of samples, each a map from input names to tensors; shapes may differ from sample to
 * sample.
 *
 * <p>A data set may be visited any number of times and gives the same samples each time. It owns
 * its tensors: a visitor uses them inside {@link Visitor#visit} only, and copies what it keeps. One
 * visit at a time, unless an implementation says more.
 *
 * <pre>{@code
 * Dataset samples = Dataset.generated(500, i -> Map.of("x", Tensor.of(features(i), 1, 16)));
 * }</pre>
 *
 * <p>Samples that lie in files are opened with {@code io.inferc.onnx.SampleFolder}.
 */
public interface Dataset {
  /**
   * Visits the samples in order until they end or the visitor has seen enough.
   *
   * @param visitor called once a sample, on the calling thread; what it throws ends the visit and
   *     reaches the caller
   */
  void forEach(Visitor visitor);

  /**
   * Returns how many samples there are.
   *
   * @return the number, or empty if it is known only by visiting them
   */
  OptionalLong size();

  /** Receives samples. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Receives one sample.
     *
     * @param index the sample's number, from 0
     * @param sample tensors by input name, valid until this call returns
     * @return true to go on, false to stop
     */
    boolean visit(long index, Map<String, Tensor> sample);
  }

  /**
   * Returns a data set over samples held in memory. The caller keeps owning the tensors and closes
   * them when the data set is no longer used. May be visited from several threads at once.
   *
   * @param samples the samples
   * @return the data set
   */
  static Dataset of(List<? extends Map<String, Tensor>> samples) {
    Objects.requireNonNull(samples, "samples");
    return Datasets.inMemory(samples);
  }

  /**
   * Returns a data set whose samples are made when they are visited and closed right after. May be
   * visited from several threads at once if the function allows it.
   *
   * @param count how many samples there are, 0 or more
   * @param sample makes the sample of a given number; the same number gives the same sample
   * @return the data set
   * @throws IllegalArgumentException if the count is negative
   */
  static Dataset generated(long count, LongFunction<? extends Map<String, Tensor>> sample) {
    Objects.requireNonNull(sample, "sample");
    return Datasets.generated(count, sample);
  }

  /**
   * Returns a data set that asks for a fresh iterator on every visit; samples are closed right
   * after they were visited, and so is the iterator if it is {@link AutoCloseable}. If visiting
   * fails and closing does, too, the former is thrown with the latter suppressed.
   *
   * @param iterators gives an iterator over the same samples each time
   * @return the data set
   */
  static Dataset streaming(Supplier<? extends Iterator<? extends Map<String, Tensor>>> iterators) {
    Objects.requireNonNull(iterators, "iterators");
    return Datasets.streaming(iterators);
  }

  /**
   * Returns the first samples of this data set.
   *
   * @param count how many at most, 0 or more
   * @return a data set over at most that many samples
   * @throws IllegalArgumentException if the count is negative
   */
  default Dataset limit(long count) {
    return Datasets.limit(this, count);
  }
}
