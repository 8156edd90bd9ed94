package io.inferc.spi;

/** How a back end comes to run a model at some precision. */
public enum PrecisionSupport {
  /** The model itself says it: typed tensors, or Q/DQ nodes. */
  IN_MODEL,
  /** A switch of the runtime asks for it, and the model stays as it is. */
  HINT
}
