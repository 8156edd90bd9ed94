package io.inferc.runtime;

import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A model compiled for one target, ready to run in this process.
 *
 * <p>Thread-safe. It owns native memory: close it when it is no longer used. {@link #close()}
 * refuses new calls, waits for running ones, then frees; closing twice does no harm.
 *
 * <p><b>Which profile serves a request.</b> The first profile, in the order they were given to the
 * compiler, whose ranges contain every size of the request. A request that fits none is refused
 * with all ranges in the message. Without profiles, any shape that the model declares is served.
 */
public interface CompiledModel extends AutoCloseable {
  /**
   * Returns what reports call this model, by default the name of its file without the suffix.
   *
   * @return the name
   */
  String name();

  /**
   * Returns where the model runs.
   *
   * @return the back end, device and options that were chosen
   */
  Target.Choice target();

  /**
   * Returns the version of the runtime that compiled the model.
   *
   * @return the runtime's own version text
   */
  String backendVersion();

  /**
   * Returns the inputs in the model's order.
   *
   * @return names, element types and declared shapes
   */
  List<TensorSpec> inputs();

  /**
   * Returns the outputs in the model's order.
   *
   * @return names, element types and declared shapes
   */
  List<TensorSpec> outputs();

  /**
   * Returns the outputs that are no tensors, such as sequences. {@link #outputs()} and all results
   * of tensors leave them out; {@link InferenceSession#runValues} returns them, too.
   *
   * @return names and types, in the model's order
   */
  default List<ValueSpec> otherOutputs() {
    return List.of();
  }

  /**
   * Returns the shape profiles the model was compiled for, in order of preference.
   *
   * @return the profiles, empty if it serves any shape
   */
  List<ShapeProfile> profiles();

  /**
   * Returns the precision that was asked for when the model was compiled. {@link #warnings()} say
   * where it has less of it.
   *
   * @return the precision's own text, such as {@code INT8_DYNAMIC}; {@code unknown} if it was not
   *     told
   */
  default String precision() {
    return ModelFacts.unknown().precision();
  }

  /**
   * Returns what a user should know of how the model was compiled: that hardly anything has the
   * precision that was asked for, and why; that there were few samples. The log has the same.
   *
   * @return whole sentences; empty if all went as asked
   */
  default List<String> warnings() {
    return List.of();
  }

  /**
   * Returns how the model came to be what it is: what else was tried, and what each was worth. A
   * model that was loaded has none.
   *
   * @return the report; {@link CompilationReport#none()} if nothing was measured to compile it
   */
  default CompilationReport report() {
    return CompilationReport.none();
  }

  /**
   * Returns the bytes of all constants of the model that the runtime was given, after rewriting.
   *
   * @return bytes; empty for models of other formats than ONNX
   */
  default OptionalLong weightBytes() {
    return OptionalLong.empty();
  }

  /**
   * Returns the memory that the model takes at this moment.
   *
   * @return bytes, as far as they are known
   * @throws io.inferc.common.ResourceClosedException after close
   */
  default ModelMemory memory() {
    return new ModelMemory(weightBytes(), 0, OptionalLong.empty());
  }

  /**
   * Lists the kernels the model was compiled to, for the report of what fused. Asking may take as
   * long as compiling did.
   *
   * @return the kernels in the order of execution; empty if the runtime does not tell
   * @throws io.inferc.common.InfercException if the runtime fails to say
   * @throws io.inferc.common.ResourceClosedException after close
   */
  default List<KernelInfo> kernels() {
    return List.of();
  }

  /**
   * Lists the kernels with the time that each takes in a request, where the runtime can measure
   * that: it runs the request some times, on a copy of the model if measuring slows it.
   *
   * @param request all inputs, by name
   * @return the kernels in the order of execution, with times in milliseconds where they are known;
   *     empty if the runtime does not tell
   * @throws IllegalArgumentException if the request does not fit the model
   * @throws io.inferc.common.InfercException if the runtime fails to say
   * @throws io.inferc.common.ResourceClosedException after close
   */
  default List<KernelInfo> kernels(Map<String, Tensor> request) {
    Objects.requireNonNull(request, "request");
    return kernels();
  }

  /**
   * Opens a session for one thread.
   *
   * @return a session, to be closed by the caller
   * @throws io.inferc.common.ResourceClosedException after close
   */
  InferenceSession newSession();

  /**
   * Runs once on a session of this model's own bounded pool, on the calling thread; waits while all
   * sessions are busy. Safe from any thread.
   *
   * @param inputs one tensor for each input, by name
   * @return owned copies of all outputs, by name in the model's order, to be closed by the caller
   * @throws IllegalArgumentException for a wrong name, type, rank or size
   * @throws io.inferc.common.InfercException for a request outside all profiles, or if the run
   *     fails
   */
  Outputs run(Map<String, Tensor> inputs);

  /**
   * Runs once on a session of this model's own bounded pool, on threads of its own; where the
   * runtime calls back, none waits for the end of the run. Requests beyond the number of sessions
   * wait in order. The input tensors must stay open and unchanged until the future completes.
   *
   * <p>The future completes on the model's thread: a dependent stage that takes long belongs on an
   * executor of the caller's ({@code thenApplyAsync}). Cancelling the future drops a request that
   * still waits; one that runs is finished, and its outputs are closed.
   *
   * @param inputs one tensor for each input, by name
   * @return a future of owned copies of all outputs, to be closed by the caller
   * @throws IllegalArgumentException at once, for a wrong name, type, rank or size
   * @throws io.inferc.common.InfercException at once, for a request outside all profiles or after
   *     close
   */
  CompletableFuture<Outputs> runAsync(Map<String, Tensor> inputs);

  /**
   * Saves the compiled model to a folder, from which {@code Inferc.load(folder)} brings it back
   * without compiling again. A model that is there already is replaced in one step, once the new
   * one is on the disk: who loads meanwhile gets one or the other, also if this process is killed.
   * Several may save to a folder, in turns.
   *
   * @param folder the folder to create; an existing one must be empty or hold a saved model alone,
   *     which is replaced
   * @throws io.inferc.common.InfercException if the folder holds anything else, the disk fails, or
   *     the back end cannot save this model
   */
  void save(Path folder);

  /**
   * Refuses new calls, waits for running ones, then frees the native memory. It waits 10 seconds;
   * then runs that the runtime can end (ONNX Runtime, OpenVINO: between two nodes) end with a
   * {@link io.inferc.common.ResourceClosedException}. A run that goes on nevertheless is left alone
   * after 2 more seconds: this method logs a warning and returns, and the memory is freed when the
   * run has ended.
   */
  @Override
  void close();
}
