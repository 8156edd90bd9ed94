/**
 * Whether a compiled model still gives the right answers: metrics of its outputs against those of
 * the original, tolerances for common tasks, and a verdict with its reasons.
 *
 * <p>Start at {@link io.inferc.accuracy.Accuracy}; {@link io.inferc.accuracy.LayerDiff} finds the
 * layer at which a model that fails leaves its original.
 *
 * <pre>{@code
 * AccuracyReport report =
 *     Accuracy.compare(original, compiled, samples, Tolerance.embedding());
 * if (!report.passed()) {
 *   report.violations().forEach(System.err::println);
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.accuracy;

import org.jspecify.annotations.NullMarked;
