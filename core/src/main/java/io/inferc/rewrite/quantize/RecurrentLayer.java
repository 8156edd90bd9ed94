package io.inferc.rewrite.quantize;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.Set;

/**
 * A recurrent layer that can be quantized with scales worked out at run time.
 *
 * @param node the node
 * @param input the weights of the input, {@code [directions, 4 * hidden, input size]}
 * @param recurrence the weights of the state, {@code [directions, 4 * hidden, hidden]}
 */
record RecurrentLayer(Node node, Initializer input, Initializer recurrence) {
  /** Below this the kernel was measured to be no faster than that of single precision. */
  static final int SMALLEST = 64;

  private static final Set<String> OPERATORS = Set.of("LSTM", "GRU", "RNN");

  static boolean is(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.opType());
  }

  /**
   * Describes a node.
   *
   * @throws CannotQuantizeException if it has no form in the dialect
   */
  static RecurrentLayer of(VisibleTensors graph, Node node, QuantizationDialect dialect) {
    if (!node.opType().equals("LSTM") || !dialect.kernels().dynamicLstm()) {
      throw new CannotQuantizeException(
          dialect.name()
              + " has no integer kernel for "
              + node.opType()
              + (dialect.kernels().dynamicLstm() ? ", only for LSTM." : "."));
    }
    if (node.intAttribute("layout", 0) != 0) {
      throw new CannotQuantizeException("its integer kernel takes no batch in front of the steps.");
    }
    RecurrentLayer layer =
        new RecurrentLayer(node, weights(graph, node, 1), weights(graph, node, 2));
    long hidden = layer.recurrence.dims()[2];
    if (hidden < SMALLEST) {
      throw new CannotQuantizeException(
          "its " + hidden + " hidden values are too few to gain, below " + SMALLEST + ".");
    }
    return layer;
  }

  private static Initializer weights(VisibleTensors graph, Node node, int input) {
    String name = node.input(input).orElse("");
    MatrixLayer.requireFixed(graph, name);
    Initializer weights =
        StoredWeights.find(graph, name)
            .orElseThrow(() -> new CannotQuantizeException("its weights are not constant."));
    if (weights.type() != DataType.FLOAT32 || weights.dims().length != 3) {
      throw new CannotQuantizeException("its weights are not FLOAT32 of three dimensions.");
    }
    return weights;
  }
}
