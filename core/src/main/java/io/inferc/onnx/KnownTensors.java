package io.inferc.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sizes and values that a graph or function gives by name, with those of the graphs around it
 * where it has no tensor of that name itself.
 */
final class KnownTensors {
  private final @Nullable KnownTensors outer;
  // Whatever there is of a name here hides what is around.
  private final Set<String> own = new HashSet<>();
  // Unknown dimensions are -1.
  private final Map<String, long[]> sizes = new HashMap<>();
  private final Map<String, Initializer> constants = new HashMap<>();

  private KnownTensors(@Nullable KnownTensors outer) {
    this.outer = outer;
  }

  /** Knows the inputs and constants of a graph; what else it makes is open. */
  static KnownTensors of(Graph graph, @Nullable KnownTensors outer) {
    KnownTensors known = new KnownTensors(outer);
    for (ValueInfo input : graph.inputs()) {
      known.own.add(input.name());
      known.add(input);
    }
    for (Initializer constant : graph.initializers()) {
      // An input may get another value than the constant of its name.
      if (known.own.add(constant.name())) {
        known.add(constant.name(), constant);
      }
    }
    known.add(graph.nodes());
    return known;
  }

  /** Knows the constants of a function. */
  static KnownTensors of(Function function) {
    KnownTensors known = new KnownTensors(null);
    known.own.addAll(function.inputs());
    known.add(function.nodes());
    return known;
  }

  /** Knows the constants of a function, and what a call gives it. */
  static KnownTensors of(Function function, Node call, KnownTensors around) {
    KnownTensors known = of(function);
    int given = Math.min(call.inputs().size(), function.inputs().size());
    for (int i = 0; i < given; i++) {
      String name = function.inputs().get(i);
      long @Nullable [] sizes = around.sizes(call.inputs().get(i));
      if (sizes != null) {
        known.sizes.put(name, sizes);
      }
      @Nullable Initializer constant = around.constant(call.inputs().get(i));
      if (constant != null) {
        known.constants.put(name, constant);
      }
    }
    return known;
  }

  private void add(ValueInfo input) {
    var type = input.proto().getType();
    if (type.hasTensorType() && type.getTensorType().hasShape()) {
      sizes.put(
          input.name(),
          type.getTensorType().getShape().getDimList().stream()
              .mapToLong(d -> d.hasDimValue() ? d.getDimValue() : -1)
              .toArray());
    }
  }

  private void add(List<Node> nodes) {
    for (Node node : nodes) {
      own.addAll(node.outputs());
      value(node).ifPresent(v -> add(node.outputs().get(0), v));
    }
  }

  private void add(String name, Initializer constant) {
    sizes.put(name, constant.dims());
    constants.put(name, constant);
  }

  /** What a Constant node makes of numbers; nothing of others. */
  static Optional<Initializer> value(Node node) {
    if (!node.opType().equals("Constant") || node.outputs().size() != 1) {
      return Optional.empty();
    }
    return AttributeValues.written(node, "value", Attribute.Kind.TENSOR)
        .map(Attribute::asTensor)
        .or(
            () ->
                AttributeValues.integer(node, "value_int")
                    .map(v -> Initializer.longs("value", new long[] {v})))
        .or(
            () ->
                AttributeValues.written(node, "value_ints", Attribute.Kind.INTS)
                    .map(Attribute::asInts)
                    .map(v -> Initializer.longs("value", v, v.length)));
  }

  /** The dimensions of a tensor, -1 for those that are open, or nothing if none is known. */
  long @Nullable [] sizes(String name) {
    KnownTensors at = scope(name);
    return at == null ? null : at.sizes.get(name);
  }

  /** The value of a tensor, or nothing if it is not constant. */
  @Nullable Initializer constant(String name) {
    KnownTensors at = scope(name);
    return at == null ? null : at.constants.get(name);
  }

  private @Nullable KnownTensors scope(String name) {
    KnownTensors at = this;
    while (at != null && !at.own.contains(name)) {
      at = at.outer;
    }
    return at;
  }
}
