package io.inferc.backend.migraphx;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the node at which MIGraphX stops reading a model, which its interface does not tell: by
 * halves, from the models that consist of the first nodes only.
 */
final class ParseDiagnosis {
  // Enough for any graph that a person would look into; each step writes to standard error.
  private static final int MOST_STEPS = 20;

  private ParseDiagnosis() {}

  /** Reads a model as the failed attempt did. */
  @FunctionalInterface
  interface Reader {
    /** Tells whether MIGraphX reads the model. */
    boolean reads(byte[] model);
  }

  /** Returns the first node that is refused; empty if each alone is not to blame. */
  static Optional<Node> firstRefused(OnnxModel model, Reader reader) {
    List<Node> nodes = model.graph().nodes();
    // Of the first `good` nodes it is known that they can be read, of `bad` that they cannot.
    int good = 0;
    int bad = nodes.size();
    if (bad == 0 || reads(model, bad, reader)) {
      return Optional.empty();
    }
    for (int step = 0; bad - good > 1 && step < MOST_STEPS; step++) {
      int middle = (good + bad) >>> 1;
      if (reads(model, middle, reader)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return bad - good == 1 ? Optional.of(nodes.get(bad - 1)) : Optional.empty();
  }

  private static boolean reads(OnnxModel model, int count, Reader reader) {
    Graph whole = model.graph();
    List<Node> first = whole.nodes().subList(0, count);
    Set<String> read = new HashSet<>();
    first.forEach(n -> read.addAll(n.reads()));
    GraphBuilder part = Graph.builder(whole.name());
    whole.requiredInputs().forEach(i -> i.tensor().ifPresent(part::input));
    for (Initializer constant : whole.initializers()) {
      if (read.contains(constant.name())) {
        part.initializer(constant);
      }
    }
    first.forEach(part::node);
    first.get(count - 1).outputs().stream()
        .filter(o -> !o.isEmpty())
        .findFirst()
        .ifPresent(o -> part.output(ValueInfo.untyped(o)));
    return reader.reads(model.withGraph(part.build()).toBytes());
  }
}
