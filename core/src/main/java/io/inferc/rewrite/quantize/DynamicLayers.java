package io.inferc.rewrite.quantize;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.spi.QuantizationDialect;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the layers that scales worked out at run time are for, in all graphs of a model, and the
 * tables that can be read as integers, which need no scales of activations either.
 */
final class DynamicLayers {
  private final QuantizationDialect dialect;
  private final Consumer<Node> able;
  private final BiConsumer<Node, String> unable;

  private DynamicLayers(
      QuantizationDialect dialect, Consumer<Node> able, BiConsumer<Node, String> unable) {
    this.dialect = dialect;
    this.able = able;
    this.unable = unable;
  }

  /** Tells whether a node is a layer: a convolution, a matrix product or a recurrent one. */
  static boolean is(Node node) {
    return MatrixLayer.is(node) || RecurrentLayer.is(node);
  }

  /**
   * Visits the layers of the main graph and of those inside of nodes.
   *
   * @param able takes those that can be quantized
   * @param unable takes the other layers, with the second half of a sentence that says why
   */
  static void visit(
      OnnxModel model,
      QuantizationDialect dialect,
      Consumer<Node> able,
      BiConsumer<Node, String> unable) {
    new DynamicLayers(dialect, able, unable).visit(Preparation.prepare(model, 0).graph(), null);
  }

  private void visit(Graph graph, @Nullable VisibleTensors outer) {
    GraphEditor editor = graph.edit();
    VisibleTensors visible = new VisibleTensors(editor, outer);
    for (Node node : graph.nodes()) {
      if (is(node) || EmbeddingTable.is(node)) {
        visit(node, visible);
      }
      node.subgraphs().forEach(g -> visit(g, visible));
    }
    editor.giveBack();
  }

  private void visit(Node node, VisibleTensors visible) {
    try {
      if (EmbeddingTable.is(node)) {
        EmbeddingTable.of(visible, node, dialect);
      } else if (RecurrentLayer.is(node)) {
        RecurrentLayer.of(visible, node, dialect);
      } else {
        requireDynamic(MatrixLayer.of(visible, node, dialect));
      }
      able.accept(node);
    } catch (CannotQuantizeException e) {
      if (is(node)) {
        unable.accept(node, String.valueOf(e.getMessage()));
      }
    }
  }

  private static void requireDynamic(MatrixLayer layer) {
    Node node = layer.node();
    if (layer.weights() == null) {
      throw new CannotQuantizeException("it multiplies two activations.");
    }
    if (node.opType().startsWith("Conv")) {
      throw new CannotQuantizeException(
          "a convolution gains nothing from scales worked out at run time, only from those of"
              + " samples.");
    }
    if (node.intAttribute("transA", 0) != 0) {
      throw new CannotQuantizeException("its input is transposed.");
    }
  }
}
