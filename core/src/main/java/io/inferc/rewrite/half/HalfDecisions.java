package io.inferc.rewrite.half;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.TensorTypes;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides for each node whether it computes in half precision. */
final class HalfDecisions {
  /** What becomes of a node. */
  enum Form {
    /** It computes in half precision. */
    HALF,
    /** It stays in single precision. */
    SINGLE,
    /** It reads whatever there is, and makes nothing in single precision. */
    ANY,
    /** A Cast to single precision of something else, which can cast to half as well. */
    SOURCE
  }

  private final HalfGraph graph;
  private final HalfValues values;
  private final HalfMasks masks;
  private final HalfOptions options;
  private final Form[] forms;
  private final @Nullable String[] reasons;
  private final boolean[] stored;
  private final boolean[] beyond;

  HalfDecisions(HalfGraph graph, HalfValues values, HalfMasks masks, HalfOptions options) {
    this.graph = graph;
    this.values = values;
    this.masks = masks;
    this.options = options;
    forms = new Form[graph.nodes.size()];
    reasons = new String[graph.nodes.size()];
    stored = new boolean[graph.nodes.size()];
    beyond = new boolean[graph.nodes.size()];
    for (int i = 0; i < forms.length; i++) {
      forms[i] = Form.HALF;
      decide(i);
    }
  }

  Form form(int node) {
    return forms[node];
  }

  boolean isHalf(int node) {
    return forms[node] == Form.HALF;
  }

  /** Why a node stays in single precision; empty if it does not, or there was nothing to decide. */
  Optional<String> reason(int node) {
    return Optional.ofNullable(reasons[node]);
  }

  /** Keeps a node in single precision, unless something else was decided already. */
  void keep(int node, String reason) {
    if (forms[node] == Form.HALF) {
      forms[node] = Form.SINGLE;
      reasons[node] = reason;
    }
  }

  /** Keeps every node that is left in single precision, since the target gains nothing. */
  void keepAll(String reason) {
    for (int i = 0; i < forms.length; i++) {
      if (forms[i] == Form.HALF) {
        keep(i, reason);
        stored[i] = true;
      }
    }
  }

  /** Tells whether a node reads a constant that half precision cannot hold, and is no mask. */
  boolean readsBeyond(int node) {
    return beyond[node];
  }

  /** Tells whether a node computes in single precision for the target's sake alone. */
  boolean isStored(int node) {
    return stored[node];
  }

  private void decide(int i) {
    Node node = graph.nodes.get(i);
    if (!graph.touchesSingle(i) || graph.is(i, "Constant")) {
      forms[i] = Form.ANY;
    } else if (node.hasSubgraphs()) {
      keep(i, "The graphs inside the node stay as they are, so the node does as a whole.");
    } else if (graph.signature(i).isEmpty()) {
      keep(i, "The element types of operator " + label(node) + " are not known.");
    } else if (graph.is(i, TensorTypes.CONTAINING)) {
      keep(i, "The tensors of a sequence or an optional value keep their type.");
    } else if (graph.is(i, "BitCast")) {
      keep(i, "BitCast takes the bits of its input for another type of the same width.");
    } else if (graph.is(i, "Cast") && castForm(node) != Form.HALF) {
      forms[i] = castForm(node);
    } else if (readsOnly(i, node)) {
      forms[i] = Form.ANY;
    } else {
      byRule(i, node);
    }
  }

  private Form castForm(Node node) {
    if (!graph.isSingle(node.outputs().get(0))) {
      return Form.ANY;
    }
    return graph.isSingle(node.inputs().get(0)) ? Form.HALF : Form.SOURCE;
  }

  /** Tells whether a node asks something of one tensor that is the same in half precision. */
  private boolean readsOnly(int i, Node node) {
    return !graph.anySingle(node.outputs())
        && !node.inputs().isEmpty()
        && graph.isSingle(node.inputs().get(0))
        && !graph.anySingle(node.inputs().subList(1, node.inputs().size()))
        && !graph.is(i, "QuantizeLinear")
        && graph.isAdmitted(i);
  }

