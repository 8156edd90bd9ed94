package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Slice, whose bounds may be computed and are clipped to the tensor. */
final class SliceRule implements Rule {
  // What exporters write for "to the end" is larger than any size.
  private static final long ENDLESS = Integer.MAX_VALUE;

  @Override
  public void prove(NodeProof node) {
    List<Size> shape = node.shape(0);
    int[] axes = axes(node, shape.size());
    if (axes == null) {
      node.prove(0, cut(shape));
      return;
    }
    List<@Nullable Size> starts = list(node, "starts", 1, axes.length);
    List<@Nullable Size> ends = list(node, "ends", 2, axes.length);
    List<@Nullable Size> steps = steps(node, axes.length);
    List<Size> sliced = new ArrayList<>(shape);
    Value value = node.value(0).orElse(null);
    for (int i = 0; i < axes.length; i++) {
      Size size = shape.get(axes[i]);
      Size start = starts.get(i);
      Size end = ends.get(i);
      Size step = steps.get(i);
      Size length =
          start == null || end == null || step == null || !step.isNumber()
              ? upTo(size)
              : length(size, start, end, step.number());
      sliced.set(axes[i], length);
      value = value == null ? null : slice(value, axes[i], start, end, step);
    }
    node.prove(0, sliced);
    if (value != null) {
      node.prove(0, value);
    }
  }

  private static int @Nullable [] axes(NodeProof node, int rank) {
    Optional<long[]> attribute = node.integers("axes");
    long[] given = attribute.orElse(null);
    if (given == null && node.has(3)) {
      if (node.value(3).isEmpty()) {
        return null;
      }
      given = node.numbers(3);
    }
    if (given != null) {
      return Arrays.stream(given).mapToInt(a -> NodeProof.axis(a, rank)).toArray();
    }
    Optional<long[]> starts = node.integers("starts");
    long count = starts.isPresent() ? starts.get().length : node.shape(1).get(0).number();
    NodeProof.require(count <= rank);
    int[] axes = new int[(int) count];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  private static List<@Nullable Size> list(NodeProof node, String name, int input, int count) {
    Optional<long[]> attribute = node.integers(name);
    List<@Nullable Size> sizes = new ArrayList<>();
    if (attribute.isPresent()) {
      Arrays.stream(attribute.get()).forEach(v -> sizes.add(Size.of(v)));
    } else if (node.value(input).isPresent()) {
      sizes.addAll(node.wholes(input));
    } else {
      for (int i = 0; i < count; i++) {
        sizes.add(null);
      }
    }
    NodeProof.require(sizes.size() == count);
    return sizes;
  }

  private static List<@Nullable Size> steps(NodeProof node, int count) {
    if (node.has(4)) {
      return list(node, "steps", 4, count);
    }
    List<@Nullable Size> ones = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ones.add(Size.ONE);
    }
    return ones;
  }

  private static List<Size> cut(List<Size> shape) {
    return shape.stream().map(SliceRule::upTo).toList();
  }

  private static Size upTo(Size size) {
    return Size.unknown(new Bounds(0, Math.max(0, size.bounds().max())));
  }

  private static Size length(Size size, Size start, Size end, long step) {
    NodeProof.require(step != 0);
    Size span = step > 0 ? forward(size, start, end) : backward(size, start, end);
    return span == null
        ? upTo(size)
        : Sizes.max(Size.ZERO, Sizes.ceilDiv(span, Size.of(Math.abs(step))));
  }

  private static @Nullable Size forward(Size size, Size start, Size end) {
    Size from = counted(size, start);
    Size to = counted(size, end);
    if (from == null || to == null) {
      return null;
    }
    return clipped(to, Size.ZERO, size).minus(clipped(from, Size.ZERO, size));
  }

  private static @Nullable Size backward(Size size, Size start, Size end) {
    Size last = size.plus(-1);
    Size from = counted(size, start);
    Size to = end.bounds().max() < -ENDLESS ? Size.MINUS_ONE : counted(size, end);
    if (from == null || to == null) {
      return null;
    }
    // The start is clipped to the first place, as the specification has it. An empty tensor has no
    // last place, but then nothing is left whatever the bounds say.
    Size first = from.equals(last) ? last : clipped(from, Size.ZERO, last);
    return first.minus(clipped(to, Size.MINUS_ONE, last));
  }

  private static Size clipped(Size at, Size least, Size most) {
    return Sizes.min(Sizes.max(at, least), most);
  }

  /** A place counted from the front; null if it may be counted from either side. */
  private static @Nullable Size counted(Size size, Size at) {
    if (at.bounds().min() >= 0) {
      return at.isNumber() && at.number() >= ENDLESS && size.bounds().max() <= ENDLESS ? size : at;
    }
    if (at.bounds().max() >= 0) {
      return null;
    }
    return at.bounds().max() < -ENDLESS ? Size.MINUS_ONE : size.plus(at);
  }

  private static @Nullable Value slice(
      Value value, int axis, @Nullable Size start, @Nullable Size end, @Nullable Size step) {
    if (start == null
        || end == null
        || step == null
        || !start.isNumber()
        || !end.isNumber()
        || !step.isNumber()
        || step.is(0)) {
      return null;
    }
    int size = value.shape().get(axis);
    int by = (int) Math.max(-ENDLESS, Math.min(ENDLESS, step.number()));
    int from = place(start.number(), size, 0, by > 0 ? size : size - 1);
    int to = place(end.number(), size, by > 0 ? 0 : -1, by > 0 ? size : size - 1);
    List<Integer> places = new ArrayList<>();
    for (long at = from; by > 0 ? at < to : at > to; at += by) {
      places.add((int) at);
    }
    return Values.pick(value, axis, places);
  }

  private static int place(long at, int size, int least, int most) {
    long counted = at < 0 ? Math.max(at, -ENDLESS) + size : at;
    return (int) Math.max(least, Math.min(most, counted));
  }
}
