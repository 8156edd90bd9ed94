package io.inferc.rewrite.layer;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How weights become integers where activations stay floating-point numbers.
 *
 * <pre>{@code
 * Precision.weights(WeightQuantization.bits(4).withBlock(32).withZeroPoints(true), samples)
 * }</pre>
 *
 * @param bits 4 or 8
 * @param block how many weights along a row share a scale: a power of two from 16 to 256; empty for
 *     the size that a measurement on the target finds fastest, of equal ones the smallest
 * @param zeroPoints true for a zero point in each block, false for symmetric integers; empty for
 *     zero points with 4 bits where the target has them. True is refused where it has none
 * @param method how the range of a block is found
 * @param floatActivations true to have activations multiplied as they are; false lets a target
 *     round them to 8 bits at run time, in blocks, where that is faster
 */
public record WeightQuantization(
    int bits,
    OptionalInt block,
    Optional<Boolean> zeroPoints,
    Method method,
    boolean floatActivations) {
  /** How the range of the integers of a block is found. */
  public enum Method {
    /** All of the block's range, each weight rounded to the nearest integer. */
    ROUND_TO_NEAREST,
    /**
     * The range with the least mean square error of the block's weights; what is beyond is clipped.
     */
    LEAST_ERROR,
    /**
     * The same, weighted with the mean squares of the inputs that the weights meet, after scaling
     * them so that those that meet large inputs lose least (Lin et al., "AWQ: Activation-aware
     * Weight Quantization for On-Device LLM Compression and Acceleration", 2023). It takes samples.
     */
    ACTIVATION_AWARE
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there are not 4 or 8 bits, or no such block
   */
  public WeightQuantization {
    Objects.requireNonNull(block, "block");
    Objects.requireNonNull(zeroPoints, "zeroPoints");
    Objects.requireNonNull(method, "method");
    if (bits != 4 && bits != 8) {
      throw new IllegalArgumentException(
          "Tried to store weights in " + bits + " bits; it takes 4 or 8.");
    }
    if (block.isPresent()) {
      int size = block.getAsInt();
      if (size < 16 || size > 256 || Integer.bitCount(size) != 1) {
        throw new IllegalArgumentException(
            "Tried to store weights in blocks of " + size + "; it takes 16, 32, 64, 128 or 256.");
      }
    }
  }

  /**
   * Returns integers with the least error, in blocks of the size that a measurement finds.
   *
   * @param bits 4 or 8
   * @return how
   * @throws IllegalArgumentException for another number
   */
  public static WeightQuantization bits(int bits) {
    return new WeightQuantization(
        bits, OptionalInt.empty(), Optional.empty(), Method.LEAST_ERROR, false);
  }

  /**
   * Sets the size of a block.
   *
   * @param size a power of two from 16 to 256
   * @return a copy
   * @throws IllegalArgumentException for another number
   */
  public WeightQuantization withBlock(int size) {
    return new WeightQuantization(bits, OptionalInt.of(size), zeroPoints, method, floatActivations);
  }

  /**
   * Sets whether blocks have zero points.
   *
   * @param has false for symmetric integers
   * @return a copy
   */
  public WeightQuantization withZeroPoints(boolean has) {
    return new WeightQuantization(bits, block, Optional.of(has), method, floatActivations);
  }

  /**
   * Sets how the range of a block is found.
   *
   * @param way how
   * @return a copy
   */
  public WeightQuantization withMethod(Method way) {
    Objects.requireNonNull(way, "way");
    return new WeightQuantization(bits, block, zeroPoints, way, floatActivations);
  }

  /**
   * Sets whether activations must be multiplied as they are.
   *
   * @param asTheyAre false to let the target round them to 8 bits where that is faster
   * @return a copy
   */
  public WeightQuantization withFloatActivations(boolean asTheyAre) {
    return new WeightQuantization(bits, block, zeroPoints, method, asTheyAre);
  }

  /**
   * Tells whether blocks have zero points, once it is known whether the target has them.
   *
   * @param possible whether the target has zero points
   * @return what was asked for; if nothing was, true with 4 bits where it is possible
   */
  public boolean hasZeroPoints(boolean possible) {
    return zeroPoints.orElse(bits == 4 && possible);
  }

  /** Returns for example {@code 4 bits, blocks of 32, with zero points, LEAST_ERROR}. */
  @Override
  public String toString() {
    return bits
        + " bits, blocks of "
        + (block.isPresent() ? String.valueOf(block.getAsInt()) : "a size measured")
        + zeroPoints.map(z -> z ? ", with zero points" : ", symmetric").orElse("")
        + ", "
        + method
        + (floatActivations ? ", float activations" : "");
  }
}