  private void byRule(int i, Node node) {
    NumericPrecision planned = options.planned(node.name());
    if (planned != options.precision()) {
      keep(i, "The plan has it at " + planned + ": " + options.plannedReason(node.name()) + ".");
    } else if (options.kernels().refusal(graph.use(i)).isPresent()) {
      keep(i, "On the target, " + options.kernels().refusal(graph.use(i)).get());
    } else if (!graph.isAdmitted(i)) {
      keep(i, typeReason(i, node));
    } else if (!turnsAnything(i, node)) {
      forms[i] = Form.SINGLE;
    } else if (graph.unknownInput(i).isPresent()) {
      keep(i, "Nothing says which type its input '" + graph.unknownInput(i).get() + "' has.");
    } else if (graph.is(i, HalfOperators.GENERATING) || trains(i, node)) {
      keep(i, "What " + label(node) + " makes depends on its element type.");
    } else if (graph.is(i, HalfOperators.ACCUMULATING)) {
      keep(i, label(node) + " accumulates more than " + options.precision() + " can hold.");
    } else {
      byConstants(i, node);
      byRange(i, node);
    }
  }

  /** A Dropout that drops anything draws it at random. */
  private boolean trains(int i, Node node) {
    return graph.is(i, "Dropout")
        && node.input(2)
            .filter(mode -> graph.constant(mode).map(c -> c.longs()[0] != 0).orElse(true))
            .isPresent();
  }

  private boolean turnsAnything(int i, Node node) {
    for (int k = 0; k < node.inputs().size(); k++) {
      if (graph.turnsInput(i, k)) {
        return true;
      }
    }
    for (int k = 0; k < node.outputs().size(); k++) {
      if (graph.turnsOutput(i, k)) {
        return true;
      }
    }
    return false;
  }

  private String typeReason(int i, Node node) {
    String since =
        graph
            .firstAdmitting(i)
            .map(v -> "; it does from opset " + v + " on")
            .orElse(", nor at any newer one");
    return label(node)
        + " does not take "
        + graph.target
        + " at opset "
        + graph.opset
        + since
        + ".";
  }

  private void byConstants(int i, Node node) {
    List<String> inputs = node.inputs();
    for (int k = 0; k < inputs.size(); k++) {
      if (!graph.turnsInput(i, k)) {
        continue;
      }
      Optional<Initializer> constant = graph.constant(inputs.get(k));
      if (constant.isPresent()) {
        objection(i, k, constant.get())
            .ifPresent(why -> keep(i, "Its constant '" + constant.get().name() + "' " + why));
      }
    }
  }

  private Optional<String> objection(int node, int input, Initializer constant) {
    if (!values.fitsInMemory(constant)) {
      return Optional.of("is too large to be rewritten.");
    }
    HalfValues.Extremes e = values.extremes(constant);
    if (e.largest() > values.largest() && masks.role(node, input) == HalfValues.Clamp.NONE) {
      beyond[node] = true;
      return Optional.of("reaches " + e.largest() + ", beyond " + values.largest() + ".");
    }
    if (!e.isZero() && e.largest() < values.smallestNormal()) {
      return Optional.of(
          "is at most " + e.largest() + ", below the smallest normal " + graph.target + ".");
    }
    boolean divisor =
        (graph.is(node, "BatchNormalization") && input == 4)
            || (graph.is(node, "Div") && input == 1)
            || (isQuantization(node) && input == 1);
    if (divisor && e.smallest() < values.smallestNormal()) {
      return Optional.of(
          "is a divisor or scale with values down to "
              + e.smallest()
              + ", below the smallest normal "
              + graph.target
              + ".");
    }
    return Optional.empty();
  }

  private boolean isQuantization(int node) {
    return graph.is(node, "QuantizeLinear") || graph.is(node, "DequantizeLinear");
  }

  /** The range of BF16 is that of FP32, so measured ranges matter to FP16 only. */
  private void byRange(int i, Node node) {
    if (graph.target != DataType.FLOAT16) {
      return;
    }
    boolean measured = false;
    for (int k = 0; k < node.inputs().size() + node.outputs().size(); k++) {
      boolean input = k < node.inputs().size();
      String tensor = input ? node.inputs().get(k) : node.outputs().get(k - node.inputs().size());
      if (!graph.isSingle(tensor) || graph.constant(tensor).isPresent()) {
        continue;
      }
      float magnitude = masks.magnitude(tensor);
      measured |= !input && magnitude >= 0;
      if (magnitude > options.limit()) {
        keep(
            i,
            "Its "
                + (input ? "input '" : "output '")
                + tensor
                + "' reached "
                + magnitude
                + " in the reference run, more than the limit of "
                + options.limit()
                + ".");
      }
    }
    if (!measured && graph.is(i, HalfOperators.GROWING)) {
      keep(i, "Moderate values can make " + label(node) + " overflow, and it was not measured.");
    }
  }

  private static String label(Node node) {
    return node.domain().isEmpty() ? node.opType() : node.domain() + "." + node.opType();
  }
}
