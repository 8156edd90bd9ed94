package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a profile is to bind: each symbol of the inputs, and each dimension of which nothing is
 * known. A request is a point with one size for each.
 */
final class OpenSizes {
  /** A dimension of an input: a fixed size, or the number of an open one. */
  private record Axis(long fixed, int open) {}

  private static final int FIXED = -1;

  private final List<String> labels = new ArrayList<>();
  private final Map<String, Integer> symbols = new LinkedHashMap<>();
  private final Map<String, List<Axis>> axes = new LinkedHashMap<>();

  /** Inputs with a dimension that no symbol names, which a profile binds directly. */
  private final List<String> direct = new ArrayList<>();

  OpenSizes(List<TensorSpec> inputs, Set<RequestShapes> seen) {
    for (TensorSpec input : inputs) {
      List<Dimension> dimensions =
          input.shape().dimensions().orElseGet(() -> unknown(input.name(), seen));
      List<Axis> of = new ArrayList<>();
      for (int i = 0; i < dimensions.size(); i++) {
        of.add(axis(input.name(), i, dimensions.get(i)));
      }
      axes.put(input.name(), of);
    }
  }

  private static List<Dimension> unknown(String input, Set<RequestShapes> seen) {
    List<Integer> ranks =
        seen.stream()
            .map(shapes -> shapes.sizes().get(input))
            .filter(Objects::nonNull)
            .map(List::size)
            .distinct()
            .toList();
    if (ranks.size() > 1) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to suggest profiles for the input '"
              + input
              + "', whose rank the model does not declare, and requests had the ranks "
              + ranks
              + ".",
          "A profile has one rank for each input; declare the input's rank in the model, or compile"
              + " without profiles.");
    }
    return Collections.nCopies(ranks.isEmpty() ? 0 : ranks.get(0), Dimension.unknown());
  }

  private Axis axis(String input, int index, Dimension dimension) {
    if (dimension.isFixed()) {
      return new Axis(dimension.size().getAsLong(), FIXED);
    }
    if (dimension.symbol().isPresent()) {
      String symbol = dimension.symbol().get();
      return new Axis(0, symbols.computeIfAbsent(symbol, this::add));
    }
    if (!direct.contains(input)) {
      direct.add(input);
    }
    return new Axis(0, add(input + "[" + index + "]"));
  }

  private int add(String label) {
    labels.add(label);
    return labels.size() - 1;
  }

  int count() {
    return labels.size();
  }

  /** The point of a request; null if one symbol has two sizes in it, or a fixed size is another. */
  long @Nullable [] point(RequestShapes shapes) {
    long[] point = new long[labels.size()];
    boolean[] known = new boolean[labels.size()];
    for (Map.Entry<String, List<Axis>> input : axes.entrySet()) {
      List<Long> shape = shapes.sizes().get(input.getKey());
      List<Axis> of = input.getValue();
      if (shape == null || shape.size() != of.size()) {
        return null;
      }
      for (int i = 0; i < of.size(); i++) {
        Axis axis = of.get(i);
        long size = shape.get(i);
        if (axis.open == FIXED
            ? size != axis.fixed
            : known[axis.open] && point[axis.open] != size) {
          return null;
        }
        if (axis.open != FIXED) {
          point[axis.open] = size;
          known[axis.open] = true;
        }
      }
    }
    return point;
  }

  /** The elements of all inputs of a request. */
  double elements(long[] point) {
    double all = 0;
    for (List<Axis> of : axes.values()) {
      double product = 1;
      for (Axis axis : of) {
        product *= axis.open == FIXED ? axis.fixed : point[axis.open];
      }
      all += product;
    }
    return all;
  }

  ShapeProfile profile(String name, long[] min, long[] opt, long[] max) {
    ShapeProfile profile = ShapeProfile.named(name);
    for (Map.Entry<String, Integer> symbol : symbols.entrySet()) {
      int i = symbol.getValue();
      profile = profile.range(symbol.getKey(), min[i], opt[i], max[i]);
    }
    for (String input : direct) {
      Range[] ranges =
          axes.getOrDefault(input, List.of()).stream()
              .map(
                  a ->
                      a.open == FIXED
                          ? Range.exactly(a.fixed)
                          : new Range(min[a.open], opt[a.open], max[a.open]))
              .toArray(Range[]::new);
      profile = profile.input(input, ranges);
    }
    return profile;
  }
}
