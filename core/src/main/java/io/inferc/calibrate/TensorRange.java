package io.inferc.calibrate;

/**
 * The range of values that a tensor takes in the reference model. Infinities and numbers of {@link
 * #MASK} and beyond are what models write over values that shall not count, as attention does with
 * padding: they are no part of a range, and told apart.
 *
 * @param min the low end that quantization shall represent, at most {@code max}
 * @param max the high end that quantization shall represent
 * @param observedMin the smallest value seen
 * @param observedMax the largest value seen
 * @param constant true if the tensor had one and the same value throughout all samples
 * @param masked true if there were values that mask as well
 */
public record TensorRange(
    float min, float max, float observedMin, float observedMax, boolean constant, boolean masked) {
  /** The smallest magnitude of a value that masks; no activation that a network learns has it. */
  public static final float MASK = 1e30f;

  // A tensor this small would get a scale that is zero, or has lost its digits.
  private static final float SMALLEST_SCALABLE = Float.MIN_NORMAL * 0x1p10f;

  public TensorRange {
    checkOrder(min, max);
    checkOrder(observedMin, observedMax);
    // Zero has no sign here, so that equal ranges are equal records and files.
    min += 0f;
    max += 0f;
    observedMin += 0f;
    observedMax += 0f;
  }

  /**
   * Creates the range of a tensor without values that mask.
   *
   * @param min the low end that quantization shall represent, at most {@code max}
   * @param max the high end that quantization shall represent
   * @param observedMin the smallest value seen
   * @param observedMax the largest value seen
   * @param constant true if the tensor had one and the same value throughout all samples
   */
  public TensorRange(float min, float max, float observedMin, float observedMax, boolean constant) {
    this(min, max, observedMin, observedMax, constant, false);
  }

  private static void checkOrder(float min, float max) {
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
   * Returns the range of a tensor that never changed: from the value to zero, so that both can be
   * represented; from 0 to 1 if the value is zero or nearly so, so that a scale can be taken.
   *
   * @param value the one value seen
   * @return a range that is marked as constant and has a width
   */
  public static TensorRange ofConstant(float value) {
    boolean scalable = Math.abs(value) >= SMALLEST_SCALABLE;
    float max = scalable ? Math.max(value, 0) : 1;
    return new TensorRange(Math.min(value, 0), max, value, value, true);
  }

  /**
   * Returns this range of a tensor that had values that mask as well.
   *
   * @param found whether it had
   * @return a copy
   */
  public TensorRange withMasks(boolean found) {
    return new TensorRange(min, max, observedMin, observedMax, constant, found);
  }

  /**
   * Returns the range with ends that are what was seen.
   *
   * @return a copy; this one if the tensor never changed
   */
  public TensorRange unclipped() {
    return constant
        ? this
        : new TensorRange(observedMin, observedMax, observedMin, observedMax, false, masked);
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
