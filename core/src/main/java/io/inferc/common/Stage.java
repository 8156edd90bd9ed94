package io.inferc.common;

/** The step of a model's way through inferc in which something happens or fails. */
public enum Stage {
  /** Finding back ends and loading their native libraries. */
  DISCOVERY,
  /** Reading, checking or writing a model. */
  IMPORT,
  /** Working out shapes, and matching requests with shape profiles. */
  SHAPE,
  /** Running sample data through the reference to learn the ranges of tensors. */
  CALIBRATE,
  /** Transforming the graph. */
  REWRITE,
  /** Handing the graph to a runtime and getting an executable model back. */
  COMPILE,
  /** Saving a compiled model, or loading a saved one. */
  ARTIFACT,
  /** Running a compiled model. */
  RUN,
  /** Comparing a compiled model with its original. */
  VALIDATE,
  /** Searching for the precision of each layer. */
  SEARCH,
  /** Measuring latency, throughput and memory. */
  BENCHMARK,
  /** Writing reports. */
  REPORT
}
