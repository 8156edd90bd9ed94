package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Products of matrices, and sums of products by the notation of Einstein. */
final class MatrixRules {
  private MatrixRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("MatMul", n -> n.prove(0, product(n.shape(0), n.shape(1))));
    rules.put("MatMulInteger", n -> n.prove(0, product(n.shape(0), n.shape(1))));
    rules.put("QLinearMatMul", n -> n.prove(0, product(n.shape(0), n.shape(3))));
    rules.put("Gemm", MatrixRules::gemm);
    rules.put("Einsum", MatrixRules::einsum);
  }

  private static List<Size> product(List<Size> a, List<Size> b) {
    NodeProof.require(!a.isEmpty() && !b.isEmpty());
    List<Size> shape =
        new ArrayList<>(
            Sizes.broadcast(
                a.subList(0, Math.max(0, a.size() - 2)), b.subList(0, Math.max(0, b.size() - 2))));
    if (a.size() > 1) {
      shape.add(a.get(a.size() - 2));
    }
    if (b.size() > 1) {
      shape.add(b.get(b.size() - 1));
    }
    return shape;
  }

  private static void gemm(NodeProof node) {
    List<Size> a = node.shape(0);
    List<Size> b = node.shape(1);
    NodeProof.require(a.size() == 2 && b.size() == 2);
    node.prove(
        0,
        List.of(
            a.get(node.integer("transA", 0) == 0 ? 0 : 1),
            b.get(node.integer("transB", 0) == 0 ? 1 : 0)));
  }

  private static void einsum(NodeProof node) {
    String equation = node.text("equation", "").replace(" ", "");
    NodeProof.require(!equation.contains("."));
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    NodeProof.require(terms.length == node.inputCount());
    Map<Character, Size> sizes = new LinkedHashMap<>();
    Map<Character, Integer> times = new LinkedHashMap<>();
    for (int i = 0; i < terms.length; i++) {
      List<Size> shape = node.shape(i);
      NodeProof.require(shape.size() == terms[i].length());
      for (int d = 0; d < shape.size(); d++) {
        sizes.merge(terms[i].charAt(d), shape.get(d), Sizes::broadcast);
        times.merge(terms[i].charAt(d), 1, Integer::sum);
      }
    }
    List<Size> shape = new ArrayList<>();
    if (sides.length > 1) {
      for (char label : sides[1].toCharArray()) {
        Size size = sizes.get(label);
        NodeProof.require(size != null);
        shape.add(size);
      }
    } else {
      // Without an output, it has the labels that occur once, in alphabetical order.
      sizes.keySet().stream()
          .filter(l -> times.getOrDefault(l, 0) == 1)
          .sorted()
          .forEach(l -> shape.add(sizes.getOrDefault(l, Size.unknown())));
    }
    node.prove(0, shape);
  }
}
