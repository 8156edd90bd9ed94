package io.inferc.shape.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators that make tensors from numbers alone. */
final class GeneratorRules {
  private GeneratorRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Constant", GeneratorRules::constant);
    rules.put("ConstantOfShape", GeneratorRules::constantOfShape);
    rules.put("Range", GeneratorRules::range);
    for (String op : List.of("RandomNormal", "RandomUniform")) {
      rules.put(op, n -> n.prove(0, sizes(n.integers("shape").orElseThrow(Unproved::new))));
    }
    rules.put("Multinomial", n -> n.prove(0, samples(n)));
    rules.put("OneHot", GeneratorRules::oneHot);
    for (String op : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
      rules.put(op, n -> n.prove(0, List.of(single(n, 0))));
    }
    rules.put("MelWeightMatrix", GeneratorRules::melWeights);
  }

  private static List<Size> sizes(long[] sizes) {
    return Arrays.stream(sizes).mapToObj(Size::of).toList();
  }

  private static Size single(NodeProof node, int input) {
    List<Size> sizes = node.wholes(input);
    NodeProof.require(sizes.size() == 1);
    return sizes.get(0);
  }

  private static void constant(NodeProof node) {
    Attribute attribute = node.node().attributes().get(0);
    switch (attribute.name()) {
      case "value" -> {
        Initializer tensor = attribute.asTensor();
        node.prove(0, sizes(tensor.dims()));
        Value.of(tensor).ifPresent(v -> node.prove(0, v));
      }
      case "value_int" -> node.prove(0, Value.scalar(DataType.INT64, Scalar.of(attribute.asInt())));
      case "value_ints" ->
          node.prove(
              0,
              Value.vector(
                  DataType.INT64, Arrays.stream(attribute.asInts()).mapToObj(Scalar::of).toList()));
      case "value_float" ->
          node.prove(
              0,
              Value.scalar(
                  DataType.FLOAT32, Arithmetic.constant(DataType.FLOAT32, attribute.asFloat())));
      case "value_floats" -> {
        List<Scalar> elements = new ArrayList<>();
        for (float f : attribute.asFloats()) {
          elements.add(Arithmetic.constant(DataType.FLOAT32, f));
        }
        node.prove(0, Value.vector(DataType.FLOAT32, elements));
      }
      case "value_string" -> node.prove(0, List.of());
      case "value_strings" -> node.prove(0, List.of(Size.of(attribute.asStrings().size())));
      default -> throw new Unproved();
    }
  }

  private static void constantOfShape(NodeProof node) {
    if (node.value(0).isEmpty()) {
      node.prove(0, NodeProof.unknown(node.shape(0)));
      return;
    }
    List<Size> shape = node.wholes(0);
    node.prove(0, shape);
    if (!shape.stream().allMatch(Size::isNumber)) {
      return;
    }
    List<Integer> sizes = shape.stream().map(s -> (int) s.number()).toList();
    NodeProof.require(Values.count(sizes) <= Value.MOST);
    Optional<Value> filling = node.node().attribute("value").flatMap(a -> Value.of(a.asTensor()));
    NodeProof.require(filling.isPresent() || node.node().attribute("value").isEmpty());
    DataType type = filling.map(Value::type).orElse(DataType.FLOAT32);
    Scalar element = filling.map(v -> v.elements().get(0)).orElse(Scalar.of(0));
    List<Scalar> elements = new ArrayList<>();
    for (int i = 0; i < Values.count(sizes); i++) {
      elements.add(element);
    }
    node.prove(0, new Value(type, sizes, elements));
  }

  private static void range(NodeProof node) {
    node.prove(0, List.of(Size.unknown()));
    Size start = single(node, 0);
    Size limit = single(node, 1);
    Size delta = single(node, 2);
    NodeProof.require(delta.isNumber() && !delta.is(0));
    Size count = Sizes.max(Size.ZERO, Sizes.ceilDiv(limit.minus(start), delta));
    node.prove(0, List.of(count));
    DataType type = node.value(0).orElseThrow(Unproved::new).type();
    if (count.isNumber() && count.number() <= Value.MOST) {
      List<Scalar> elements = new ArrayList<>();
      for (int i = 0; i < count.number(); i++) {
        elements.add(Arithmetic.fit(type, start.plus(delta.times(i))));
      }
      node.prove(0, Value.vector(type, elements));
    }
  }

  private static List<Size> samples(NodeProof node) {
    return List.of(node.shape(0).get(0), Size.of(node.integer("sample_size", 1)));
  }

  private static void oneHot(NodeProof node) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    int axis = NodeProof.axis(node.integer("axis", -1), shape.size() + 1);
    Size depth =
        node.value(1)
            .filter(v -> v.elements().get(0) instanceof Scalar.Whole)
            .map(v -> v.wholes().get(0))
            .orElseGet(Size::unknown);
    shape.add(axis, depth);
    node.prove(0, shape);
  }

  private static void melWeights(NodeProof node) {
    Size bins = Sizes.floorDiv(single(node, 1), Size.of(2)).plus(1);
    node.prove(0, List.of(bins, single(node, 0)));
  }
}
