package io.inferc.spi;

import io.inferc.runtime.Value;
import io.inferc.tensor.Tensor;

/**
 * One thread's way into a model. The caller guarantees that calls never overlap, that tensors have
 * the declared type and rank and are open, and that shapes lie within the profile.
 */
public interface BackendSession extends AutoCloseable {
  /**
   * Reads an input from this tensor from now on. The tensor stays the caller's.
   *
   * @param index the input's number
   * @param tensor the tensor to read
   */
  void bindInput(int index, Tensor tensor);

  /**
   * Writes an output to this tensor from now on. The tensor stays the caller's, and its shape is
   * the one the output will have for the bound inputs.
   *
   * @param index the output's number
   * @param tensor the tensor to write
   */
  void bindOutput(int index, Tensor tensor);

  /**
   * Lets the runtime allocate an output on each run, because its size is not known before. This is
   * the state in which a session starts.
   *
   * @param index the output's number
   */
  void unbindOutput(int index);

  /**
   * Runs the model once.
   *
   * @throws OutputShapeException if an output turns out not to fit the tensor bound to it
   * @throws io.inferc.common.InfercException if the runtime reports an error; the session can be
   *     used again
   */
  void run();

  /**
   * Takes an output of the last run that no tensor was bound to.
   *
   * @param index the output's number
   * @return a copy in host memory, owned by the caller
   */
  Tensor takeOutput(int index);

  /**
   * Sets whether runs also make the outputs that are no tensors; at first they do not. Called only
   * for models that have some.
   *
   * @param made true to make them
   */
  default void makeOthers(boolean made) {
    throw new UnsupportedOperationException("this back end returns nothing but tensors");
  }

  /**
   * Takes an output that is no tensor of the last run, if that made it.
   *
   * @param index its number among {@link BackendModel#otherOutputs()}
   * @return a copy, owned by the caller
   */
  default Value takeOther(int index) {
    throw new UnsupportedOperationException("this back end returns nothing but tensors");
  }

  /** Frees what the session holds; bound tensors are left alone. Called once. */
  @Override
  void close();
}
