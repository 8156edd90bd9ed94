/**
 * The pass that writes FP16 or BF16 into a model, and what it decides by.
 *
 * <p>Core's own: users ask for a {@link io.inferc.Precision}.
 */
@NullMarked
package io.inferc.rewrite.half;

import org.jspecify.annotations.NullMarked;
