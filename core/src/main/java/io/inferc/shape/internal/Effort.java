package io.inferc.shape.internal;

import io.inferc.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * How much may be spent on the proofs of one model, bodies included. Small models can have bodies
 * in bodies that are looked at again and again, and sizes that grow with every node; what is not
 * looked at is not proved.
 *
 * <p>For one thread at a time.
 */
final class Effort {
  /** As many looks at simple sizes, of which models of 100,000 nodes need a tenth. */
  private static final long MOST_WORK = 20_000_000;

  /** As many simple sizes, each of some 150 bytes. */
  private static final long MOST_KEPT = 2_000_000;

  private static final int OF_A_NODE = 4;

  private long work;
  private long kept;
  private @Nullable Outsized largest;

  boolean isSpent() {
    return work > MOST_WORK || kept > MOST_KEPT;
  }

  void look(NodeProof node) {
    work += OF_A_NODE + node.weight();
  }

  void keep(Node node, int output, Facts facts) {
    work += facts.weight();
    kept += facts.weight();
    largest = Outsized.larger(largest, node, output, facts);
  }

  void note(Outsized found) {
    largest = found;
  }

  @Nullable Outsized largest() {
    return largest;
  }
}
