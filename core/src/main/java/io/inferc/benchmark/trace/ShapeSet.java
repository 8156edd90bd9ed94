package io.inferc.benchmark.trace;

import io.inferc.tensor.Tensor;

/** The shapes of all inputs of a request, in the model's order; one object for each combination. */
final class ShapeSet {
  final long[][] sizes;
  final int hash;

  /** How many sizes there are in all. */
  final int count;

  final int largestRank;

  ShapeSet(long[][] sizes, int hash) {
    this.sizes = sizes;
    this.hash = hash;
    int all = 0;
    int largest = 0;
    for (long[] shape : sizes) {
      all = Math.addExact(all, shape.length);
      largest = Math.max(largest, shape.length);
    }
    count = all;
    largestRank = largest;
  }

  static ShapeSet of(Tensor[] inputs, int hash) {
    long[][] sizes = new long[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      sizes[i] = inputs[i].shape();
    }
    return new ShapeSet(sizes, hash);
  }

  /** Reads sizes one by one: an array of them would be allocated for each request. */
  static int hash(Tensor[] inputs) {
    long hash = 1;
    for (Tensor input : inputs) {
      int rank = input.rank();
      hash = hash * 31 + rank;
      for (int axis = 0; axis < rank; axis++) {
        hash = (hash ^ input.size(axis)) * 0x9E3779B97F4A7C15L;
      }
    }
    return (int) (hash ^ (hash >>> 32));
  }

  boolean isOf(Tensor[] inputs) {
    for (int i = 0; i < inputs.length; i++) {
      if (!inputs[i].hasShape(sizes[i])) {
        return false;
      }
    }
    return true;
  }
}
