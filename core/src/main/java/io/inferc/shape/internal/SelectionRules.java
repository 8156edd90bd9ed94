package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Operators whose outputs are as long as the data say, and others that pick by rank or region. */
final class SelectionRules {
  private SelectionRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("TopK", SelectionRules::topK);
    rules.put("NonZero", SelectionRules::nonZero);
    rules.put("NonMaxSuppression", n -> n.prove(0, List.of(Size.unknown(), Size.of(3))));
    rules.put("Compress", SelectionRules::compress);
    rules.put("Unique", SelectionRules::unique);
    rules.put("RoiAlign", SelectionRules::roiAlign);
    rules.put("MaxRoiPool", SelectionRules::maxRoiPool);
    rules.put("SequenceLength", n -> n.prove(0, List.of()));
    rules.put("OptionalHasElement", n -> n.prove(0, List.of()));
    rules.put("TfIdfVectorizer", SelectionRules::tfIdf);
  }

  private static void topK(NodeProof node) {
    List<Size> shape = node.shape(0);
    int axis = NodeProof.axis(node.integer("axis", -1), shape.size());
    Size k;
    if (node.node().attribute("k").isPresent()) {
      k = Size.of(node.integer("k", 0));
    } else {
      k = node.value(1).map(v -> v.wholes().get(0)).orElseGet(Size::unknown);
    }
    List<Size> top = NodeProof.replaced(shape, axis, k);
    node.prove(0, top);
    node.prove(1, top);
  }

  private static Size upTo(Size most) {
    return Size.unknown(new Bounds(0, Math.max(0, most.bounds().max())));
  }

  private static void nonZero(NodeProof node) {
    List<Size> shape = node.shape(0);
    // A scalar counts as one axis or as none, depending on the runtime.
    NodeProof.require(!shape.isEmpty());
    node.prove(0, List.of(Size.of(shape.size()), upTo(Size.product(shape))));
  }

  private static void compress(NodeProof node) {
    if (node.node().attribute("axis").isEmpty()) {
      node.prove(0, List.of(Size.unknown()));
      return;
    }
    List<Size> shape = node.shape(0);
    int axis = NodeProof.axis(node.integer("axis", 0), shape.size());
    node.prove(0, NodeProof.replaced(shape, axis, upTo(shape.get(axis))));
  }

  private static void unique(NodeProof node) {
    List<Size> count = List.of(Size.unknown());
    node.prove(1, count);
    node.prove(3, count);
    if (node.node().attribute("axis").isEmpty()) {
      node.prove(0, count);
      node.prove(2, List.of(Size.product(node.shape(0))));
      return;
    }
    List<Size> shape = node.shape(0);
    int axis = NodeProof.axis(node.integer("axis", 0), shape.size());
    node.prove(0, NodeProof.replaced(shape, axis, count.get(0)));
    node.prove(2, List.of(shape.get(axis)));
  }

  private static void roiAlign(NodeProof node) {
    node.prove(
        0,
        List.of(
            node.shape(1).get(0),
            node.shape(0).get(1),
            Size.of(node.integer("output_height", 1)),
            Size.of(node.integer("output_width", 1))));
  }

  private static void maxRoiPool(NodeProof node) {
    List<Size> shape = new ArrayList<>(List.of(node.shape(1).get(0), node.shape(0).get(1)));
    for (long size : node.integers("pooled_shape").orElseThrow(Unproved::new)) {
      shape.add(Size.of(size));
    }
    node.prove(0, shape);
  }

  private static void tfIdf(NodeProof node) {
    List<Size> shape = node.shape(0);
    long most = -1;
    for (long index : node.integers("ngram_indexes").orElseThrow(Unproved::new)) {
      most = Math.max(most, index);
    }
    NodeProof.require(shape.size() == 1 || shape.size() == 2);
    List<Size> counted = new ArrayList<>(shape.subList(0, shape.size() - 1));
    counted.add(Size.of(most + 1));
    node.prove(0, counted);
  }
}
