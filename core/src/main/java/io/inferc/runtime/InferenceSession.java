package io.inferc.runtime;

import io.inferc.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs a compiled model on one thread, with buffers bound once and used again.
 *
 * <p>The bound form allocates nothing of its own from call to call: write into {@link #input}, call
 * {@link #run()}, read {@link #output}.
 *
 * <pre>{@code
 * FloatBuffer x = session.input("x", 1, 16).floats();
 * FloatBuffer y = session.output("y").floats();   // valid once a run has filled it
 * while (source.fill(x)) {
 *   session.run();
 *   sink.accept(y);
 * }
 * }</pre>
 *
 * <p>{@link #run(Map)} is the convenience over it. One thread at a time: a second thread that
 * enters while a first is inside is refused with {@link io.inferc.common.ConcurrentUseException}.
 * Handing a session from one thread to another is fine.
 */
public interface InferenceSession extends AutoCloseable {
  /**
   * Returns the tensor bound to an input in its current shape. At first that is the declared shape
   * if it is fixed, or else the {@code opt} shape of the first profile.
   *
   * @param name the input's name
   * @return the bound tensor; write the request into it. It belongs to the session
   * @throws IllegalArgumentException if there is no such input
   * @throws io.inferc.common.InfercException if the shape is open and no profile gives a size: call
   *     {@link #input(String, long...)} with the shape
   */
  Tensor input(String name);

  /**
   * Returns the tensor bound to an input, changing its shape if it has another. Inputs that share a
   * symbol must agree by the time {@link #run()} is called. Views of the input's former tensor no
   * longer count, and the outputs' tensors may change too.
   *
   * @param name the input's name
   * @param shape the sizes of the coming requests, outermost first
   * @return the bound tensor in that shape; its content is undefined
   * @throws IllegalArgumentException if there is no such input, or rank or a fixed size differ
   */
  Tensor input(String name, long... shape);

  /**
   * Binds a caller's tensor to an input, without a copy: a tensor of {@linkplain
   * io.inferc.tensor.MemoryKind#DEVICE device memory} from the back end's allocator, or a wrapped
   * buffer. It stays the caller's, and must stay open until it is replaced or the session closed.
   *
   * @param name the input's name
   * @param tensor the tensor to read the input from
   * @throws IllegalArgumentException if there is no such input, type, rank or a fixed size differ,
   *     or the back end cannot read that kind of memory
   * @throws io.inferc.common.ResourceClosedException if the tensor is closed
   */
  void bindInput(String name, Tensor tensor);

  /**
   * Binds a caller's tensor to an output, without a copy. It stays the caller's, and must stay open
   * until it is replaced or the session closed.
   *
   * @param name the output's name
   * @param tensor the tensor to write the output to; its shape must be the output's
   * @throws IllegalArgumentException if there is no such output, type, rank or a fixed size differ,
   *     or the back end cannot write that kind of memory
   * @throws io.inferc.common.ResourceClosedException if the tensor is closed
   */
  void bindOutput(String name, Tensor tensor);

  /**
   * Runs the model on the bound inputs.
   *
   * @throws io.inferc.common.InfercException if an input was never given a shape, inputs sharing a
   *     symbol disagree, the request is outside all profiles, or the run fails
   */
  void run();

  /**
   * Returns an output of the last run. Valid until the next run: an output whose size follows from
   * the inputs is written in place each time, one whose size is known only after the run is a new
   * tensor each time and the former is closed.
   *
   * @param name the output's name
   * @return the output; it belongs to the session
   * @throws IllegalArgumentException if there is no such output
   * @throws io.inferc.common.InfercException if nothing has been run since the shapes changed
   */
  Tensor output(String name);

  /**
   * Runs the model on the given tensors, without touching the bound ones.
   *
   * @param inputs one tensor for each input, by name
   * @return owned copies of all outputs, by name in the model's order, to be closed by the caller
   * @throws IllegalArgumentException for a missing or unknown name, a wrong type, rank or fixed
   *     size
   * @throws io.inferc.common.InfercException for a request outside all profiles, or if the run
   *     fails
   */
  Outputs run(Map<String, Tensor> inputs);

  /**
   * Runs the model as {@link #run(Map)} does and returns all outputs, those too that are no
   * tensors.
   *
   * @param inputs one tensor for each input, by name
   * @return owned copies of all outputs, by name: tensors in the model's order, then the
   *     {@linkplain CompiledModel#otherOutputs() others}; to be closed by the caller
   * @throws IllegalArgumentException for a missing or unknown name, a wrong type, rank or fixed
   *     size
   * @throws io.inferc.common.InfercException for a request outside all profiles, or if the run
   *     fails
   */
  default OutputValues runValues(Map<String, Tensor> inputs) {
    Map<String, Value> values = new LinkedHashMap<>();
    run(inputs).forEach((name, tensor) -> values.put(name, new Value.Single(tensor)));
    return OutputValues.of(values);
  }

  /**
   * Gives buffers back and frees native memory, waiting for a run under way as {@link
   * CompiledModel#close()} does.
   */
  @Override
  void close();
}
