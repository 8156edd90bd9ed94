package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;

/** Moves the elements of small tensors. */
final class Values {
  private Values() {}

  static int count(List<Integer> shape) {
    long count = 1;
    for (int size : shape) {
      count = Math.min(Integer.MAX_VALUE, count * size);
    }
    return (int) count;
  }

  /** The element that a broadcast tensor has at a place of the larger shape. */
  static Scalar broadcast(Value value, List<Integer> shape, int index) {
    int rest = index;
    int at = 0;
    int stride = 1;
    for (int i = shape.size() - 1; i >= 0; i--) {
      int position = rest % shape.get(i);
      rest /= shape.get(i);
      int own = i - (shape.size() - value.shape().size());
      if (own >= 0) {
        int size = value.shape().get(own);
        at += size == 1 ? 0 : position * stride;
        stride *= size;
      }
    }
    return value.elements().get(at);
  }

  /** Picks places along an axis. */
  static Value pick(Value value, int axis, List<Integer> places) {
    List<Integer> shape = new ArrayList<>(value.shape());
    int size = shape.set(axis, places.size());
    int inner = count(value.shape().subList(axis + 1, value.shape().size()));
    int outer = count(value.shape().subList(0, axis));
    NodeProof.require((long) outer * places.size() * inner <= Value.MOST);
    List<Scalar> elements = new ArrayList<>();
    for (int o = 0; o < outer; o++) {
      for (int place : places) {
        NodeProof.require(place >= 0 && place < size);
        int from = (o * size + place) * inner;
        elements.addAll(value.elements().subList(from, from + inner));
      }
    }
    return new Value(value.type(), shape, elements);
  }

  /** Puts tensors of one type after one another along an axis. */
  static Value concatenate(List<Value> values, int axis) {
    Value first = values.get(0);
    List<Integer> shape = new ArrayList<>(first.shape());
    shape.set(axis, values.stream().mapToInt(v -> v.shape().get(axis)).sum());
    NodeProof.require(count(shape) <= Value.MOST);
    List<Scalar> elements = new ArrayList<>();
    int outer = count(first.shape().subList(0, axis));
    for (int o = 0; o < outer; o++) {
      for (Value v : values) {
        int block = count(v.shape().subList(axis, v.shape().size()));
        elements.addAll(v.elements().subList(o * block, (o + 1) * block));
      }
    }
    return new Value(first.type(), shape, elements);
  }
}
