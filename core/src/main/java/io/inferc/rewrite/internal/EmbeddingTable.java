package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;

/**
 * A table whose rows a Gather picks by indices of the input, as the embeddings of tokens.
 *
 * @param node the Gather
 * @param rows the table, {@code [rows, ...]}
 */
public record EmbeddingTable(Node node, Initializer rows) {
  /** Tables of fewer bytes are not worth their nodes. */
  static final long SMALLEST_BYTES = 64 * 1024;

  /** Tells whether a node picks rows. */
  public static boolean is(Node node) {
    return node.domain().isEmpty()
        && node.opType().equals("Gather")
        && node.intAttribute("axis", 0) == 0;
  }

  /**
   * Describes a node.
   *
   * @throws CannotQuantizeException if it picks no rows of a large constant table
   */
  public static EmbeddingTable of(VisibleTensors graph, Node node, QuantizationDialect dialect) {
    if (!dialect.kernels().embeddingTables()) {
      throw new CannotQuantizeException(dialect.name() + " reads tables in floating point.");
    }
    EmbeddingTable table = of(graph, node);
    if (table.rows.type() != DataType.FLOAT32) {
      throw new CannotQuantizeException("its table is not rows of FLOAT32.");
    }
    return table;
  }

  /**
   * Describes a node that picks rows of any floating-point type.
   *
   * @throws CannotQuantizeException if it picks no rows of a large constant table
   */
  public static EmbeddingTable of(VisibleTensors graph, Node node) {
    MatrixLayer.requireFixed(graph, node.inputs().get(0));
    Initializer rows =
        StoredWeights.find(graph, node.inputs().get(0))
            .orElseThrow(() -> new CannotQuantizeException("its table is not constant."));
    if (!rows.type().isFloatingPoint() || rows.dims().length < 2) {
      throw new CannotQuantizeException("its table is not rows of FLOAT32.");
    }
    if (rows.byteSize() < SMALLEST_BYTES) {
      throw new CannotQuantizeException("its table is small.");
    }
    if (StoredWeights.find(graph, node.inputs().get(1)).isPresent()) {
      throw new CannotQuantizeException("its indices are constant.");
    }
    return new EmbeddingTable(node, rows);
  }
}
