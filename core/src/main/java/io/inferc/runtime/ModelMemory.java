package io.inferc.runtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The memory that a compiled model takes, in bytes, as far as it is known.
 *
 * @param weights the constants of the model that the runtime was given; a runtime may keep them in
 *     another layout, or share those of a mapped file with other models
 * @param buffers what the model's buffers hold now: inputs and outputs of open sessions, results
 *     that nobody has closed, and what is kept for the next. 0 if the buffers are from a pool of
 *     the caller's, whose statistics tell more
 * @param runtime what the runtime says that it took by itself on its device, weights included;
 *     empty if it does not tell. Of the back ends here none tells: ONNX Runtime has no such call in
 *     Java, OpenVINO no such property, MIGraphX no such function, and TensorRT 10.6 tells the
 *     memory of a context, which is a session's, and that of weights only where they are streamed
 */
public record ModelMemory(OptionalLong weights, long buffers, OptionalLong runtime) {
  public ModelMemory {
    Objects.requireNonNull(runtime, "runtime");
    Objects.requireNonNull(weights, "weights");
  }
}
