package io.inferc.rewrite.half;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores weights in half precision for a target that computes in single precision whatever a model
 * says: a Cast makes them what they were, which the target does once while it loads the model. The
 * answers are those of half-precision weights, at the speed of single precision.
 */
final class HalfStorage {
  // A Cast and its names take about as much room as is saved of so many numbers.
  private static final long SMALLEST = 128;

  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfValues values;
  private final HalfOptions options;
  private final List<Initializer> weights = new ArrayList<>();

  /** Decides which weights to store; where the target does compute in the type, none. */
  HalfStorage(HalfGraph graph, HalfDecisions decisions, HalfValues values, HalfOptions options) {
    this.graph = graph;
    this.decisions = decisions;
    this.values = values;
    this.options = options;
    if (!options.arithmetic()) {
      decisions.keepAll(
          "The target gains nothing from computing in "
              + options.precision()
              + ": it computes in FP32, from weights that are stored in "
              + options.precision()
              + ".");
      graph.graph.initializers().stream().filter(this::isStored).forEach(weights::add);
    }
  }

  boolean isEmpty() {
    return weights.isEmpty();
  }

  private boolean isStored(Initializer constant) {
    String name = constant.name();
    return constant.type() == DataType.FLOAT32
        && constant.elementCount() >= SMALLEST
        && graph.constant(name).isPresent()
        && !graph.isOutput(name)
        && !graph.readers(name).isEmpty()
        && graph.readers(name).stream().allMatch(r -> mayRound(r, name))
        && values.fitsInMemory(constant)
        && isHeld(values.extremes(constant));
  }

  private boolean isHeld(HalfValues.Extremes e) {
    return e.largest() <= values.largest()
        && (e.isZero() || e.largest() >= values.smallestNormal());
  }

  /** Tells whether a reader would compute in half precision on another target, or is a body. */
  private boolean mayRound(int reader, String constant) {
    Node node = graph.nodes.get(reader);
    if (node.hasSubgraphs()) {
      return !node.inputs().contains(constant)
          && options.planned(node.name()) == options.precision();
    }
    for (int k = 0; k < node.inputs().size(); k++) {
      if (node.inputs().get(k).equals(constant) && !graph.turnsInput(reader, k)) {
        return false;
      }
    }
    return decisions.isStored(reader);
  }

  /** Writes the stored weights into the graph that everything else was written into. */
  Graph write(Graph written, GraphPass pass, RewriteLog log) {
    if (weights.isEmpty()) {
      return written;
    }
    GraphEditor editor = written.edit();
    Node first = written.nodes().get(0);
    String suffix = options.target() == DataType.FLOAT16 ? "_fp16" : "_bf16";
    for (Initializer constant : weights) {
      String name = editor.freshName(constant.name() + suffix);
      Initializer half = values.convert(constant, name, HalfValues.Clamp.NONE);
      Node cast =
          Node.builder("Cast")
              .name(editor.freshName(name + "_to_fp32"))
              .inputs(name)
              .outputs(constant.name())
              .attribute(Attribute.of("to", (long) DataType.FLOAT32.onnxCode()))
              .build();
      editor.removeInitializer(constant.name()).putInitializer(half);
      if (graph.declaresConstants()) {
        editor.removeInput(constant.name()).addInput(half.spec());
      }
      editor.insertBefore(first, cast);
      log.changed(
          pass, cast.name(), "Stores '" + constant.name() + "' in " + options.target() + ".");
    }
    return editor.build();
  }
}
