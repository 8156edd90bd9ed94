package io.inferc.accuracy;

import io.inferc.tensor.Tensor;
import java.util.Map;

/** Measures what a task makes of one output, sample by sample, in constant memory. */
interface TaskMeasure {
  /** Tells whether it can be measured of a tensor of some rank. */
  boolean takes(int rank);

  /** Adds one sample. */
  void add(long sample, Tensor original, Tensor compiled, WorstSamples worst);

  /** Adds the metrics of all samples. */
  void putInto(Map<Metric, Double> metrics);
}
