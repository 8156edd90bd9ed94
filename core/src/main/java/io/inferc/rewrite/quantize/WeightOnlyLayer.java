package io.inferc.rewrite.quantize;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.internal.TensorMoves;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import java.util.Optional;

/**
 * A matrix product or table whose weights alone can be integers.
 *
 * @param node the node: MatMul, Gemm or Gather
 * @param weights the constant as the node reads it, of two dimensions
 * @param rowsLast true if the rows, along which blocks run, are the columns of the constant
 * @param block how many weights of a row share a scale; 0 for a whole row
 */
record WeightOnlyLayer(Node node, Initializer weights, boolean rowsLast, int block) {
  private static final int LEAST_OF_TABLES = 32;

  /** Tells whether a node may be one. */
  static boolean is(Node node) {
    return isProduct(node) || EmbeddingTable.is(node);
  }

  static boolean isProduct(Node node) {
    return node.domain().isEmpty()
        && (node.opType().equals("MatMul") || node.opType().equals("Gemm"));
  }

  /**
   * Describes a node of a main graph.
   *
   * @param block the size of blocks of products
   * @throws CannotQuantizeException if its weights cannot be integers
   */
  static WeightOnlyLayer of(
      GraphEditor graph, Node node, WeightOnlyForm form, WeightQuantization options, int block) {
    int bits = options.bits();
    if (!is(node)) {
      throw new CannotQuantizeException(
          "only matrix products and tables have weights in blocks, not " + node.opType() + ".");
    }
    WeightOnlyLayer layer =
        isProduct(node)
            ? product(graph, node, form, bits, block)
            : table(graph, node, form, bits, tableBlock(options, block));
    layer.requireSmaller(bits, options.hasZeroPoints(form.zeroPoints()));
    return layer;
  }

  /** Errors of a table are not added up as those of a product, so it does with fewer scales. */
  private static int tableBlock(WeightQuantization options, int block) {
    return options.block().isPresent() ? block : Math.max(LEAST_OF_TABLES, block);
  }

  private static WeightOnlyLayer product(
      GraphEditor graph, Node node, WeightOnlyForm form, int bits, int block) {
    VisibleTensors visible = VisibleTensors.of(graph);
    String tensor = node.inputs().get(1);
    MatrixLayer.requireFixed(visible, tensor);
    requireFloating(graph, tensor);
    requireActivation(graph, visible, node);
    Initializer weights =
        StoredWeights.find(visible, tensor)
            .orElseThrow(() -> new CannotQuantizeException("its weights are not constant."));
    requireType(weights, form);
    if (weights.dims().length != 2) {
      throw new CannotQuantizeException("its constant matrix does not have two dimensions.");
    }
    if (node.intAttribute("transA", 0) != 0) {
      throw new CannotQuantizeException("its input is transposed.");
    }
    boolean rowsLast = node.opType().equals("MatMul") || node.intAttribute("transB", 0) == 0;
    long row = weights.dims()[rowsLast ? 0 : 1];
    return new WeightOnlyLayer(node, weights, rowsLast, blockOf(form, bits, block, row));
  }

  private static WeightOnlyLayer table(
      GraphEditor graph, Node node, WeightOnlyForm form, int bits, int block) {
    if (form.tables() == WeightOnlyForm.Tables.FLOAT) {
      throw new CannotQuantizeException("the target reads tables in floating point.");
    }
    requireFloating(graph, node.inputs().get(0));
    Initializer rows = EmbeddingTable.of(VisibleTensors.of(graph), node).rows();
    requireType(rows, form);
    if (form.tables() == WeightOnlyForm.Tables.INTEGER_ROWS) {
      if (rows.type() != DataType.FLOAT32) {
        throw new CannotQuantizeException("its table is not rows of FLOAT32.");
      }
      return new WeightOnlyLayer(node, rows, false, 0);
    }
    if (rows.dims().length != 2) {
      throw new CannotQuantizeException("its table does not have two dimensions.");
    }
    long row = rows.dims()[1];
    if (row * bits % Byte.SIZE != 0) {
      throw new CannotQuantizeException("its rows do not end with a byte.");
    }
    return new WeightOnlyLayer(node, rows, false, blockOf(form, bits, block, row));
  }

  private static int blockOf(WeightOnlyForm form, int bits, int block, long row) {
    return form.blockOf(bits, block, row)
        .orElseThrow(
            () ->
                new CannotQuantizeException(
                    "the "
                        + row
                        + " weights of a row are no multiple of a block of "
                        + form.blocks().get(bits)
                        + " with at most "
                        + block
                        + "."));
  }

  /** Rounding twice loses more than once, and finds nothing to save. */
  private static void requireFloating(GraphEditor graph, String tensor) {
    Optional<Node> node = graph.producer(tensor);
    while (node.isPresent()
        && StoredWeights.isPassed(node.get())
        && !Constants.isNode(node.get())) {
      if (node.get().opType().equals("DequantizeLinear")) {
        throw new CannotQuantizeException("its weights are integers already.");
      }
      node = graph.producer(node.get().inputs().get(0));
    }
  }

  private static void requireActivation(GraphEditor graph, VisibleTensors visible, Node node) {
    String tensor = node.inputs().get(0);
    if (StoredWeights.find(visible, tensor).isPresent()) {
      throw new CannotQuantizeException("its left input '" + tensor + "' is constant.");
    }
    if (graph.producer(tensor).filter(n -> n.opType().equals("DequantizeLinear")).isPresent()) {
      throw new CannotQuantizeException("its input '" + tensor + "' was quantized before.");
    }
  }

  private static void requireType(Initializer weights, WeightOnlyForm form) {
    if (!form.types().contains(weights.type())) {
      throw new CannotQuantizeException(
          "its weights are "
              + weights.type()
              + ", and there such weights are of "
              + form.types()
              + ".");
    }
  }

  private void requireSmaller(int bits, boolean zeroPoints) {
    long[] dims = weights.dims();
    if (block == 0 || dims.length != 2) {
      return;
    }
    int scale = weights.type().bitWidth() / Byte.SIZE;
    long row = dims[rowsLast ? 0 : 1];
    long rows = dims[rowsLast ? 1 : 0];
    if (BlockWeights.byteSize(bits, block, rows, row, zeroPoints, scale) >= weights.byteSize()) {
      throw new CannotQuantizeException("its weights would be no smaller in blocks.");
    }
  }

  /** The length of a row, which is the inner size of a product. */
  int row() {
    return Math.toIntExact(weights.dims()[rowsLast ? 0 : 1]);
  }

  /** The weights row by row; worked out when they are read. */
  Initializer rows() {
    long[] dims = weights.dims();
    return rowsLast
        ? Initializer.computed(
            weights.name(),
            weights.type(),
            () -> TensorMoves.transpose(weights, 1, 0),
            dims[1],
            dims[0])
        : weights;
  }
}
