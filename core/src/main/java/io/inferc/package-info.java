/**
 * The facade: compile a model, list back ends, load a saved model.
 *
 * <p>Start at {@link io.inferc.Compiler}.
 *
 * <pre>{@code
 * import io.inferc.Compiler;   // by name: java.lang.Compiler exists on JDK 17
 *
 * Compiler compiler = Compiler.forTarget(Target.onnxRuntime())
 *     .profile(ShapeProfile.named("online").range("batch_size", 1, 8, 32))
 *     .build();
 * try (CompiledModel model = compiler.compile(Path.of("model.onnx"));
 *     Outputs outputs = model.run(inputs)) {
 *   float[] scores = outputs.tensor("scores").toFloatArray();
 * }
 * }</pre>
 */
@NullMarked
package io.inferc;

import org.jspecify.annotations.NullMarked;
