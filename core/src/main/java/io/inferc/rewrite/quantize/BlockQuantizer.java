package io.inferc.rewrite.quantize;

import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import org.jspecify.annotations.Nullable;

/**
 * Rounds rows of weights to integers of 4 or 8 bits, with a scale for each block of a row and
 * perhaps a zero point.
 *
 * <p>With clipping, the scale of a block is searched between that of its whole range and 0.6 of it
 * (4 bits) or 0.8 (8 bits) in steps of 0.025, and the best one is fitted to the integers it gives
 * by least squares, as long as the error falls. The error is the sum of the squares of what
 * rounding and clipping change, each weighted with the mean square of the input that the weight
 * meets, if that is known: then it is the mean square of the change of the product, as far as
 * inputs are independent. The whole range is among the candidates, so clipping never loses more
 * than rounding.
 */
final class BlockQuantizer {
  private static final float STEP = 0.025f;
  private static final int STEPS_OF_4_BITS = 16;
  private static final int STEPS_OF_8_BITS = 8;
  private static final int FITS = 2;

  private final int bits;
  private final int block;
  private final boolean zeroPoints;
  private final boolean clips;
  private final boolean half;
  private final int top;

  // Of the block at hand.
  private float scale;
  private int zero;

  /**
   * Creates a quantizer.
   *
   * @param bits 4 or 8
   * @param block how many weights share a scale
   * @param zeroPoints false for a zero point in the middle of the range
   * @param method all but ROUND_TO_NEAREST search the range with the least error
   * @param scales FLOAT16 to round scales to it
   */
  BlockQuantizer(int bits, int block, boolean zeroPoints, Method method, DataType scales) {
    this.bits = bits;
    this.block = block;
    this.zeroPoints = zeroPoints;
    clips = method != Method.ROUND_TO_NEAREST;
    half = scales == DataType.FLOAT16;
    top = (1 << bits) - 1;
  }

  /**
   * Rounds rows.
   *
   * @param weights {@code rows * row} finite numbers
   * @param importance how much an error counts at each place of a row, or null if alike
   */
  BlockWeights quantize(float[] weights, int row, float @Nullable [] importance) {
    int rows = weights.length / row;
    BlockWeights result = new BlockWeights(bits, block, rows, row, zeroPoints);
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b < result.blocks(); b++) {
        int from = r * row + b * block;
        int length = Math.min(block, row - b * block);
        choose(weights, from, length, importance, b * block);
        result.scales()[r * result.blocks() + b] = scale;
        result.zeros()[r * result.blocks() + b] = (byte) zero;
        float inverse = 1 / scale;
        for (int i = from; i < from + length; i++) {
          result.values()[i] = (byte) level(weights[i], inverse, zero);
        }
      }
    }
    return result;
  }

  private int level(float weight, float inverse, int zeroPoint) {
    int level = (int) Math.rint(weight * inverse) + zeroPoint;
    return Math.max(0, Math.min(top, level));
  }

  private float storable(float wanted) {
    float stored = half ? Half.fromFloat16(Half.toFloat16(wanted)) : wanted;
    // A block of zeros, or of numbers that no scale of the type can hold.
    return stored > 0 && Float.isFinite(stored) && Float.isFinite(1 / stored) ? stored : 1;
  }

  /** Finds scale and zero point of a block. */
  private void choose(
      float[] weights, int from, int length, float @Nullable [] importance, int place) {
    float low = 0;
    float high = 0;
    for (int i = from; i < from + length; i++) {
      low = Math.min(low, weights[i]);
      high = Math.max(high, weights[i]);
    }
    float whole = zeroPoints ? (high - low) / top : Math.max(-low, high) / ((1 << (bits - 1)) - 1);
    scale = storable(whole);
    zero = zeroPoints ? level(-low, 1 / scale, 0) : 1 << (bits - 1);
    if (!clips || whole == 0) {
      return;
    }
    float bestScale = scale;
    double least = error(weights, from, length, importance, place, scale);
    int steps = bits == 4 ? STEPS_OF_4_BITS : STEPS_OF_8_BITS;
    for (int i = 1; i <= steps; i++) {
      float candidate = storable(whole * (1 - i * STEP));
      double error = error(weights, from, length, importance, place, candidate);
      if (error < least) {
        least = error;
        bestScale = candidate;
      }
    }
    for (int i = 0; i < FITS; i++) {
      float fitted = fitted(weights, from, length, importance, place, bestScale);
      double error = error(weights, from, length, importance, place, fitted);
      if (!(error < least)) {
        break;
      }
      least = error;
      bestScale = fitted;
    }
    scale = bestScale;
  }

  private double error(
      float[] weights,
      int from,
      int length,
      float @Nullable [] importance,
      int place,
      float candidate) {
    float inverse = 1 / candidate;
    double sum = 0;
    for (int i = 0; i < length; i++) {
      float weight = weights[from + i];
      float lost = weight - (level(weight, inverse, zero) - zero) * candidate;
      sum += importance == null ? lost * lost : (double) importance[place + i] * lost * lost;
    }
    return sum;
  }

  /** The scale that loses least with the integers that another one gives. */
  private float fitted(
      float[] weights,
      int from,
      int length,
      float @Nullable [] importance,
      int place,
      float candidate) {
    float inverse = 1 / candidate;
    double products = 0;
    double squares = 0;
    for (int i = 0; i < length; i++) {
      float weight = weights[from + i];
      double integer = level(weight, inverse, zero) - zero;
      double counts = importance == null ? 1 : importance[place + i];
      products += counts * weight * integer;
      squares += counts * integer * integer;
    }
    return squares > 0 && products > 0 ? storable((float) (products / squares)) : candidate;
  }
}
