package io.inferc.rewrite.layer;

import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * The precision that some layers shall have, whatever the rest of the model has. Of several rules
 * for a node, the last one wins.
 *
 * @param selector which nodes
 * @param precision {@code FP32}, {@code FP16} or {@code BF16} to keep them from being quantized,
 *     {@code INT8}, {@code INT8_DYNAMIC}, {@code WEIGHTS8} or {@code WEIGHTS4} to quantize them
 * @param description what the rule asks for, for reports
 */
public record LayerRule(LayerSelector selector, NumericPrecision precision, String description) {
  private static final Set<NumericPrecision> FLOATING =
      EnumSet.of(NumericPrecision.FP32, NumericPrecision.FP16, NumericPrecision.BF16);
  private static final Set<NumericPrecision> QUANTIZED =
      EnumSet.of(
          NumericPrecision.INT8,
          NumericPrecision.INT8_DYNAMIC,
          NumericPrecision.WEIGHTS8,
          NumericPrecision.WEIGHTS4);

  /**
   * Checks the rule.
   *
   * @throws IllegalArgumentException if the precision cannot be given to a layer
   */
  public LayerRule {
    if (!FLOATING.contains(precision) && !QUANTIZED.contains(precision)) {
      throw refused(
          "give",
          selector,
          precision,
          "FP32, FP16, BF16, INT8, INT8_DYNAMIC, WEIGHTS8 or WEIGHTS4");
    }
  }

  /**
   * Makes a rule that keeps layers in floating point.
   *
   * @param selector which nodes
   * @param precision {@code FP32}, {@code FP16} or {@code BF16}
   * @return the rule
   * @throws IllegalArgumentException for another precision
   */
  public static LayerRule keep(LayerSelector selector, NumericPrecision precision) {
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(precision, "precision");
    if (!FLOATING.contains(precision)) {
      throw refused("keep", selector, precision, "FP32, FP16 or BF16");
    }
    return new LayerRule(selector, precision, "keep " + selector.describe() + " at " + precision);
  }

  /**
   * Makes a rule that keeps layers in floating point.
   *
   * @param selector which nodes
   * @param type {@code FLOAT32}, {@code FLOAT16} or {@code BFLOAT16}
   * @return the rule
   * @throws IllegalArgumentException for another type
   */
  public static LayerRule keep(LayerSelector selector, DataType type) {
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(type, "type");
    return switch (type) {
      case FLOAT32 -> keep(selector, NumericPrecision.FP32);
      case FLOAT16 -> keep(selector, NumericPrecision.FP16);
      case BFLOAT16 -> keep(selector, NumericPrecision.BF16);
      default -> throw refused("keep", selector, type, "FLOAT32, FLOAT16 or BFLOAT16");
    };
  }

  /**
   * Makes a rule that quantizes layers to 8-bit integers with calibrated scales.
   *
   * @param selector which nodes; those among them that cannot be quantized stay as they are
   * @return the rule
   */
  public static LayerRule quantize(LayerSelector selector) {
    Objects.requireNonNull(selector, "selector");
    return quantize(selector, NumericPrecision.INT8);
  }

  /**
   * Makes a rule that quantizes layers.
   *
   * @param selector which nodes; those among them that cannot be quantized stay as they are
   * @param precision {@code INT8}, {@code INT8_DYNAMIC}, {@code WEIGHTS8} or {@code WEIGHTS4}
   * @return the rule
   * @throws IllegalArgumentException for another precision
   */
  public static LayerRule quantize(LayerSelector selector, NumericPrecision precision) {
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(precision, "precision");
    if (!QUANTIZED.contains(precision)) {
      throw refused("quantize", selector, precision, "INT8, INT8_DYNAMIC, WEIGHTS8 or WEIGHTS4");
    }
    return new LayerRule(
        selector, precision, "quantize " + selector.describe() + " to " + precision);
  }

  /**
   * Tells whether the rule quantizes.
   *
   * @return false if it keeps layers in floating point
   */
  public boolean quantizes() {
    return QUANTIZED.contains(precision);
  }

  private static IllegalArgumentException refused(
      String what, LayerSelector selector, Object asked, String possible) {
    return new IllegalArgumentException(
        "Tried to "
            + what
            + " "
            + selector.describe()
            + " at "
            + asked
            + ", but a rule takes "
            + possible
            + " here.");
  }
}
