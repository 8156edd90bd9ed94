/**
 * What every other package leans on: the exception family, the stages of a compilation, progress
 * and cancellation. It knows nothing of models, tensors or back ends. What inferc's own modules
 * share beside that is in {@code internal}.
 *
 * <p>Start at {@link io.inferc.common.InfercException}.
 *
 * <pre>{@code
 * try {
 *   compiler.compile(path);
 * } catch (InfercException e) {
 *   log.error("{} failed: {} Remedy: {}", e.stage(), e.problem(), e.remedy());
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.common;

import org.jspecify.annotations.NullMarked;
