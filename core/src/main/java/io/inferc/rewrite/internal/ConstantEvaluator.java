package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes the cheap operators on constants, exactly as the ONNX operator specification says, or
 * refuses.
 */
public final class ConstantEvaluator {
  private static final Set<String> OPERATORS =
      Set.of(
          "Identity",
          "Size",
          "Gather",
          "Unsqueeze",
          "Squeeze",
          "Concat",
          "Cast",
          "Reshape",
          "Flatten",
          "Slice",
          "Transpose",
          "Expand",
          "Range",
          "ConstantOfShape",
          "Where",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Mod",
          "Neg",
          "Abs",
          "Sqrt",
          "Floor",
          "Ceil",
          "Not",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "And",
          "Or",
          "Xor");

  private final Node node;
  private final List<@Nullable Initializer> inputs;

  private ConstantEvaluator(Node node, List<@Nullable Initializer> inputs) {
    this.node = node;
    this.inputs = inputs;
  }

  /** Before opset 7 arithmetic did not broadcast as it does now. */
  public static boolean knows(Node node, int opset) {
    return node.domain().isEmpty() && OPERATORS.contains(node.opType()) && opset >= 7;
  }

  /**
   * Computes a node.
   *
   * @param inputs the values, null for inputs left out
   * @return the value of the node's only output, without a name
   * @throws CannotFoldException if the value cannot be told exactly
   */
  public static Initializer evaluate(Node node, List<@Nullable Initializer> inputs) {
    try {
      return new ConstantEvaluator(node, inputs).compute();
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | IllegalStateException
        | IllegalArgumentException
        | NoSuchElementException e) {
      throw new CannotFoldException("The node or its constants are not as they should be: " + e);
    }
  }

  private Initializer compute() {
    String operator = node.opType();
    return switch (operator) {
      case "Identity" -> input(0);
      case "Size" -> Initializer.longs("", new long[] {input(0).elementCount()});
      case "Gather" -> TensorMoves.gather(input(0), input(1), node.intAttribute("axis", 0));
      case "Unsqueeze" -> unsqueeze();
      case "Squeeze" -> squeeze();
      case "Concat" -> TensorMoves.concat(all(), node.attribute("axis").orElseThrow().asInt());
      case "Cast" -> ConstantCast.cast(input(0), node.attribute("to").orElseThrow().asInt());
      case "Reshape" -> reshape();
      case "Flatten" -> flatten();
      case "Slice" -> slice();
      case "Transpose" -> TensorMoves.transpose(input(0), order());
      case "Expand" -> TensorMoves.expand(input(0), input(1).longs());
      case "Range" -> range();
      case "ConstantOfShape" -> TensorMoves.fill(filling(), input(0).longs());
      case "Where" -> ElementwiseMath.where(input(0), input(1), input(2));
      case "Add", "Sub", "Mul", "Div", "Mod" -> arithmetic(operator);
      case "Neg", "Abs", "Sqrt", "Floor", "Ceil", "Not" ->
          ElementwiseMath.unary(operator, input(0));
      default -> ElementwiseMath.compare(operator, input(0), input(1));
    };
  }

  /** The bytes of the result, known before they are allocated. */
  public static long expectedBytes(Node node, List<@Nullable Initializer> inputs) {
    return switch (node.opType()) {
      case "Size" -> 8;
      case "Identity", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Slice", "Transpose" ->
          required(inputs.get(0)).byteSize();
      case "Concat" -> inputs.stream().mapToLong(i -> required(i).byteSize()).sum();
      case "Cast" -> Math.multiplyExact(8L, required(inputs.get(0)).elementCount());
      case "ConstantOfShape" -> Math.multiplyExact(8L, product(required(inputs.get(0)).longs()));
      case "Expand" -> {
        Initializer data = required(inputs.get(0));
        long[] dims = Strides.broadcastDims(data.dims(), required(inputs.get(1)).longs());
        yield Math.multiplyExact(8L, product(dims));
      }
      case "Range" -> Math.multiplyExact(8L, rangeLength(inputs));
      case "Gather" -> gathered(node, inputs);
      default -> elementwise(inputs);
    };
  }

  private static long elementwise(List<@Nullable Initializer> inputs) {
    long[] dims = new long[0];
    long width = 1;
    for (Initializer input : inputs) {
      dims = Strides.broadcastDims(dims, required(input).dims());
      width = Math.max(width, required(input).type().byteSize(1));
    }
    return Math.multiplyExact(width, product(dims));
  }

  private static long product(long... dims) {
    long product = 1;
    for (long d : dims) {
      product = Math.multiplyExact(product, d);
    }
    return product;
  }

  private static long gathered(Node node, List<@Nullable Initializer> inputs) {
    Initializer data = required(inputs.get(0));
    long axisSize = data.dims()[TensorMoves.axis(node.intAttribute("axis", 0), data.dims().length)];
    return Math.multiplyExact(
        data.byteSize() / Math.max(1, axisSize), required(inputs.get(1)).elementCount());
  }

  private Optional<Initializer> given(int index) {
    return index < inputs.size() ? Optional.ofNullable(inputs.get(index)) : Optional.empty();
  }

