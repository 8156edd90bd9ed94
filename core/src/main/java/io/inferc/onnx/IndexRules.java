package io.inferc.onnx;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for constant indices outside the tensors that they point into. Some runtimes read and write
 * there without a look.
 */
final class IndexRules {
  /** No dimension comes near it, and sums with it do not overflow. */
  static final long FARTHEST = 1L << 48;

  private final KnownTensors known;

  IndexRules(KnownTensors known) {
    this.known = known;
  }

  /** Whether a tensor has no elements, as far as that is known. */
  boolean isEmpty(String name) {
    long @Nullable [] dims = known.sizes(name);
    return dims != null && Arrays.stream(dims).anyMatch(d -> d == 0);
  }

  /**
   * Says what is wrong with constant indices.
   *
   * @param node a node whose second input they are
   * @param indices their values
   * @return a sentence, or nothing
   */
  Optional<String> objection(Node node, long... indices) {
    long @Nullable [] dims = node.input(0).map(known::sizes).orElse(null);
    long @Nullable [] shape = node.input(1).map(known::sizes).orElse(null);
    boolean tuples = node.opType().endsWith("ND");
    int first = tuples ? batches(node) : axis(node, dims);
    int length = tuples && shape != null && shape.length > 0 ? (int) shape[shape.length - 1] : 1;
    for (int i = 0; i < indices.length; i++) {
      int axis = first + i % Math.max(1, length);
      long size = dims == null || axis < 0 || axis >= dims.length ? -1 : dims[axis];
      long bound = size < 0 ? FARTHEST : size;
      if (indices[i] < -bound || indices[i] >= bound) {
        return Optional.of(
            "One is "
                + indices[i]
                + ", and "
                + (size < 0 ? "no tensor is as large." : "the dimension has " + size + "."));
      }
    }
    return Optional.empty();
  }

  private static int batches(Node node) {
    return (int) Math.max(0, Math.min(64, AttributeValues.integer(node, "batch_dims").orElse(0L)));
  }

  private static int axis(Node node, long @Nullable [] dims) {
    long axis = AttributeValues.integer(node, "axis").orElse(0L);
    return (int) Math.max(-1, Math.min(64, axis < 0 && dims != null ? axis + dims.length : axis));
  }
}
