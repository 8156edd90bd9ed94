package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Refuses operators whose result has one scale for operands that differ too much, as masks and what
 * they mask do: 8 bits would keep nothing of the narrower one, or clip the mask and so lose it.
 */
final class MixedRanges {
  private static final Set<String> COMBINING = Set.of("Add", "Sub", "Where", "Concat");
  private static final double STEPS = 255;
  private static final int LEAST_STEPS = 16;

  private final Function<String, Optional<TensorRange>> ranges;
  private final GraphFacts facts;

  MixedRanges(Function<String, Optional<TensorRange>> ranges, GraphFacts facts) {
    this.ranges = ranges;
    this.facts = facts;
  }

  /**
   * Looks at a node with one result.
   *
   * @throws CannotQuantizeException if 8 bits do not keep all its operands
   */
  void require(Node node, List<String> operands, TensorRange result) {
    double whole = width(result.observedMin(), result.observedMax());
    for (String operand : operands) {
      TensorRange range = range(operand);
      if (range != null) {
        whole = Math.max(whole, width(range.observedMin(), range.observedMax()));
      }
    }
    if (!COMBINING.contains(node.opType())) {
      return;
    }
    for (String operand : operands) {
      TensorRange range = range(operand);
      double own = range == null ? 0 : range.observedMax() - (double) range.observedMin();
      if (own > 0 && whole / STEPS * LEAST_STEPS > own) {
        throw new CannotQuantizeException(
            "beside the other values of its result, which reach over "
                + (float) whole
                + ", 8 bits would keep next to nothing of '"
                + operand
                + "'.");
      }
    }
  }

  private @Nullable TensorRange range(String operand) {
    Initializer constant =
        facts.constant(operand).filter(c -> c.type() == DataType.FLOAT32).orElse(null);
    if (constant == null) {
      return ranges.apply(operand).orElse(null);
    }
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : constant.floats()) {
      if (!(Math.abs(value) < TensorRange.MASK)) {
        throw new CannotQuantizeException(
            "its constant '" + operand + "' has the value " + value + ", which is no activation.");
      }
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return min <= max ? TensorRange.observed(min, max) : null;
  }

  /** How far values reach that are quantized together with zero. */
  private static double width(double min, double max) {
    return Math.max(max, 0) - Math.min(min, 0);
  }
}
