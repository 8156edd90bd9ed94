package io.inferc.backend.migraphx;

import io.inferc.tensor.Tensor;

/**
 * How the inputs of one session get to a program and its outputs back. For one thread; closing it
 * frees what it holds.
 */
interface Execution extends AutoCloseable {
  /**
   * Lays tensors over a program's inputs, after checking each against it. The caller holds the
   * program until the next call or the end.
   *
   * @param program the program that the next runs are of
   * @param inputs one tensor for each input of the model
   */
  void bind(Program program, Tensor[] inputs) throws MigraphxCallException;

  /**
   * Runs the bound program once.
   *
   * @param results takes every output before this returns
   */
  void run(Results results) throws MigraphxCallException;

  @Override
  void close();

  /** Takes the outputs of a run. */
  @FunctionalInterface
  interface Results {
    /**
     * Takes one output; what it is given is valid for this call only.
     *
     * @param index the output's number
     * @param shape MIGraphX's handle of its shape
     * @param address where it begins in host memory
     */
    void take(int index, long shape, long address) throws MigraphxCallException;
  }
}
