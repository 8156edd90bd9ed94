package io.inferc.rewrite;

import io.inferc.spi.NumericPrecision;

/**
 * The precision one node shall have, and why.
 *
 * @param precision {@code FP32}, {@code FP16}, {@code BF16}, {@code INT8} or {@code INT8_DYNAMIC}
 * @param reason who decided, for example {@code "kept by rule: first and last layers"}
 */
public record LayerDecision(NumericPrecision precision, String reason) {}
