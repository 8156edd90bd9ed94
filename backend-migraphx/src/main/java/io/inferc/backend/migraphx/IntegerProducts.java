package io.inferc.backend.migraphx;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds integer products that MIGraphX computes wrongly, without a word: it shifts UINT8 values by
 * 128 to make them INT8, forgets the shift where an operand has no zero point, and in MatMulInteger
 * subtracts zero points in 8 bits, which overflow. Measured with version 2.14: an embedding model
 * that was quantized dynamically has a cosine of 0.49 to what it should return.
 *
 * <p>For one graph, whose nodes are shown in order.
 */
final class IntegerProducts {
  private final Graph graph;
  // Of tensors between nodes, as far as a quantizing operator tells.
  private final Map<String, DataType> made = new HashMap<>();

  IntegerProducts(Graph graph) {
    this.graph = graph;
  }

  /** Returns what is wrong with a node, for the end of a sentence; empty if nothing is. */
  Optional<String> wrong(Node node) {
    switch (node.opType()) {
      case "DynamicQuantizeLinear" -> made.put(node.outputs().get(0), DataType.UINT8);
      case "QuantizeLinear" ->
          made.put(node.outputs().get(0), node.input(2).flatMap(this::type).orElse(DataType.UINT8));
      case "MatMulInteger" -> {
        for (int operand = 0; operand < 2; operand++) {
          if (!isInt8(node, operand) || !hasZeroPointZero(node, operand)) {
            return Optional.of(
                "MIGraphX gets only products of INT8 numbers with zero points 0 right there");
          }
        }
      }
      case "ConvInteger" -> {
        for (int operand = 0; operand < 2; operand++) {
          if (!isInt8(node, operand) && zeroPoint(node, operand).isEmpty()) {
            return Optional.of(
                "MIGraphX gets an operand that is not INT8 right there only if it has a zero"
                    + " point");
          }
        }
      }
      default -> {}
    }
    return Optional.empty();
  }

  private Optional<DataType> type(String name) {
    return graph.declared(name).map(TensorSpec::type).or(() -> Optional.ofNullable(made.get(name)));
  }

  private boolean isInt8(Node node, int operand) {
    return node.input(operand).flatMap(this::type).filter(t -> t == DataType.INT8).isPresent();
  }

  private static Optional<String> zeroPoint(Node node, int operand) {
    return node.input(operand + 2).filter(name -> !name.isEmpty());
  }

  private boolean hasZeroPointZero(Node node, int operand) {
    Optional<String> name = zeroPoint(node, operand);
    if (name.isEmpty()) {
      return true;
    }
    Optional<Initializer> constant = graph.initializer(name.get());
    return constant.isPresent() && isZero(constant.get().bytes());
  }

  private static boolean isZero(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
