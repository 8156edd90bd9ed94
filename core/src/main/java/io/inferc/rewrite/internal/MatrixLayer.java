package io.inferc.rewrite.internal;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A convolution or matrix product that can be quantized.
 *
 * @param node the node
 * @param activations positions of the inputs that are computed
 * @param weights the constant weights, or null for a product of two activations
 * @param axis the axis of the weights that runs over output channels
 * @param bias the constant bias, one value for each channel, or null
 * @param add the node behind a MatMul that adds the bias, or null
 */
public record MatrixLayer(
    Node node,
    List<Integer> activations,
    @Nullable Initializer weights,
    int axis,
    @Nullable Initializer bias,
    @Nullable Node add) {
  static final Set<String> OPERATORS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

  // What models put between the Softmax and the second product of attention.
  private static final Set<String> MOVING =
      Set.of("Cast", "Dropout", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze");

  public static boolean is(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.opType());
  }

  /**
   * Describes a node.
   *
   * @throws CannotQuantizeException if it has no form in the dialect, whatever the calibration says
   */
  public static MatrixLayer of(GraphEditor graph, Node node, QuantizationDialect dialect) {
    return of(VisibleTensors.of(graph), node, dialect);
  }

  /** Describes a node of any graph, as {@link #of(GraphEditor, Node, QuantizationDialect)} does. */
  public static MatrixLayer of(VisibleTensors graph, Node node, QuantizationDialect dialect) {
    if (!is(node) || !dialect.kernels().operators().contains(node.opType())) {
      throw new CannotQuantizeException(
          dialect.name() + " has no integer kernel for " + node.opType() + ".");
    }
    MatrixLayer layer =
        switch (node.opType()) {
          case "Gemm" -> gemm(graph, node);
          case "MatMul" -> matMul(graph, node);
          default -> convolution(graph, node);
        };
    for (int i : layer.activations) {
      requireActivation(graph, node, i);
    }
    if (layer.weights == null && !dialect.kernels().activationProducts()) {
      throw new CannotQuantizeException(
          dialect.name() + " computes products of two activations faster in floating point.");
    }
    if (layer.weights == null && !dialect.kernels().weightedSums() && isWeighted(graph, node)) {
      throw new CannotQuantizeException(
          dialect.name()
              + " computes products with what a Softmax gives faster in floating point.");
    }
    layer.requireSize(dialect.kernels().minimumReduction());
    return layer;
  }

  private static boolean isWeighted(VisibleTensors graph, Node product) {
    return product.inputs().stream().anyMatch(i -> isSoftmax(graph, i));
  }

  /** Tells whether a Softmax makes a tensor, also where its values are only moved. */
  private static boolean isSoftmax(VisibleTensors graph, String tensor) {
    Node node = graph.producer(tensor).orElse(null);
    while (node != null && node.domain().isEmpty() && MOVING.contains(node.opType())) {
      node = graph.producer(node.inputs().get(0)).orElse(null);
    }
    return node != null && node.domain().isEmpty() && node.opType().equals("Softmax");
  }

  private static MatrixLayer convolution(VisibleTensors graph, Node node) {
    Initializer weights = weights(graph, node);
    if (weights.dims().length < 3) {
      throw new CannotQuantizeException("its weights have fewer than three dimensions.");
    }
    boolean transposed = node.opType().equals("ConvTranspose");
    Initializer bias = bias(graph, node);
    return new MatrixLayer(node, List.of(0), weights, transposed ? 1 : 0, bias, null);
  }

  private static MatrixLayer gemm(VisibleTensors graph, Node node) {
    Initializer weights = weights(graph, node);
    int axis = node.intAttribute("transB", 0) != 0 ? 0 : 1;
    return new MatrixLayer(node, List.of(0), weights, axis, bias(graph, node), null);
  }

  private static MatrixLayer matMul(VisibleTensors graph, Node node) {
    Optional<Initializer> weights = StoredWeights.find(graph, node.inputs().get(1));
    if (weights.isEmpty()) {
      requireFixed(graph, node.inputs().get(1));
      return new MatrixLayer(node, List.of(0, 1), null, 0, null, null);
    }
    requireFloat(weights.get());
    if (weights.get().dims().length != 2) {
      throw new CannotQuantizeException("its constant matrix does not have two dimensions.");
    }
    int channels = Math.toIntExact(weights.get().dims()[1]);
    Node add = soleReader(graph.graph(), node.outputs().get(0)).orElse(null);
    Initializer bias = add == null ? null : addend(graph, add, node.outputs().get(0), channels);
    return new MatrixLayer(node, List.of(0), weights.get(), 1, bias, bias == null ? null : add);
  }

  private static @Nullable Initializer addend(
      VisibleTensors graph, Node add, String product, int channels) {
    if (!add.opType().equals("Add") || !add.domain().isEmpty()) {
      return null;
    }
    String other = add.inputs().get(add.inputs().get(0).equals(product) ? 1 : 0);
    return graph
        .constant(other)
        .filter(b -> b.type() == DataType.FLOAT32)
        .filter(b -> b.dims().length == 1 && b.dims()[0] == channels)
        .orElse(null);
  }

  private static Initializer weights(VisibleTensors graph, Node node) {
    requireFixed(graph, node.inputs().get(1));
    Initializer weights =
        StoredWeights.find(graph, node.inputs().get(1))
            .orElseThrow(() -> new CannotQuantizeException("its weights are not constant."));
    requireFloat(weights);
    return weights;
  }

  /** A caller may give such weights another value, which integers made now would not have. */
  public static void requireFixed(VisibleTensors graph, String weights) {
    if (graph.isOverridable(weights)) {
      throw new CannotQuantizeException(
          "its weights are an input of the model too, which a caller may override: take '"
              + weights
              + "' off the model's inputs.");
    }
  }

  private static @Nullable Initializer bias(VisibleTensors graph, Node node) {
    return node.input(2)
        .flatMap(graph::constant)
        .filter(b -> b.type() == DataType.FLOAT32)
        .orElse(null);
  }

  private static void requireFloat(Initializer weights) {
    if (weights.type() != DataType.FLOAT32) {
      throw new CannotQuantizeException("its weights are " + weights.type() + ", not FLOAT32.");
    }
  }

  /**
   * Makes sure that what is multiplied is FLOAT32, and that the integer kernel computes it rightly.
   *
   * @throws CannotQuantizeException if it is not, or not known to be
   */
  public static void requireKernel(GraphFacts facts, Node node, QuantizationDialect dialect) {
    for (String tensor : node.inputs().subList(0, 2)) {
      DataType type = facts.type(tensor).orElse(null);
      if (type != DataType.FLOAT32) {
        String what =
            facts.constant(tensor).isPresent() ? "weights are " : "input '" + tensor + "' is ";
        throw new CannotQuantizeException(
            "its " + what + (type == null ? "of an unknown type" : type) + ", not FLOAT32.");
      }
    }
    Optional<String> refusal = dialect.kernels().kernelRules().refusal(facts.use(node));
    if (refusal.isPresent()) {
      throw new CannotQuantizeException(refusal.get());
    }
  }

  private static void requireActivation(VisibleTensors graph, Node node, int input) {
    String tensor = node.inputs().get(input);
    if (StoredWeights.find(graph, tensor).isPresent()) {
      throw new CannotQuantizeException("its input '" + tensor + "' is constant.");
    }
    if (graph.isFixed(tensor)) {
      throw new CannotQuantizeException(
          "its input '" + tensor + "' is computed from constants alone, once for all runs.");
    }
    if (graph.producer(tensor).filter(n -> n.opType().equals("DequantizeLinear")).isPresent()) {
      throw new CannotQuantizeException("its input '" + tensor + "' was quantized before.");
    }
  }

  private void requireSize(int smallest) {
    if (weights == null || node.opType().startsWith("Conv")) {
      return;
    }
    long least = Math.min(weights.dims()[0], weights.dims()[1]);
    if (least < smallest) {
      throw new CannotQuantizeException(
          "its matrix has a side of " + least + ", below the " + smallest + " of the kernels.");
    }
  }

  /** The only node that reads a tensor, if nothing else does. */
  public static Optional<Node> soleReader(GraphEditor graph, String tensor) {
    List<Node> readers = graph.consumers(tensor);
    return readers.size() == 1 && !readers.get(0).hasSubgraphs() && !graph.isOutput(tensor)
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }

  /** The node that makes the result before an activation function. */
  public Node last() {
    return add == null ? node : add;
  }

  /** The axis of the input's channels, counted from the end. */
  public int inputAxis() {
    return weights != null && node.opType().startsWith("Conv")
        ? 1 - weights.dims().length
        : node.opType().equals("Gemm") && node.intAttribute("transA", 0) != 0 ? -2 : -1;
  }

  /** How many output channels the weights have, in one group. */
  public int channels() {
    return weights == null ? 0 : Math.toIntExact(weights.dims()[axis]);
  }

  /** Tells whether there is a bias that is not one constant for each channel. */
  public boolean hasOddBias() {
    if (add != null || node.input(2).isEmpty()) {
      return false;
    }
    return bias == null || bias.dims().length != 1 || bias.dims()[0] != channels();
  }
}
