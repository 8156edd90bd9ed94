package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.ConstantEvaluator;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the entries of shapes that are proved, even where other entries of the same shape are open:
 * with a batch of any size, the width of a layer is still a constant.
 */
final class ShapeConstants {
  private static final Set<String> PICKING =
      Set.of("Gather", "Slice", "Squeeze", "Unsqueeze", "Identity");

  /** Part of a shape: the positions that were picked from it, in the dims they were brought to. */
  private record Picked(List<Dimension> shape, Initializer positions) {
    Optional<Initializer> value() {
      long[] at = positions.longs();
      long[] sizes = new long[at.length];
      for (int i = 0; i < at.length; i++) {
        Dimension d = shape.get((int) at[i]);
        if (!d.isFixed()) {
          return Optional.empty();
        }
        sizes[i] = d.size().getAsLong();
      }
      return Optional.of(Initializer.longs("", sizes, positions.dims()));
    }
  }

  private final Function<String, Optional<Initializer>> constants;
  private final Function<String, Optional<TensorShape>> shapes;
  private final Map<String, Picked> open = new HashMap<>();

  /**
   * Creates it, for nodes that are asked for in order.
   *
   * @param constants gives the value of a tensor if it is constant
   * @param shapes gives the shape of a tensor if it is proved
   */
  ShapeConstants(
      Function<String, Optional<Initializer>> constants,
      Function<String, Optional<TensorShape>> shapes) {
    this.constants = constants;
    this.shapes = shapes;
  }

  /**
   * Returns the value of a node that tells or picks entries of a shape, if all of them are known.
   */
  Optional<Initializer> value(Node node) {
    Optional<Picked> picked = Optional.empty();
    if (GraphView.is(node, "Shape")) {
      picked = shape(node);
    } else if (PICKING.contains(node.opType()) && node.domain().isEmpty() && !open.isEmpty()) {
      picked = node.input(0).map(open::get).flatMap(from -> pick(node, from));
    }
    Optional<Initializer> value = picked.flatMap(Picked::value);
    if (picked.isPresent() && value.isEmpty()) {
      open.put(node.outputs().get(0), picked.get());
    }
    return value;
  }

  private Optional<Picked> shape(Node node) {
    String tensor = node.inputs().get(0);
    Optional<List<Dimension>> dimensions =
        constants
            .apply(tensor)
            .map(c -> c.spec().shape())
            .or(() -> shapes.apply(tensor))
            .flatMap(s -> s.dimensions());
    return dimensions.map(d -> new Picked(d, range(node, d.size())));
  }

  /** The positions that the attributes start and end leave, from opset 15. */
  private static Initializer range(Node node, int rank) {
    long start = clamp(node.intAttribute("start", 0), rank);
    long end = clamp(node.intAttribute("end", rank), rank);
    long[] positions = new long[(int) Math.max(0, end - start)];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = start + i;
    }
    return Initializer.longs("", positions, positions.length);
  }

  private static long clamp(long bound, int rank) {
    return Math.max(0, Math.min(rank, bound < 0 ? bound + rank : bound));
  }

  private Optional<Picked> pick(Node node, Picked from) {
    List<@Nullable Initializer> inputs = new ArrayList<>(List.of(from.positions()));
    for (int i = 1; i < node.inputs().size(); i++) {
      Optional<Initializer> constant = constants.apply(node.inputs().get(i));
      if (constant.isEmpty() && !node.inputs().get(i).isEmpty()) {
        return Optional.empty();
      }
      inputs.add(constant.orElse(null));
    }
    try {
      return Optional.of(new Picked(from.shape(), ConstantEvaluator.evaluate(node, inputs)));
    } catch (CannotFoldException e) {
      return Optional.empty();
    }
  }
}
