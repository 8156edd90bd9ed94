package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;

/**
 * Holds the readers of a layer's result away from the layer, for runtimes that else move scales
 * between them wrongly.
 */
final class DetachedResult {
  private DetachedResult() {}

  /**
   * Puts a node behind a layer that changes nothing: a LeakyRelu of slope 1. Optimizers do not take
   * it away, and kernels compute it with the layer.
   *
   * @param editor the graph
   * @param layer a node of it with one output, maybe replaced by now
   */
  static void write(GraphEditor editor, Node layer) {
    Node current = editor.current(layer).orElseThrow();
    String result = current.outputs().get(0);
    String attached = editor.freshName(result + "_attached");
    Node replaced = current.toBuilder().outputs(attached).build();
    editor.replace(current, replaced);
    editor.insertAfter(
        replaced,
        Node.builder("LeakyRelu")
            .name(editor.freshName(result + "_detach"))
            .inputs(attached)
            .outputs(result)
            .attribute(Attribute.of("alpha", 1f))
            .build());
  }
}
