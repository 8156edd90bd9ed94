package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Weights that a model keeps as a direction and a length, v · (g / ‖v‖), as training with weight
 * normalization leaves them (Salimans and Kingma, "Weight Normalization", 2016).
 *
 * <p>Runtimes add the squares in orders of their own, so the last bits of such weights are not
 * theirs: good for weights that will be rounded to integers, not for folding.
 */
final class NormalizedWeights {
  private static final Set<String> OPERATORS = Set.of("Mul", "Div", "ReduceL2");

  private final VisibleTensors tensors;
  private final Function<String, Optional<Initializer>> constants;

  /**
   * Creates a search.
   *
   * @param constants finds what is constant by name
   */
  NormalizedWeights(VisibleTensors tensors, Function<String, Optional<Initializer>> constants) {
    this.tensors = tensors;
    this.constants = constants;
  }

  /** Tells whether a node may be part of such weights. */
  static boolean mayMake(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.opType());
  }

  /**
   * Returns the weights that a product of a direction and its factor is.
   *
   * @return the weights, worked out when they are read; empty if the node is no such product of
   *     constants, or a direction has no length
   * @throws CannotFoldException if shapes do not fit each other or a factor is not a number
   */
  Optional<Initializer> find(Node product) {
    for (int i = 0; is(product, "Mul") && i < 2; i++) {
      String direction = product.inputs().get(i);
      Node factor = made(product.inputs().get(1 - i), "Div").orElse(null);
      Node norm = factor == null ? null : made(factor.inputs().get(1), "ReduceL2").orElse(null);
      if (factor != null && norm != null && norm.inputs().get(0).equals(direction)) {
        Initializer v = single(direction).orElse(null);
        Initializer g = single(factor.inputs().get(0)).orElse(null);
        return v == null || g == null ? Optional.empty() : scaled(v, g, norm);
      }
    }
    return Optional.empty();
  }

  private Optional<Node> made(String tensor, String operator) {
    return tensors.producer(tensor).filter(n -> is(n, operator));
  }

  private static boolean is(Node node, String operator) {
    return node.domain().isEmpty() && node.opType().equals(operator);
  }

  private Optional<Initializer> single(String tensor) {
    return constants.apply(tensor).filter(c -> c.type() == DataType.FLOAT32);
  }

  private Optional<Initializer> scaled(Initializer v, Initializer g, Node norm) {
    Optional<long[]> axes =
        norm.attribute("axes")
            .map(Attribute::asInts)
            .or(() -> norm.input(1).flatMap(constants).map(Initializer::longs));
    if (axes.isEmpty() || axes.get().length == 0 || norm.intAttribute("keepdims", 1) == 0) {
      return Optional.empty();
    }
    Initializer length = length(v, axes.get());
    Initializer factor = ElementwiseMath.binary("Div", g, length);
    if (!isFinite(length)
        || !isFinite(factor)
        || !Arrays.equals(Strides.broadcastDims(v.dims(), factor.dims()), v.dims())) {
      return Optional.empty();
    }
    return Optional.of(
        Initializer.computed(
            "", v.type(), () -> ElementwiseMath.binary("Mul", v, factor), v.dims()));
  }

  private static Initializer length(Initializer v, long... axes) {
    long[] dims = v.dims();
    long[] left = dims.clone();
    for (long axis : axes) {
      left[TensorMoves.axis(axis, dims.length)] = 1;
    }
    float[] values = v.floats();
    double[] squares = new double[Strides.count(left)];
    Strides.walk(
        dims,
        Strides.of(dims),
        0,
        Strides.broadcast(left, dims),
        0,
        (i, at, to) -> squares[to] += (double) values[at] * values[at]);
    float[] lengths = new float[squares.length];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = (float) Math.sqrt(squares[i]);
    }
    return Initializer.floats("", lengths, left);
  }

  private static boolean isFinite(Initializer constant) {
    for (float value : constant.floats()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
