/**
 * TensorRT as a back end: engines built for one NVIDIA GPU from models that say their own
 * precision, and run with data in host, pinned or device memory. NVIDIA's libraries come from the
 * machine or from redistributable jars that the application adds; a probe says what is missing.
 *
 * <p>Start at {@link io.inferc.backend.tensorrt.TensorRtOptions}.
 *
 * <pre>{@code
 * Target target = Target.tensorRt().device("cuda:0").options(
 *     TensorRtOptions.builder()
 *         .builderLevel(3)
 *         .timingCache(Path.of("timing.cache"))
 *         .cudaGraphs(8)
 *         .build());
 * }</pre>
 */
@NullMarked
package io.inferc.backend.tensorrt;

import org.jspecify.annotations.NullMarked;
