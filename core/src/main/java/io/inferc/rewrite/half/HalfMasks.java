package io.inferc.rewrite.half;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises huge constants that only say "not this one", as attention masks do, and measures
 * tensors without them.
 */
final class HalfMasks {
  // BERT's masks say -10,000; nobody adds that to real data for another reason.
  private static final float FROM = 1e4f;
  private static final int FARTHEST = 16;
  private static final Set<String> PASSING = Set.of("Add", "Sub", "Where", "Min", "Max");

  private static final Set<String> BOUNDING = Set.of("Clip", "Max", "Min");
  private static final Set<String> SCALING = Set.of("Sub", "Mul");

  private final HalfGraph graph;
  private final HalfValues values;
  private final @Nullable CalibrationTable table;
  private final Set<String> masked = new HashSet<>();

  HalfMasks(HalfGraph graph, HalfValues values, @Nullable CalibrationTable table) {
    this.graph = graph;
    this.values = values;
    this.table = table;
    for (int i = 0; i < graph.nodes.size(); i++) {
      Node node = graph.nodes.get(i);
      if (masks(i) || passesOn(i, node)) {
        for (String output : node.outputs()) {
          if (graph.isSingle(output)) {
            masked.add(output);
          }
        }
      }
    }
  }

  private boolean passesOn(int index, Node node) {
    boolean passing = graph.is(index, HalfOperators.MOVING) || graph.is(index, PASSING);
    return passing && !Collections.disjoint(node.inputs(), masked);
  }

  private boolean masks(int node) {
    List<String> inputs = graph.nodes.get(node).inputs();
    if (graph.is(node, "ConstantOfShape")) {
      return fill(node).filter(f -> values.extremes(f).lowest() <= -FROM).isPresent();
    }
    for (int i = 0; i < inputs.size(); i++) {
      Optional<Initializer> constant = constant(node, i);
      if (constant.isPresent()) {
        HalfValues.Extremes e = values.extremes(constant.get());
        boolean far = graph.is(node, "Sub") ? e.highest() >= FROM : e.lowest() <= -FROM;
        if (far && role(node, i) == HalfValues.Clamp.MASK) {
          return true;
        }
      }
    }
    return false;
  }

  /** The value that a ConstantOfShape node fills its output with, if it is written down. */
  Optional<Initializer> fill(int node) {
    Node n = graph.nodes.get(node);
    return n.attribute("value")
        .map(a -> a.asTensor().withName(n.outputs().get(0)))
        .filter(c -> c.type() == DataType.FLOAT32);
  }

  private Optional<Initializer> constant(int node, int input) {
    String name = graph.nodes.get(node).inputs().get(input);
    return graph.isSingle(name) ? graph.constant(name) : Optional.empty();
  }

  /**
   * Says what a constant beyond the range of half precision stands for at an input of a node: a
   * weight is what it is, but a mask may be any value that is far enough away.
   */
  HalfValues.Clamp role(int node, int input) {
    Optional<Initializer> constant = constant(node, input);
    if (constant.isEmpty()) {
      return HalfValues.Clamp.NONE;
    }
    HalfValues.Extremes e = values.extremes(constant.get());
    boolean below = e.highest() <= values.largest();
    boolean above = e.lowest() >= -values.largest();
    List<String> inputs = graph.nodes.get(node).inputs();
    boolean mask =
        switch (graph.nodes.get(node).opType()) {
          case "Where" -> input > 0;
          case "Add" -> below;
          case "Sub" -> input == 1 && above;
          case "Mul" -> below && isZeroToOne(inputs.get(1 - input), FARTHEST);
          default -> graph.is(node, HalfOperators.MOVING);
        };
    if (mask) {
      return HalfValues.Clamp.MASK;
    }
    return graph.is(node, BOUNDING) ? HalfValues.Clamp.BOUND : HalfValues.Clamp.NONE;
  }

  /** Tells whether a tensor comes from truth values or integers, perhaps turned round. */
  private boolean isZeroToOne(String tensor, int depth) {
    Optional<TensorRange> range = range(tensor);
    if (range.isPresent()) {
      return range.get().observedAbsMax() <= 1;
    }
    int producer = graph.producer(tensor);
    if (producer < 0 || depth == 0) {
      return false;
    }
    Node node = graph.nodes.get(producer);
    if (graph.is(producer, "Cast")) {
      DataType from = graph.type(node.inputs().get(0)).orElse(DataType.FLOAT32);
      return from == DataType.BOOL || from.isInteger() || isZeroToOne(node.inputs().get(0), 0);
    }
    if (graph.is(producer, SCALING)) {
      List<String> data = graph.dataInputs(producer);
      return !data.isEmpty() && data.stream().allMatch(d -> isZeroToOne(d, depth - 1));
    }
    return graph.is(producer, HalfOperators.MOVING) && isZeroToOne(node.inputs().get(0), depth - 1);
  }

  /** What was seen of a tensor, or of what a Cast made of it. */
  Optional<TensorRange> range(String tensor) {
    CalibrationTable measured = table;
    if (measured == null) {
      return Optional.empty();
    }
    Optional<TensorRange> direct = measured.range(tensor);
    if (direct.isPresent()) {
      return direct;
    }
    int producer = graph.producer(tensor);
    if (producer >= 0 && graph.is(producer, "Cast")) {
      Optional<TensorRange> before = measured.range(graph.nodes.get(producer).inputs().get(0));
      if (before.isPresent()) {
        return before;
      }
    }
    return graph.readers(tensor).stream()
        .filter(r -> graph.is(r, "Cast"))
        .flatMap(r -> measured.range(graph.nodes.get(r).outputs().get(0)).stream())
        .findFirst();
  }

  /** The largest magnitude seen of a tensor, what is masked out not counted; -1 if none was. */
  float magnitude(String tensor) {
    Optional<TensorRange> range = range(tensor);
    if (range.isEmpty()) {
      return -1;
    }
    return masked.contains(tensor)
        ? Math.max(0, range.get().observedMax())
        : range.get().observedAbsMax();
  }
}
