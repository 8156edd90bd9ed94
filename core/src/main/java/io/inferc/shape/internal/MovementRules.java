package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators that join, cut, pick and repeat. */
final class MovementRules {
  // From then on, pieces may be of unlike sizes without being told.
  private static final int UNEVEN_SPLIT = 18;

  private MovementRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Concat", MovementRules::concat);
    rules.put("Split", MovementRules::split);
    rules.put("Gather", MovementRules::gather);
    rules.put("GatherElements", n -> n.prove(0, n.shape(1)));
    rules.put("GatherND", MovementRules::gatherNd);
    rules.put("Expand", MovementRules::expand);
    rules.put("Tile", MovementRules::tile);
    rules.put("Pad", MovementRules::pad);
    rules.put("CenterCropPad", MovementRules::centerCropPad);
  }

  private static void concat(NodeProof node) {
    // Shapes that are not known say nothing of the axis, but the others agree everywhere else.
    List<Size> known = new ArrayList<>();
    Size sum = Size.ZERO;
    int axis = -1;
    for (int i = 0; i < node.inputCount(); i++) {
      List<Size> shape = node.shape(i);
      axis = NodeProof.axis(node.integer("axis", 1), shape.size());
      sum = sum.plus(shape.get(axis));
      if (known.isEmpty()) {
        known.addAll(shape);
      }
      NodeProof.require(known.size() == shape.size());
      for (int d = 0; d < known.size(); d++) {
        if (shape.get(d).isNumber()) {
          known.set(d, shape.get(d));
        }
      }
    }
    NodeProof.require(axis >= 0);
    node.prove(0, NodeProof.replaced(known, axis, sum));
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < node.inputCount(); i++) {
      node.value(i).ifPresent(values::add);
    }
    if (values.size() == node.inputCount()) {
      node.prove(0, Values.concatenate(values, axis));
    }
  }

  private static void split(NodeProof node) {
    List<Size> shape = node.shape(0);
    int axis = NodeProof.axis(node.integer("axis", 0), shape.size());
    int pieces = node.outputCount();
    List<Size> sizes = new ArrayList<>();
    Optional<long[]> attribute = node.integers("split");
    if (attribute.isPresent()) {
      Arrays.stream(attribute.get()).forEach(s -> sizes.add(Size.of(s)));
    } else if (node.has(1)) {
      if (node.value(1).isPresent()) {
        sizes.addAll(node.wholes(1));
      }
    } else {
      sizes.addAll(even(shape.get(axis), pieces, node.opset()));
    }
    int from = 0;
    for (int i = 0; i < pieces; i++) {
      Size size = i < sizes.size() ? sizes.get(i) : Size.unknown();
      node.prove(i, NodeProof.replaced(shape, axis, size));
      if (from >= 0
          && node.value(0).isPresent()
          && size.isNumber()
          && size.number() <= Value.MOST) {
        List<Integer> places = new ArrayList<>();
        for (int p = 0; p < size.number(); p++) {
          places.add(from + p);
        }
        node.prove(i, Values.pick(node.value(0).get(), axis, places));
        from += (int) size.number();
      } else {
        from = -1;
      }
    }
  }

  private static List<Size> even(Size whole, int pieces, int opset) {
    List<Size> sizes = new ArrayList<>();
    Size count = Size.of(pieces);
    Optional<Size> exact = whole.dividedExactlyBy(count);
    // Before that version a size that cannot be divided is an error.
    Size piece =
        exact.orElseGet(
            () ->
                opset < UNEVEN_SPLIT ? Sizes.floorDiv(whole, count) : Sizes.ceilDiv(whole, count));
    for (int i = 0; i < pieces; i++) {
      boolean last = i == pieces - 1 && exact.isEmpty() && opset >= UNEVEN_SPLIT;
      sizes.add(last ? whole.minus(piece.times(pieces - 1L)) : piece);
    }
    return sizes;
  }

  private static void gather(NodeProof node) {
    List<Size> data = node.shape(0);
    int axis = NodeProof.axis(node.integer("axis", 0), data.size());
    List<Size> shape = new ArrayList<>(data.subList(0, axis));
    shape.addAll(node.shape(1));
    shape.addAll(data.subList(axis + 1, data.size()));
    node.prove(0, shape);
    if (node.value(0).isPresent() && node.value(1).isPresent()) {
      Value value = node.value(0).get();
      Value indices = node.value(1).get();
      int size = value.shape().get(axis);
      List<Integer> places =
          Arrays.stream(indices.numbers()).mapToObj(i -> (int) (i < 0 ? i + size : i)).toList();
      Value picked = Values.pick(value, axis, places);
      List<Integer> sizes = new ArrayList<>(value.shape().subList(0, axis));
      sizes.addAll(indices.shape());
      sizes.addAll(value.shape().subList(axis + 1, value.shape().size()));
      node.prove(0, picked.reshaped(sizes));
    }
  }

  private static void gatherNd(NodeProof node) {
    List<Size> data = node.shape(0);
    List<Size> indices = node.shape(1);
    NodeProof.require(!indices.isEmpty());
    long deep = indices.get(indices.size() - 1).number() + node.integer("batch_dims", 0);
    NodeProof.require(deep >= 0 && deep <= data.size());
    List<Size> shape = new ArrayList<>(indices.subList(0, indices.size() - 1));
    shape.addAll(data.subList((int) deep, data.size()));
    node.prove(0, shape);
  }

  private static void expand(NodeProof node) {
    // An input that is not known may be larger than the target, where that is 1.
    List<Size> from = node.shape(0);
    if (node.value(1).isPresent()) {
      // What runtimes make of a negative size is not specified.
      List<Size> target =
          node.wholes(1).stream().map(s -> s.bounds().min() < 0 ? Size.unknown() : s).toList();
      node.prove(0, Sizes.broadcast(from, target));
      expandedValue(node);
      return;
    }
    List<Size> target = NodeProof.unknown(node.shape(1));
    node.prove(0, Sizes.broadcast(from, target));
  }

  private static void expandedValue(NodeProof node) {
    List<Size> shape = node.output(0).shape();
    Optional<Value> value = node.value(0);
    if (value.isEmpty() || shape == null || !shape.stream().allMatch(Size::isNumber)) {
      return;
    }
    List<Integer> sizes = shape.stream().map(s -> (int) s.number()).toList();
    NodeProof.require(Values.count(sizes) <= Value.MOST);
    List<Scalar> elements = new ArrayList<>();
    for (int i = 0; i < Values.count(sizes); i++) {
      elements.add(Values.broadcast(value.get(), sizes, i));
    }
    node.prove(0, new Value(value.get().type(), sizes, elements));
  }

  private static void tile(NodeProof node) {
    List<Size> shape = node.shape(0);
    if (node.value(1).isEmpty()) {
      node.prove(0, shape.stream().map(s -> Size.unknown()).toList());
      return;
    }
    List<Size> repeats = node.wholes(1);
    NodeProof.require(repeats.size() == shape.size());
    List<Size> tiled = new ArrayList<>();
    for (int i = 0; i < repeats.size(); i++) {
      if (shape.get(i).bounds().times(repeats.get(i).bounds()).min() == Long.MAX_VALUE) {
        throw new Unproved.Oversized("more than 2^63 elements along axis " + i);
      }
      tiled.add(shape.get(i).times(repeats.get(i)));
    }
    node.prove(0, tiled);
  }

  private static void pad(NodeProof node) {
    List<Size> shape = node.shape(0);
    Optional<long[]> attribute = node.integers("pads").or(() -> node.integers("paddings"));
    if (attribute.isEmpty() && node.value(1).isEmpty()) {
      node.prove(0, shape.stream().map(s -> Size.unknown()).toList());
      return;
    }
    List<Size> pads =
        attribute.isPresent()
            ? Arrays.stream(attribute.get()).mapToObj(Size::of).toList()
            : node.wholes(1);
    int[] axes = new int[shape.size()];
    if (node.has(3)) {
      long[] given = node.numbers(3);
      axes = Arrays.stream(given).mapToInt(a -> NodeProof.axis(a, shape.size())).toArray();
    } else {
      Arrays.setAll(axes, i -> i);
    }
    NodeProof.require(pads.size() == 2 * axes.length);
    List<Size> padded = new ArrayList<>(shape);
    for (int i = 0; i < axes.length; i++) {
      padded.set(axes[i], padded.get(axes[i]).plus(pads.get(i)).plus(pads.get(i + axes.length)));
    }
    node.prove(0, padded);
  }

  private static void centerCropPad(NodeProof node) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    List<Size> target = node.wholes(1);
    Optional<long[]> axes = node.integers("axes");
    NodeProof.require(target.size() == axes.map(a -> a.length).orElse(shape.size()));
    for (int i = 0; i < target.size(); i++) {
      int at = axes.isPresent() ? NodeProof.axis(axes.get()[i], shape.size()) : i;
      shape.set(at, target.get(i));
    }
    node.prove(0, shape);
  }
}
