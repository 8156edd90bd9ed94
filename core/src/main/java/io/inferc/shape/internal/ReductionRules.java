package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Operators that make one element of many along some axes. */
final class ReductionRules {
  private static final List<String> REDUCE =
      List.of("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare");

  private ReductionRules() {}

  static void addTo(Map<String, Rule> rules) {
    REDUCE.forEach(kind -> rules.put("Reduce" + kind, ReductionRules::reduce));
    rules.put("ArgMax", ReductionRules::argument);
    rules.put("ArgMin", ReductionRules::argument);
    rules.put("Det", n -> n.prove(0, n.shape(0).subList(0, n.shape(0).size() - 2)));
  }

  private static void reduce(NodeProof node) {
    List<Size> shape = node.shape(0);
    boolean keep = node.integer("keepdims", 1) == 1;
    if (node.integers("axes").isEmpty() && node.has(1) && node.value(1).isEmpty()) {
      unknownAxes(node, shape, keep);
      return;
    }
    long[] axes = node.integers("axes", 1);
    if (axes == null || axes.length == 0) {
      if (node.integer("noop_with_empty_axes", 0) == 1) {
        node.prove(0, shape);
        return;
      }
      axes = new long[shape.size()];
      for (int i = 0; i < axes.length; i++) {
        axes[i] = i;
      }
    }
    Set<Integer> reduced = new TreeSet<>();
    for (long axis : axes) {
      reduced.add(NodeProof.axis(axis, shape.size()));
    }
    List<Size> left = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!reduced.contains(i)) {
        left.add(shape.get(i));
      } else if (keep) {
        left.add(Size.ONE);
      }
    }
    node.prove(0, left);
    if (shape.size() == 1 && reduced.size() == 1) {
      value(node, keep);
    }
  }

  private static void unknownAxes(NodeProof node, List<Size> shape, boolean keep) {
    List<Size> left = new ArrayList<>();
    if (keep) {
      shape.forEach(s -> left.add(Size.unknown()));
    } else {
      List<Size> count = node.shape(1);
      NodeProof.require(count.size() == 1 && count.get(0).isNumber() && !count.get(0).is(0));
      // Axes that are named twice would leave more.
      NodeProof.require(count.get(0).is(1));
      for (int i = 1; i < shape.size(); i++) {
        left.add(Size.unknown());
      }
    }
    node.prove(0, left);
  }

  private static void value(NodeProof node, boolean keep) {
    Value value = node.value(0).orElseThrow(Unproved::new);
    String operator =
        switch (node.op()) {
          case "ReduceSum" -> "Add";
          case "ReduceProd" -> "Mul";
          case "ReduceMax" -> "Max";
          case "ReduceMin" -> "Min";
          default -> throw new Unproved();
        };
    NodeProof.require(!value.elements().isEmpty());
    Scalar result = value.elements().get(0);
    for (Scalar s : value.elements().subList(1, value.elements().size())) {
      result = Arithmetic.binary(operator, value.type(), result, s);
    }
    node.prove(0, new Value(value.type(), keep ? List.of(1) : List.of(), List.of(result)));
  }

  private static void argument(NodeProof node) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    int axis = NodeProof.axis(node.integer("axis", 0), shape.size());
    if (node.integer("keepdims", 1) == 1) {
      shape.set(axis, Size.ONE);
    } else {
      shape.remove(axis);
    }
    node.prove(0, shape);
  }
}
