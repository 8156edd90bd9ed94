package io.inferc.shape.internal;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Operators that read a shape, or give the same elements another one. */
final class ShapeRules {
  private ShapeRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Shape", ShapeRules::shape);
    rules.put("Size", ShapeRules::size);
    rules.put("Reshape", ShapeRules::reshape);
    rules.put("Squeeze", ShapeRules::squeeze);
    rules.put("Unsqueeze", ShapeRules::unsqueeze);
    rules.put("Flatten", ShapeRules::flatten);
    rules.put("Transpose", ShapeRules::transpose);
    rules.put("DepthToSpace", ShapeRules::depthToSpace);
    rules.put("SpaceToDepth", ShapeRules::spaceToDepth);
  }

  private static void shape(NodeProof node) {
    List<Size> shape = node.shape(0);
    int rank = shape.size();
    int start = bound(node.integer("start", 0), rank);
    int end = bound(node.integer("end", rank), rank);
    node.prove(0, Value.sizes(shape.subList(start, Math.max(start, end))));
  }

  private static int bound(long bound, int rank) {
    return (int) Math.max(0, Math.min(rank, bound < 0 ? bound + rank : bound));
  }

  private static void size(NodeProof node) {
    node.prove(0, List.of());
    node.prove(0, Value.scalar(DataType.INT64, new Scalar.Whole(Size.product(node.shape(0)))));
  }

  private static void reshape(NodeProof node) {
    Optional<long[]> attribute = node.integers("shape");
    List<Size> target;
    if (attribute.isPresent()) {
      target = Arrays.stream(attribute.get()).mapToObj(Size::of).toList();
    } else if (node.value(1).isPresent()) {
      target = node.wholes(1);
    } else {
      // How many numbers there are is the rank.
      node.prove(0, NodeProof.unknown(node.shape(1)));
      return;
    }
    List<Size> from = node.facts(0).shape();
    List<Size> shape = reshaped(from, target, node.integer("allowzero", 0) == 1);
    node.prove(0, shape);
    Optional<Value> value = node.value(0);
    if (value.isPresent() && shape.stream().allMatch(Size::isNumber)) {
      node.prove(0, value.get().reshaped(shape.stream().map(s -> (int) s.number()).toList()));
    }
  }

  private static List<Size> reshaped(
      @Nullable List<Size> from, List<Size> target, boolean zeroIsZero) {
    List<Size> shape = new ArrayList<>();
    int inferred = -1;
    for (int i = 0; i < target.size(); i++) {
      Size size = target.get(i);
      if (size.is(-1)) {
        NodeProof.require(inferred < 0);
        inferred = i;
        shape.add(Size.ONE);
      } else if (size.is(0) && !zeroIsZero) {
        shape.add(from != null && i < from.size() ? from.get(i) : Size.unknown());
      } else if (size.bounds().min() < 0) {
        // It may be the -1 that stands for the rest.
        shape.add(Size.unknown());
      } else {
        shape.add(zeroIsZero || staysWhenZero(size, i, from) ? size : Size.unknown());
      }
    }
    boolean another = false;
    for (int i = 0; i < target.size(); i++) {
      another |= i != inferred && target.get(i).bounds().min() < 0;
    }
    if (inferred >= 0) {
      shape.set(inferred, from == null || another ? Size.unknown() : rest(from, shape, inferred));
    }
    return shape;
  }

  /**
   * A computed 0 stands for the size of the input there. That is the same if that size is then 0,
   * too. If it is not, the other sizes must make up for the missing 0 or the run fails, so it
   * matters only where there are others that may be 0; a tensor that is empty along two unrelated
   * axes at once is left out of account.
   */
  private static boolean staysWhenZero(Size size, int axis, @Nullable List<Size> from) {
    if (size.isNot(0) || (from != null && axis >= from.size())) {
      return true;
    }
    if (from == null) {
      return false;
    }
    return from.get(axis).vanishesWith(size) || Size.product(from).vanishesWith(size);
  }

  /** The size that -1 stands for: what the other sizes leave of all elements. */
  private static Size rest(List<Size> from, List<Size> shape, int inferred) {
    List<Size> above = new ArrayList<>(from);
    List<Size> below = new ArrayList<>(shape);
    below.remove(inferred);
    // A size on both sides goes out, even one that is no polynomial; if it were 0, the run fails.
    below.removeIf(above::remove);
    try {
      Size divisor = Size.product(below);
      return divisor.is(0) ? Size.unknown() : Sizes.floorDiv(Size.product(above), divisor);
    } catch (ArithmeticException e) {
      return Size.unknown();
    }
  }

  private static void squeeze(NodeProof node) {
    List<Size> shape = node.shape(0);
    long[] axes = node.integers("axes", 1);
    Set<Integer> removed = new TreeSet<>();
    if (axes == null) {
      for (int i = 0; i < shape.size(); i++) {
        NodeProof.require(shape.get(i).is(1) || shape.get(i).isNot(1));
        if (shape.get(i).is(1)) {
          removed.add(i);
        }
      }
    } else {
      for (long axis : axes) {
        removed.add(NodeProof.axis(axis, shape.size()));
      }
    }
    List<Size> left = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!removed.contains(i)) {
        left.add(shape.get(i));
      }
    }
    proveSame(node, left);
  }

  private static void unsqueeze(NodeProof node) {
    long[] axes = NodeProof.known(node.integers("axes", 1));
    List<Size> shape = new ArrayList<>(node.shape(0));
    int rank = shape.size() + axes.length;
    Set<Integer> added = new TreeSet<>();
    for (long axis : axes) {
      added.add(NodeProof.axis(axis, rank));
    }
    NodeProof.require(added.size() == axes.length);
    added.forEach(a -> shape.add(a, Size.ONE));
    proveSame(node, shape);
  }

  /** The elements stay in their order. */
  private static void proveSame(NodeProof node, List<Size> shape) {
    node.prove(0, shape);
    Optional<Value> value = node.value(0);
    if (value.isPresent() && shape.stream().allMatch(Size::isNumber)) {
      node.prove(0, value.get().reshaped(shape.stream().map(s -> (int) s.number()).toList()));
    }
  }

  private static void flatten(NodeProof node) {
    List<Size> shape = node.shape(0);
    long given = node.integer("axis", 1);
    int axis = (int) (given < 0 ? given + shape.size() : given);
    NodeProof.require(axis >= 0 && axis <= shape.size());
    proveSame(
        node,
        List.of(
            Size.product(shape.subList(0, axis)), Size.product(shape.subList(axis, shape.size()))));
  }

  private static void transpose(NodeProof node) {
    List<Size> shape = node.shape(0);
    Optional<long[]> permutation = node.integers("perm");
    List<Size> moved = new ArrayList<>();
    if (permutation.isPresent()) {
      for (long axis : permutation.get()) {
        moved.add(shape.get(NodeProof.axis(axis, shape.size())));
      }
      NodeProof.require(moved.size() == shape.size());
    } else {
      moved.addAll(shape);
      Collections.reverse(moved);
    }
    node.prove(0, moved);
    if (shape.size() < 2 && node.value(0).isPresent()) {
      node.prove(0, node.facts(0));
    }
  }

  private static void depthToSpace(NodeProof node) {
    List<Size> s = node.shape(0);
    long block = node.integer("blocksize", 0);
    NodeProof.require(s.size() == 4 && block > 0);
    Size depth = Sizes.floorDiv(s.get(1), Size.of(block * block));
    node.prove(0, List.of(s.get(0), depth, s.get(2).times(block), s.get(3).times(block)));
  }

  private static void spaceToDepth(NodeProof node) {
    List<Size> s = node.shape(0);
    long block = node.integer("blocksize", 0);
    NodeProof.require(s.size() == 4 && block > 0);
    Size by = Size.of(block);
    node.prove(
        0,
        List.of(
            s.get(0),
            s.get(1).times(block * block),
            Sizes.floorDiv(s.get(2), by),
            Sizes.floorDiv(s.get(3), by)));
  }
}
