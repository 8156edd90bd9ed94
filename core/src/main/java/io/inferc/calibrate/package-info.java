/**
 * Finds the range of values of every tensor by running the reference model on samples.
 *
 * <p>The result is a {@link io.inferc.calibrate.CalibrationTable}, from which rewrites take scales
 * for every back end:
 *
 * <pre>{@code
 * TensorRange range = table.range("/encoder/layer.0/output").orElseThrow();
 * float scale = range.absMax() / 127;
 * }</pre>
 */
@NullMarked
package io.inferc.calibrate;

import org.jspecify.annotations.NullMarked;
