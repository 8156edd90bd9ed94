package io.inferc.rewrite.half;

import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps in single precision what was not measured and grows beyond the range of FP16 on moderate
 * inputs: squares, powers, exponentials, long sums and products with huge constants, with what is
 * computed from them up to the function that makes it small again, such as a logarithm, a root or a
 * quotient. A spectrum is kept from the product that it is the square of, since a signal may have
 * any scale.
 */
final class HalfGrowth {
  private static final String REASON =
      "Moderate values can make it overflow, and nothing was measured.";

  /** They give small values whatever they read, or are the quotient that growth cancels in. */
  private static final Set<String> TAMING =
      Set.of(
          "ArgMax",
          "ArgMin",
          "Cos",
          "Div",
          "Hardmax",
          "InstanceNormalization",
          "GroupNormalization",
          "LayerNormalization",
          "Log",
          "LogSoftmax",
          "LpNormalization",
          "MeanVarianceNormalization",
          "Reciprocal",
          "RMSNormalization",
          "Sin",
          "Softmax",
          "Softsign",
          "Sqrt");

  /** They give the right value for infinity, too. */
  private static final Set<String> SATURATING =
      Set.of("Atan", "Erf", "HardSigmoid", "Sigmoid", "Sign", "Tanh");

  private static final Set<String> SQUARING =
      Set.of("Mul", "Pow", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp");
  private static final Set<String> WEIGHING =
      Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum");
  private static final Set<String> TRANSFORMING = Set.of("Conv", "MatMul", "Gemm", "DFT", "STFT");
  private static final Set<String> SUMMING = Set.of("Add", "Sum", "ReduceSum", "MatMul", "Conv");

  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfMasks masks;

  HalfGrowth(HalfGraph graph, HalfDecisions decisions, HalfMasks masks) {
    this.graph = graph;
    this.decisions = decisions;
    this.masks = masks;
  }

  /** Looks at the whole graph; the range of BF16 is that of FP32. */
  void apply() {
    if (graph.target != DataType.FLOAT16) {
      return;
    }
    for (int i = 0; i < graph.nodes.size(); i++) {
      boolean square = isSquare(i);
      if ((square || grows(i) || decisions.readsBeyond(i)) && !isMeasured(i)) {
        decisions.keep(i, REASON);
        follow(i, square);
        if (square) {
          signal(i);
        }
      }
    }
  }

  private boolean grows(int i) {
    return graph.is(i, HalfOperators.GROWING) || graph.is(i, HalfOperators.ACCUMULATING);
  }

  private boolean isSquare(int i) {
    List<String> inputs = graph.nodes.get(i).inputs();
    return graph.is(i, SQUARING)
        && graph.anySingle(graph.nodes.get(i).outputs())
        && (!graph.is(i, "Mul") || inputs.get(0).equals(inputs.get(1)));
  }

  private boolean isMeasured(int i) {
    return graph.nodes.get(i).outputs().stream()
        .anyMatch(o -> graph.isSingle(o) && masks.magnitude(o) >= 0);
  }

  /** Down to what makes the values small again. Exponentials end before the next weights. */
  private void follow(int from, boolean square) {
    Deque<Integer> open = new ArrayDeque<>(List.of(from));
    Set<Integer> seen = new HashSet<>();
    while (!open.isEmpty()) {
      for (int reader : graph.readersOfOutputs(open.remove())) {
        boolean stops =
            isMeasured(reader)
                || graph.is(reader, SATURATING)
                || isClosed(reader)
                || (!square && graph.is(reader, WEIGHING));
        if (!stops && seen.add(reader)) {
          decisions.keep(reader, REASON);
          if (!graph.is(reader, TAMING)) {
            open.add(reader);
          }
        }
      }
    }
  }

  /** Tells whether a Clip has both bounds. */
  private boolean isClosed(int i) {
    Node node = graph.nodes.get(i);
    boolean attributes = node.attribute("min").isPresent() && node.attribute("max").isPresent();
    boolean inputs = node.input(1).isPresent() && node.input(2).isPresent();
    return graph.is(i, "Clip") && (attributes || inputs);
  }

  /** Tells whether a reader adds a square up with other squares, as in a spectrum or an energy. */
  private boolean adds(int reader, int square) {
    if (!graph.is(reader, SUMMING)) {
      return false;
    }
    if (!graph.is(reader, "Add") && !graph.is(reader, "Sum")) {
      return true;
    }
    Set<String> made = new HashSet<>(graph.nodes.get(square).outputs());
    return graph.dataInputs(reader).stream()
        .allMatch(t -> made.contains(t) || (graph.producer(t) >= 0 && isSquare(graph.producer(t))));
  }

  /** Keeps the product that the squares of a sum are made of, through what only moves it. */
  private void signal(int square) {
    if (graph.readersOfOutputs(square).stream().noneMatch(r -> adds(r, square))) {
      return;
    }
    int at = graph.producer(graph.nodes.get(square).inputs().get(0));
    while (at >= 0 && graph.is(at, HalfOperators.MOVING)) {
      decisions.keep(at, REASON);
      at = graph.producer(graph.nodes.get(at).inputs().get(0));
    }
    if (at >= 0 && graph.is(at, TRANSFORMING)) {
      decisions.keep(at, REASON);
    }
  }
}
