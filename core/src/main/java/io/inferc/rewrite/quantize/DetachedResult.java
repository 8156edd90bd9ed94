package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.function.Function;

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
    append(
        editor,
        layer,
        "_attached",
        "_detach",
        attached ->
            Node.builder("LeakyRelu").inputs(attached).attribute(Attribute.of("alpha", 1f)));
  }

  /**
   * Puts a node in front of another that changes nothing: a Clip to all finite numbers. Unlike a
   * LeakyRelu it lets no scales of channels pass.
   *
   * @param editor the graph
   * @param reader a node of it, maybe replaced by now, whose first input is FLOAT32
   */
  static void writeBefore(GraphEditor editor, Node reader) {
    Node current = editor.current(reader).orElseThrow();
    String tensor = current.inputs().get(0);
    String held = editor.freshName(tensor + "_held");
    String low = editor.freshName(tensor + "_lowest");
    String high = editor.freshName(tensor + "_highest");
    editor.putInitializer(Initializer.floats(low, new float[] {-Float.MAX_VALUE}));
    editor.putInitializer(Initializer.floats(high, new float[] {Float.MAX_VALUE}));
    editor.insertBefore(
        current,
        Node.builder("Clip")
            .name(editor.freshName(tensor + "_hold"))
            .inputs(tensor, low, high)
            .outputs(held)
            .build());
    String[] inputs = current.inputs().toArray(String[]::new);
    inputs[0] = held;
    editor.replace(current, current.toBuilder().inputs(inputs).build());
  }

  /**
   * Puts a node behind another that changes nothing: the larger of the result and itself. That it
   * reads the result twice keeps kernels from computing it along.
   *
   * @param editor the graph
   * @param node a node of it with one output, which is FLOAT32, maybe replaced by now
   */
  static void writeBehind(GraphEditor editor, Node node) {
    append(editor, node, "_own", "_separate", own -> Node.builder("Max").inputs(own, own));
  }

  /** Gives a node's result to another, which gives it on under the old name. */
  private static void append(
      GraphEditor editor,
      Node node,
      String tensorSuffix,
      String nodeSuffix,
      Function<String, Node.Builder> another) {
    Node current = editor.current(node).orElseThrow();
    String result = current.outputs().get(0);
    String inner = editor.freshName(result + tensorSuffix);
    Node replaced = current.toBuilder().outputs(inner).build();
    editor.replace(current, replaced);
    editor.insertAfter(
        replaced,
        another.apply(inner).name(editor.freshName(result + nodeSuffix)).outputs(result).build());
  }
}
