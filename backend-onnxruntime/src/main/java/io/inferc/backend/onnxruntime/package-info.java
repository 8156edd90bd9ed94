/**
 * ONNX Runtime as a back end: the CPU from Maven Central alone, and every other execution provider
 * that the loaded library has or a plugin library brings.
 *
 * <p>Start at {@link io.inferc.backend.onnxruntime.OnnxRuntimeOptions}.
 *
 * <pre>{@code
 * Target target = Target.onnxRuntime().options(
 *     OnnxRuntimeOptions.builder().intraOpThreads(2).spinning(false).build());
 * }</pre>
 */
@NullMarked
package io.inferc.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