  private Initializer input(int index) {
    return required(given(index).orElse(null));
  }

  private static Initializer required(@Nullable Initializer input) {
    if (input == null) {
      throw new CannotFoldException("An input is missing.");
    }
    return input;
  }

  private List<Initializer> all() {
    return inputs.stream().map(ConstantEvaluator::required).toList();
  }

  /** An argument that was an attribute once and is an input now. */
  private Optional<long[]> ints(String attribute, int index) {
    Optional<long[]> found = node.attribute(attribute).map(Attribute::asInts);
    return found.isPresent() ? found : given(index).map(Initializer::longs);
  }

  private Initializer unsqueeze() {
    long[] axes = ints("axes", 1).orElseThrow(() -> new CannotFoldException("No axes."));
    long[] dims = input(0).dims();
    long[] result = new long[dims.length + axes.length];
    Arrays.fill(result, -1);
    for (long axis : axes) {
      result[TensorMoves.axis(axis, result.length)] = 1;
    }
    int from = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = result[i] == 1 ? 1 : dims[from++];
    }
    return TensorMoves.withDims(input(0), result);
  }

  private Initializer squeeze() {
    long[] dims = input(0).dims();
    boolean[] gone = new boolean[dims.length];
    Optional<long[]> axes = ints("axes", 1);
    for (int i = 0; axes.isEmpty() && i < dims.length; i++) {
      gone[i] = dims[i] == 1;
    }
    for (long axis : axes.orElse(new long[0])) {
      gone[TensorMoves.axis(axis, dims.length)] = true;
    }
    long[] result = new long[dims.length];
    int to = 0;
    for (int i = 0; i < dims.length; i++) {
      if (!gone[i]) {
        result[to++] = dims[i];
      }
    }
    return TensorMoves.withDims(input(0), Arrays.copyOf(result, to));
  }

  private Initializer reshape() {
    long[] dims = input(0).dims();
    long[] shape = input(1).longs();
    boolean zeroMeansZero = node.intAttribute("allowzero", 0) != 0;
    int open = -1;
    long known = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1) {
        open = i;
      } else {
        shape[i] = shape[i] == 0 && !zeroMeansZero ? dims[i] : shape[i];
        known *= shape[i];
      }
    }
    if (open >= 0) {
      shape[open] = input(0).elementCount() / known;
    }
    return TensorMoves.withDims(input(0), shape);
  }

  private Initializer flatten() {
    long[] dims = input(0).dims();
    long axis = node.intAttribute("axis", 1);
    int at = axis == dims.length ? dims.length : TensorMoves.axis(axis, dims.length);
    return TensorMoves.withDims(
        input(0),
        Strides.count(Arrays.copyOfRange(dims, 0, at)),
        Strides.count(Arrays.copyOfRange(dims, at, dims.length)));
  }

  private Initializer slice() {
    long[] starts = ints("starts", 1).orElseThrow(() -> new CannotFoldException("No starts."));
    long[] ends = ints("ends", 2).orElseThrow(() -> new CannotFoldException("No ends."));
    long[] every = new long[starts.length];
    long[] ones = new long[starts.length];
    for (int i = 0; i < starts.length; i++) {
      every[i] = i;
      ones[i] = 1;
    }
    long[] axes = ints("axes", 3).orElse(every);
    return TensorMoves.slice(
        input(0), starts, ends, axes, given(4).map(Initializer::longs).orElse(ones));
  }

  private long[] order() {
    Optional<Attribute> order = node.attribute("perm");
    if (order.isPresent()) {
      return order.get().asInts();
    }
    long[] reversed = new long[input(0).dims().length];
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = reversed.length - 1L - i;
    }
    return reversed;
  }

  private static long rangeLength(List<@Nullable Initializer> inputs) {
    DataType type = required(inputs.get(0)).type();
    if (type != DataType.INT64 && type != DataType.INT32) {
      throw new CannotFoldException("How a range of " + type + " is rounded is left open.");
    }
    long start = required(inputs.get(0)).longs()[0];
    long limit = required(inputs.get(1)).longs()[0];
    long delta = required(inputs.get(2)).longs()[0];
    long span = delta > 0 ? Math.subtractExact(limit, start) : Math.subtractExact(start, limit);
    return span <= 0 ? 0 : (span - 1) / Math.absExact(delta) + 1;
  }

  private Initializer range() {
    long[] values = new long[Math.toIntExact(rangeLength(inputs))];
    long start = input(0).longs()[0];
    long delta = input(2).longs()[0];
    for (int i = 0; i < values.length; i++) {
      values[i] = start + (long) i * delta;
    }
    return Initializer.longs("", input(0).type(), values, values.length);
  }

  private Initializer filling() {
    return node.attribute("value")
        .map(Attribute::asTensor)
        .orElseGet(() -> Initializer.floats("", new float[] {0}));
  }

  private Initializer arithmetic(String operator) {
    if (node.intAttribute("fmod", 0) != 0) {
      throw new CannotFoldException("The remainder of floating-point numbers is left alone.");
    }
    return ElementwiseMath.binary(operator, input(0), input(1));
  }
}
