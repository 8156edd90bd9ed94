package io.inferc.calibrate;

/**
 * The range of values that a tensor takes in the reference model.
 *
 * @param min the low end that quantization shall represent, at most {@code max}
 * @param max the high end that quantization shall represent
 * @param observedMin the smallest value seen
 * @param observedMax the largest value seen
 * @param constant true if the tensor had one and the same value throughout all samples
 */
public record TensorRange(
    float min, float max, float observedMin, float observedMax, boolean constant) {
  public TensorRange {
    if (!(min <= max) || !Float.isFinite(min) || !Float.isFinite(max)) {
      throw new IllegalArgumentException(
          "Tried to make a range from " + min + " to " + max + "; it takes finite ends in order.");
    }
  }

  /**
   * Returns a range whose ends are what was seen.
   *
   * @param min the smallest value
   * @param max the largest value
   * @return the range
   */
  public static TensorRange observed(float min, float max) {
    return new TensorRange(min, max, min, max, min == max);
  }

  /**
   * Returns the largest magnitude to represent.
   *
   * @return the larger of the absolute values of both ends
   */
  public float absMax() {
    return Math.max(Math.abs(min), Math.abs(max));
  }

  /**
   * Returns the largest magnitude seen.
   *
   * @return the larger of the absolute values
   */
  public float observedAbsMax() {
    return Math.max(Math.abs(observedMin), Math.abs(observedMax));
  }
}
