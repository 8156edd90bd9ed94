package io.inferc.benchmark.endpoint;

import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;

/**
 * What the outputs of one answer take of memory: an element may be a single byte in the answer and
 * eight behind it. Not safe for use by several threads.
 */
final class OutputMemory {
  /** How many tensors an answer may have, and a model's metadata of inputs or of outputs. */
  static final int TENSORS = 1000;

  // An empty text's object, and the place in the list that holds it.
  private static final int TEXT_BYTES = 32;

  private final long most;
  private long left;

  /** Allows as many bytes to all outputs together. */
  OutputMemory(long most) {
    this.most = most;
    this.left = most;
  }

  /**
   * Counts an output, before memory is taken for it.
   *
   * @param count how many elements it has, no more than the answer has bytes
   */
  void count(DataType type, long count) throws RequestFailure {
    left -= type == DataType.STRING ? count * TEXT_BYTES : type.byteSize(count);
    if (left < 0) {
      throw RequestFailure.broken(
          "the answer's outputs take more than the "
              + most
              + " bytes that EndpointOptions.maxAnswerBytes allows");
    }
  }

  /** Makes an output's tensor; where there is no memory for it, that is the answer's end alone. */
  static Tensor allocate(DataType type, long[] shape) throws RequestFailure {
    try {
      return Tensor.allocate(type, shape);
    } catch (InfercException e) {
      throw RequestFailure.broken("there is no memory for an output: " + ErrorText.of(e));
    }
  }

  /** Refuses one more tensor than there may be. */
  static void requireRoom(int tensors) throws RequestFailure {
    if (tensors >= TENSORS) {
      throw RequestFailure.broken("the answer has more than " + TENSORS + " tensors");
    }
  }
}
