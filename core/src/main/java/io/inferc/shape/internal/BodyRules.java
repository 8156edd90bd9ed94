package io.inferc.shape.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** If, Loop and Scan: what holds of every branch, and of every turn. */
final class BodyRules implements Rule {
  // Each time at least one size that changes is given up; ranks are few.
  private static final int MOST_ROUNDS = 12;
  private static final int SCAN_WITHOUT_BATCH = 9;

  private final BiFunction<Graph, List<Facts>, List<Facts>> body;

  /**
   * Creates the rules.
   *
   * @param body proves the outputs of a graph from what is known of its inputs
   */
  BodyRules(BiFunction<Graph, List<Facts>, List<Facts>> body) {
    this.body = body;
  }

  @Override
  public void prove(NodeProof node) {
    switch (node.op()) {
      case "If" -> branches(node);
      case "Loop" -> loop(node);
      default -> scan(node);
    }
  }

  private static Graph graph(NodeProof node, String name) {
    return node.node()
        .attribute(name)
        .filter(a -> a.kind() == Attribute.Kind.GRAPH)
        .map(Attribute::asGraph)
        .orElseThrow(Unproved::new);
  }

  private void branches(NodeProof node) {
    List<Facts> yes = body.apply(graph(node, "then_branch"), List.of());
    List<Facts> no = body.apply(graph(node, "else_branch"), List.of());
    for (int i = 0; i < node.outputCount(); i++) {
      node.prove(i, common(yes.get(i), no.get(i)));
    }
  }

  /** What holds of both; where their sizes differ, a size of which nothing is known. */
  private static Facts common(Facts a, Facts b) {
    List<Size> x = a.shape();
    List<Size> y = b.shape();
    if (x == null || y == null || x.size() != y.size()) {
      return Facts.NONE;
    }
    List<Size> shape = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      shape.add(
          x.get(i).equals(y.get(i))
              ? x.get(i)
              : Size.unknown(x.get(i).bounds().hull(y.get(i).bounds())));
    }
    Value value = a.value();
    return value != null && value.equals(b.value()) ? Facts.of(value) : Facts.of(shape);
  }

  private void loop(NodeProof node) {
    List<Facts> carried = new ArrayList<>();
    for (int i = 2; i < node.inputCount(); i++) {
      carried.add(withoutValue(node.facts(i)));
    }
    List<Facts> turn = List.of(Facts.of(List.of()), Facts.of(List.of()));
    List<Facts> results = turns(graph(node, "body"), turn, carried, List.of(), 1);
    for (int i = 0; i < node.outputCount(); i++) {
      Facts result =
          i < carried.size() ? carried.get(i) : stacked(results.get(i + 1), Size.unknown(), 0);
      node.prove(i, result);
    }
  }

  private void scan(NodeProof node) {
    NodeProof.require(node.opset() >= SCAN_WITHOUT_BATCH);
    int scanned = (int) node.integer("num_scan_inputs", 0);
    int states = node.inputCount() - scanned;
    NodeProof.require(scanned > 0 && states >= 0);
    List<Facts> carried = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      carried.add(withoutValue(node.facts(i)));
    }
    long[] axes = node.integers("scan_input_axes", scanned, 0);
    List<Facts> slices = new ArrayList<>();
    Size turns = Size.unknown();
    for (int i = 0; i < scanned; i++) {
      List<Size> shape = new ArrayList<>(node.shape(states + i));
      turns = shape.remove(NodeProof.axis(axes[i], shape.size()));
      slices.add(Facts.of(shape));
    }
    List<Facts> results = turns(graph(node, "body"), List.of(), carried, slices, 0);
    long[] outputAxes = node.integers("scan_output_axes", node.outputCount() - states, 0);
    for (int i = 0; i < node.outputCount(); i++) {
      Facts result =
          i < states ? carried.get(i) : stacked(results.get(i), turns, outputAxes[i - states]);
      node.prove(i, result);
    }
  }

  /**
   * Weakens what is known of the carried tensors until each turn leaves it as it is; by induction
   * it then holds of all. Afterwards they are what the last turn leaves.
   *
   * @return what the last look at the body gave
   */
  private List<Facts> turns(
      Graph graph, List<Facts> before, List<Facts> carried, List<Facts> after, int skipped) {
    Set<Size> changing = new HashSet<>();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      List<Facts> inputs = new ArrayList<>(before);
      inputs.addAll(carried);
      inputs.addAll(after);
      List<Facts> outputs = body.apply(graph, inputs);
      boolean weakened = false;
      for (int i = 0; i < carried.size(); i++) {
        Facts next = weakened(carried.get(i), outputs.get(i + skipped), changing);
        weakened |= !next.equals(carried.get(i));
        carried.set(i, next);
      }
      if (!weakened) {
        carried.replaceAll(f -> ofLastTurn(f, changing));
        return outputs;
      }
    }
    throw new Unproved();
  }

  private static Facts weakened(Facts before, Facts after, Set<Size> changing) {
    List<Size> x = before.shape();
    List<Size> y = after.shape();
    if (x == null || y == null || x.size() != y.size()) {
      return Facts.NONE;
    }
    List<Size> shape = new ArrayList<>();
    for (int i = 0; i < x.size(); i++) {
      Size size = x.get(i);
      if (!changing.contains(size) && !size.equals(y.get(i))) {
        size = Size.unknown();
        changing.add(size);
      }
      shape.add(size);
    }
    return Facts.of(shape);
  }

  /** A size that changes is another one after each turn. */
  private static Facts ofLastTurn(Facts facts, Set<Size> changing) {
    List<Size> shape = facts.shape();
    return shape == null
        ? facts
        : Facts.of(shape.stream().map(s -> changing.contains(s) ? Size.unknown() : s).toList());
  }

  private static Facts withoutValue(Facts facts) {
    List<Size> shape = facts.shape();
    return shape == null ? Facts.NONE : Facts.of(shape);
  }

  /** A tensor for each turn, along a new axis; unknown sizes of a turn mean nothing outside. */
  private static Facts stacked(Facts each, Size turns, long axis) {
    List<Size> shape = each.shape();
    if (shape == null) {
      return Facts.NONE;
    }
    List<Size> all = new ArrayList<>();
    for (Size size : shape) {
      all.add(size.isNumber() || size.symbol().isPresent() ? size : Size.unknown());
    }
    long at = axis < 0 ? axis + all.size() + 1 : axis;
    NodeProof.require(at >= 0 && at <= all.size());
    all.add((int) at, turns);
    return Facts.of(all);
  }
}
