/**
 * Passes that write integer precisions into a model: Q/DQ nodes with scales from calibration,
 * dynamic scales, smoothing and bias correction.
 *
 * <p>Core's own: users ask for a {@link io.inferc.Precision}.
 */
@NullMarked
package io.inferc.rewrite.quantize;

import org.jspecify.annotations.NullMarked;
