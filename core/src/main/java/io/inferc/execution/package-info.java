/**
 * Ways to run a compiled model beyond single requests: what a run returns goes into the next.
 *
 * <p>Start at {@link io.inferc.execution.StatefulSession}.
 *
 * <pre>{@code
 * try (StatefulSession session =
 *     StatefulSession.builder(model).state("state", "stateN").size("batch", 1).open()) {
 *   session.input("input", 1, 512).floats().put(0, samples);
 *   session.run();
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.execution;

import org.jspecify.annotations.NullMarked;
