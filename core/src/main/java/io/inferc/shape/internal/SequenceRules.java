package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Recurrent layers, attention, and transforms of signals. */
final class SequenceRules {
  // From then on the axis of a DFT is an input and counts from the end.
  private static final int AXIS_IS_INPUT = 20;

  private SequenceRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("RNN", SequenceRules::recurrent);
    rules.put("GRU", SequenceRules::recurrent);
    rules.put("LSTM", SequenceRules::recurrent);
    rules.put("Attention", SequenceRules::attention);
    rules.put("DFT", SequenceRules::dft);
    rules.put("STFT", SequenceRules::stft);
  }

  private static void recurrent(NodeProof node) {
    List<Size> x = node.shape(0);
    NodeProof.require(x.size() == 3);
    boolean batchFirst = node.integer("layout", 0) == 1;
    Size hidden =
        node.node().attribute("hidden_size").isPresent()
            ? Size.of(node.integer("hidden_size", 0))
            : node.shape(2).get(2);
    Size directions = Size.of(node.text("direction", "forward").equals("bidirectional") ? 2 : 1);
    Size batch = x.get(batchFirst ? 0 : 1);
    List<Size> last =
        batchFirst ? List.of(batch, directions, hidden) : List.of(directions, batch, hidden);
    node.prove(1, last);
    node.prove(2, last);
    node.prove(
        0,
        batchFirst
            ? List.of(batch, x.get(1), directions, hidden)
            : List.of(x.get(0), directions, batch, hidden));
  }

  private static void attention(NodeProof node) {
    List<Size> q = node.shape(0);
    List<Size> k = node.shape(1);
    List<Size> v = node.shape(2);
    NodeProof.require(q.size() == k.size() && k.size() == v.size());
    Size queries;
    Size keys;
    Size queryHeads;
    Size keyHeads;
    Size keySize;
    Size valueSize;
    if (q.size() == 4) {
      queries = q.get(2);
      keys = k.get(2);
      queryHeads = q.get(1);
      keyHeads = k.get(1);
      keySize = k.get(3);
      valueSize = v.get(3);
      node.prove(0, List.of(q.get(0), queryHeads, queries, valueSize));
    } else {
      NodeProof.require(q.size() == 3);
      queries = q.get(1);
      keys = k.get(1);
      queryHeads = Size.of(node.integer("q_num_heads", 0));
      keyHeads = Size.of(node.integer("kv_num_heads", 0));
      NodeProof.require(!queryHeads.is(0) && !keyHeads.is(0));
      keySize = Sizes.floorDiv(k.get(2), keyHeads);
      valueSize = Sizes.floorDiv(v.get(2), keyHeads);
      node.prove(0, List.of(q.get(0), queries, queryHeads.times(valueSize)));
    }
    Size total = node.has(4) ? node.shape(4).get(2).plus(keys) : keys;
    node.prove(1, List.of(q.get(0), keyHeads, total, keySize));
    node.prove(2, List.of(q.get(0), keyHeads, total, valueSize));
    node.prove(3, List.of(q.get(0), queryHeads, queries, total));
  }

  private static void dft(NodeProof node) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    boolean half = node.integer("onesided", 0) == 1;
    NodeProof.require(!half || node.integer("inverse", 0) == 0);
    long given = node.integer("axis", 1);
    if (node.opset() >= AXIS_IS_INPUT) {
      given = node.has(2) ? node.number(2) : -2;
    }
    int axis = NodeProof.axis(given, shape.size());
    NodeProof.require(axis < shape.size() - 1);
    Size length = shape.get(axis);
    if (node.has(1)) {
      length = node.value(1).map(v -> v.wholes().get(0)).orElseGet(Size::unknown);
    }
    shape.set(axis, half ? Sizes.floorDiv(length, Size.of(2)).plus(1) : length);
    shape.set(shape.size() - 1, Size.of(2));
    node.prove(0, shape);
  }

  private static void stft(NodeProof node) {
    List<Size> signal = node.shape(0);
    Size length = node.has(3) ? node.wholes(3).get(0) : node.shape(2).get(0);
    Size step = node.wholes(1).get(0);
    NodeProof.require(step.bounds().min() > 0);
    Size frames = Sizes.floorDiv(signal.get(1).minus(length), step).plus(1);
    boolean half = node.integer("onesided", 1) == 1;
    Size bins = half ? Sizes.floorDiv(length, Size.of(2)).plus(1) : length;
    node.prove(0, List.of(signal.get(0), frames, bins, Size.of(2)));
  }
}
