package io.inferc.shape.internal;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Operators that work element by element, and others whose output has the shape of an input. */
final class ElementwiseRules {
  private static final List<String> LIKE_FIRST =
      List.of(
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "Bernoulli",
          "BitCast",
          "BitwiseNot",
          "CastLike",
          "Celu",
          "Clip",
          "Cos",
          "Cosh",
          "CumProd",
          "CumSum",
          "DequantizeLinear",
          "Elu",
          "Erf",
          "Exp",
          "EyeLike",
          "Gelu",
          "GroupNormalization",
          "HardSigmoid",
          "HardSwish",
          "Hardmax",
          "InstanceNormalization",
          "IsInf",
          "IsNaN",
          "LRN",
          "LeakyRelu",
          "Log",
          "LogSoftmax",
          "LpNormalization",
          "MeanVarianceNormalization",
          "Mish",
          "Not",
          "QuantizeLinear",
          "RMSNormalization",
          "RandomNormalLike",
          "RandomUniformLike",
          "Reciprocal",
          "RegexFullMatch",
          "Relu",
          "ReverseSequence",
          "RotaryEmbedding",
          "Scatter",
          "ScatterElements",
          "ScatterND",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softmax",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Swish",
          "Tan",
          "Tanh",
          "TensorScatter",
          "ThresholdedRelu",
          "Trilu",
          "BatchNormalization");
  private static final List<String> UNARY =
      List.of("Abs", "Ceil", "Floor", "Identity", "Neg", "Round");
  private static final List<String> BROADCAST =
      List.of(
          "Add",
          "And",
          "BitShift",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "Div",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Max",
          "Mean",
          "Min",
          "Mod",
          "Mul",
          "Or",
          "Pow",
          "StringConcat",
          "Sub",
          "Sum",
          "Where",
          "Xor");
  private static final List<String> COMPARISONS =
      List.of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual");
  // Before, the second input was broadcast to the first, along an axis of its own.
  private static final int BROADCASTS_BOTH = 7;

  private ElementwiseRules() {}

  static void addTo(Map<String, Rule> rules) {
    LIKE_FIRST.forEach(op -> rules.put(op, ElementwiseRules::likeFirst));
    UNARY.forEach(op -> rules.put(op, ElementwiseRules::unary));
    BROADCAST.forEach(op -> rules.put(op, ElementwiseRules::broadcast));
    rules.put("Cast", ElementwiseRules::cast);
    // Broadcast to the first by the specification, but both ways by some runtimes.
    rules.put("PRelu", n -> n.prove(0, Sizes.broadcast(n.shape(0), n.shape(1))));
    rules.put("Dropout", ElementwiseRules::dropout);
    rules.put("LayerNormalization", ElementwiseRules::layerNormalization);
    rules.put("DynamicQuantizeLinear", ElementwiseRules::dynamicQuantize);
    rules.put("SoftmaxCrossEntropyLoss", n -> loss(n, true));
    rules.put("NegativeLogLikelihoodLoss", n -> loss(n, false));
  }

  static void likeFirst(NodeProof node) {
    node.prove(0, node.shape(0));
  }

  private static void unary(NodeProof node) {
    likeFirst(node);
    Optional<Value> value = node.value(0);
    if (value.isPresent()) {
      DataType type = value.get().type();
      node.prove(0, map(value.get(), type, e -> Arithmetic.unary(node.op(), type, e)));
    }
  }

  private static Value map(Value value, DataType type, UnaryOperator<Scalar> function) {
    return new Value(type, value.shape(), value.elements().stream().map(function).toList());
  }

  private static void cast(NodeProof node) {
    likeFirst(node);
    Optional<Value> value = node.value(0);
    Optional<DataType> to = DataType.fromOnnxCode((int) node.integer("to", 0));
    if (value.isPresent() && to.isPresent()) {
      node.prove(
          0, map(value.get(), to.get(), e -> Arithmetic.cast(value.get().type(), to.get(), e)));
    }
  }

  private static void dropout(NodeProof node) {
    node.prove(0, node.shape(0));
    node.prove(1, node.shape(0));
  }

