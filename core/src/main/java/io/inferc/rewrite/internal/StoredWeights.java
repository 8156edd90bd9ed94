package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds weights behind the nodes that exporters put between them and their readers: a Cast of half
 * precision, a DequantizeLinear, what moves elements, and weight normalization.
 *
 * <p>Nothing is folded for it, whatever the size: values are worked out when they are read, and the
 * nodes stay until nobody reads them. So a model whose layers are left alone in the end is no
 * larger than before.
 */
public final class StoredWeights {
  private static final Set<String> MOVES =
      Set.of(
          "Identity",
          "Transpose",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          // Recurrent weights are put into another order of gates by these.
          "Slice",
          "Concat");
  private static final Set<DataType> FLOATS =
      Set.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT64);

  private final VisibleTensors tensors;

  private StoredWeights(VisibleTensors tensors) {
    this.tensors = tensors;
  }

  /**
   * Returns a constant, or what nodes make of constants alone.
   *
   * @throws CannotQuantizeException if it is stored in fewer than 8 bits: it would grow
   */
  public static Optional<Initializer> find(VisibleTensors tensors, String tensor) {
    return new StoredWeights(tensors).find(tensor);
  }

  /** Tells whether a node is one that weights are found behind. */
  public static boolean isPassed(Node node) {
    return node.domain().isEmpty()
        && (MOVES.contains(node.opType())
            || node.opType().equals("Cast")
            || node.opType().equals("DequantizeLinear")
            || Constants.isNode(node));
  }

  /** Tells whether a node may be one that makes weights of constants. */
  public static boolean isBehind(Node node) {
    return isPassed(node) || NormalizedWeights.mayMake(node);
  }

  /** Tells whether weights come in at one input of such a node, and not what tells how to move. */
  public static boolean isData(Node node, int input) {
    return input == 0 || node.opType().equals("Concat");
  }

  private Optional<Initializer> find(String tensor) {
    Optional<Initializer> constant = tensors.constant(tensor);
    if (constant.isPresent()) {
      return constant;
    }
    Node node = tensors.producer(tensor).orElse(null);
    if (node == null || Constants.isNode(node) || node.outputs().size() != 1) {
      return Optional.empty();
    }
    try {
      Optional<Initializer> value =
          isPassed(node) ? value(node) : new NormalizedWeights(tensors, this::find).find(node);
      return value.map(v -> v.withName(tensor));
    } catch (CannotFoldException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private Optional<Initializer> value(Node node) {
    Initializer data = find(node.inputs().get(0)).orElse(null);
    if (data == null) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Cast" -> cast(node, data);
      case "DequantizeLinear" -> dequantized(node, data);
      case "Transpose" -> Optional.of(transposed(node, data));
      default -> moved(node, data);
    };
  }

  private static Optional<Initializer> cast(Node node, Initializer data) {
    int to = (int) node.intAttribute("to", 0);
    if (to != DataType.FLOAT32.onnxCode() || !FLOATS.contains(data.type())) {
      return Optional.empty();
    }
    return Optional.of(
        Initializer.computed("", DataType.FLOAT32, () -> ConstantCast.toFloat(data), data.dims()));
  }

  private Optional<Initializer> dequantized(Node node, Initializer data) {
    Initializer scale = find(node.inputs().get(1)).orElse(null);
    Initializer zero = node.input(2).flatMap(this::find).orElse(null);
    if (scale == null || (node.input(2).isPresent() && zero == null)) {
      return Optional.empty();
    }
    if (data.type().bitWidth() < 8) {
      throw new CannotQuantizeException(
          "its weights are stored as " + data.type() + ", and would be larger as INT8.");
    }
    return Dequantization.of(node, data, scale, zero);
  }

  private static Initializer transposed(Node node, Initializer data) {
    long[] from = data.dims();
    long[] order = order(node, from.length);
    long[] dims = new long[order.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = from[TensorMoves.axis(order[i], from.length)];
    }
    return Initializer.computed("", data.type(), () -> TensorMoves.transpose(data, order), dims);
  }

  private static long[] order(Node node, int rank) {
    Optional<Attribute> given = node.attribute("perm");
    long[] order = new long[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = rank - 1L - i;
    }
    return given.map(Attribute::asInts).filter(p -> p.length == rank).orElse(order);
  }

  /** Nearly all of these keep the elements in their order, so that no value is looked at. */
  private Optional<Initializer> moved(Node node, Initializer data) {
    List<@Nullable Initializer> inputs = new ArrayList<>();
    inputs.add(data);
    for (String input : node.inputs().subList(1, node.inputs().size())) {
      Optional<Initializer> argument = find(input);
      if (argument.isEmpty() && !input.isEmpty()) {
        return Optional.empty();
      }
      inputs.add(argument.orElse(null));
    }
    return Optional.of(ConstantEvaluator.evaluate(node, inputs));
  }
}
