package io.inferc.spi;

import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ValueSpec;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A model inside a runtime. Thread-safe, but for {@link #close()}, which is called once, when no
 * session of it is open any more and no other call runs.
 */
public interface BackendModel extends AutoCloseable {
  /**
   * Returns the inputs in the model's order.
   *
   * @return names, element types and shapes, with the model's own symbols
   */
  List<TensorSpec> inputs();

  /**
   * Returns the outputs in the model's order.
   *
   * @return names, element types and shapes, with the model's own symbols
   */
  List<TensorSpec> outputs();

  /**
   * Returns the outputs that are no tensors and that sessions can {@linkplain
   * BackendSession#takeOther return}.
   *
   * @return names and types, in the model's order
   */
  default List<ValueSpec> otherOutputs() {
    return List.of();
  }

  /**
   * Opens a session that serves the shapes of one profile.
   *
   * @param profile the number of the profile in the request, or -1 if there were none
   * @return the session, owned by the caller
   */
  BackendSession newSession(int profile);

  /**
   * Writes everything {@link Backend#load} needs into an empty folder.
   *
   * @param folder an existing empty folder
   * @throws io.inferc.common.InfercException if writing fails
   */
  void save(Path folder);

  /**
   * Lists the kernels the model was compiled to, for the report of what fused.
   *
   * @return the kernels in the order of execution; empty if the runtime does not tell
   * @throws io.inferc.common.InfercException if the runtime fails to say
   */
  default List<KernelInfo> kernels() {
    return List.of();
  }

  /**
   * Says how many sessions the runtime likes to run at once.
   *
   * @return the number, 1 or more; empty if the runtime does not tell, or was not tuned for more
   *     than one request at a time
   */
  default OptionalInt optimalSessions() {
    return OptionalInt.empty();
  }

  /**
   * Says how much memory the runtime took for the model on its device, weights included.
   *
   * @return bytes; empty if the runtime does not tell
   */
  default OptionalLong memoryBytes() {
    return OptionalLong.empty();
  }

  /**
   * Lists the kernels with the time that each takes in a request, if the runtime can measure that
   * without slowing other runs; the request was checked before.
   *
   * @param request all inputs, by name
   * @return the kernels in the order of execution; by default those of {@link #kernels()}, with
   *     times only where that has them
   * @throws io.inferc.common.InfercException if the runtime fails to say
   */
  default List<KernelInfo> kernels(Map<String, Tensor> request) {
    return kernels();
  }

  @Override
  void close();
}