  private static void layerNormalization(NodeProof node) {
    List<Size> shape = node.shape(0);
    node.prove(0, shape);
    int axis = NodeProof.axis(node.integer("axis", -1), shape.size());
    List<Size> reduced = new ArrayList<>(shape.subList(0, axis));
    while (reduced.size() < shape.size()) {
      reduced.add(Size.ONE);
    }
    node.prove(1, reduced);
    node.prove(2, reduced);
  }

  private static void dynamicQuantize(NodeProof node) {
    node.prove(1, List.of());
    node.prove(2, List.of());
    node.prove(0, node.shape(0));
  }

  private static void loss(NodeProof node, boolean logProbabilities) {
    if (logProbabilities) {
      node.prove(1, node.facts(0).shape() == null ? Facts.NONE : Facts.of(node.shape(0)));
    }
    node.prove(0, node.text("reduction", "mean").equals("none") ? node.shape(1) : List.of());
  }

  private static void broadcast(NodeProof node) {
    if (node.opset() < BROADCASTS_BOTH && !node.op().equals("Where")) {
      likeFirst(node);
      return;
    }
    List<Size> shape = node.shape(0);
    for (int i = 1; i < node.inputCount(); i++) {
      shape = Sizes.broadcast(shape, node.shape(i));
    }
    node.prove(0, shape);
    value(node).ifPresent(v -> node.prove(0, v));
  }

  private static Optional<Value> value(NodeProof node) {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < node.inputCount(); i++) {
      Optional<Value> value = node.value(i);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    if (node.op().equals("Where")) {
      return Optional.of(where(values));
    }
    Value result = values.get(0);
    for (Value other : values.subList(1, values.size())) {
      result = combine(node, result, other);
    }
    return Optional.of(result);
  }

  private static Value combine(NodeProof node, Value a, Value b) {
    DataType type = a.type();
    if (COMPARISONS.contains(node.op())) {
      return zip(a, b, DataType.BOOL, (x, y) -> Arithmetic.compare(node.op(), x, y));
    }
    if (node.op().equals("And") || node.op().equals("Or")) {
      String operator = node.op().equals("And") ? "Mul" : "Max";
      return zip(a, b, DataType.BOOL, (x, y) -> Arithmetic.binary(operator, DataType.BOOL, x, y));
    }
    if (node.op().equals("Pow")) {
      throw new Unproved();
    }
    String operator =
        switch (node.op()) {
          case "Mod" -> node.integer("fmod", 0) == 1 ? "FMod" : "Mod";
          case "Sum" -> "Add";
          default -> node.op();
        };
    return zip(a, b, type, (x, y) -> Arithmetic.binary(operator, type, x, y));
  }

  private static Value zip(Value a, Value b, DataType type, BinaryOperator<Scalar> function) {
    List<Integer> shape = shape(a.shape(), b.shape());
    List<Scalar> elements = new ArrayList<>();
    for (int i = 0; i < Values.count(shape); i++) {
      elements.add(function.apply(Values.broadcast(a, shape, i), Values.broadcast(b, shape, i)));
    }
    return new Value(type, shape, elements);
  }

  private static List<Integer> shape(List<Integer> a, List<Integer> b) {
    List<Size> shape =
        Sizes.broadcast(
            a.stream().map(s -> Size.of(s)).toList(), b.stream().map(s -> Size.of(s)).toList());
    List<Integer> sizes = shape.stream().map(s -> (int) s.number()).toList();
    NodeProof.require(Values.count(sizes) <= Value.MOST);
    return sizes;
  }

  private static Value where(List<Value> values) {
    Value condition = values.get(0);
    Value yes = values.get(1);
    Value no = values.get(2);
    List<Integer> shape = shape(shape(condition.shape(), yes.shape()), no.shape());
    List<Scalar> elements = new ArrayList<>();
    for (int i = 0; i < Values.count(shape); i++) {
      Scalar a = Values.broadcast(yes, shape, i);
      Scalar b = Values.broadcast(no, shape, i);
      Scalar chosen = Values.broadcast(condition, shape, i);
      if (chosen instanceof Scalar.Whole whole && whole.size().isNumber()) {
        elements.add(whole.size().is(0) ? b : a);
      } else {
        elements.add(a.equals(b) ? a : unknown(yes.type()));
      }
    }
    return new Value(yes.type(), shape, elements);
  }

  private static Scalar unknown(DataType type) {
    return type.isFloatingPoint() ? Scalar.unknownReal() : Scalar.unknownWhole();
  }
}
