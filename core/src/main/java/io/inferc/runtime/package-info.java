/**
 * What a user holds: where a model shall run, the shapes it will see, the compiled model and its
 * sessions.
 *
 * <p>Start at {@link io.inferc.runtime.CompiledModel}.
 *
 * <pre>{@code
 * try (InferenceSession session = model.newSession()) {
 *   session.input("x").floats().put(0, values);
 *   session.run();
 *   float first = session.output("y").floats().get(0);
 * }
 * try (Outputs outputs = model.run(Map.of("x", tensor))) {
 *   float[] y = outputs.tensor("y").toFloatArray();
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.runtime;

import org.jspecify.annotations.NullMarked;
