package io.inferc.spi;

/**
 * The precision a model is compiled at, and how the back end is told.
 *
 * @param precision the precision asked for
 * @param support how it gets there: in the model that comes with the request, or as a hint
 */
public record PrecisionPlan(NumericPrecision precision, PrecisionSupport support) {
  /**
   * Returns the plan of a model left in single precision.
   *
   * @return FP32, as the model says it
   */
  public static PrecisionPlan fp32() {
    return new PrecisionPlan(NumericPrecision.FP32, PrecisionSupport.IN_MODEL);
  }
}
