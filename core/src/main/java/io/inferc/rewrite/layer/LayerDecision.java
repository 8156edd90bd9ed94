package io.inferc.rewrite.layer;

import io.inferc.spi.NumericPrecision;

/**
 * The precision one node shall have, and why.
 *
 * @param precision {@code FP32}, {@code FP16}, {@code BF16}, {@code INT8} or {@code INT8_DYNAMIC}
 * @param reason who decided, for example {@code "kept by rule: first and last layers"}
 * @param ruled true if a rule of the user asked for it; where none did, an operator between layers
 *     may follow those around it
 */
public record LayerDecision(NumericPrecision precision, String reason, boolean ruled) {
  /**
   * Creates a decision that no rule asked for.
   *
   * @param precision the precision
   * @param reason who decided
   */
  public LayerDecision(NumericPrecision precision, String reason) {
    this(precision, reason, false);
  }
}
