package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.Optional;
import java.util.OptionalDouble;

/** Looks up constants, wherever a model keeps them. */
final class Constants {
  private Constants() {}

  /**
   * Returns a constant of the graph: an initializer, or what a Constant node makes.
   *
   * @param editor the graph
   * @param tensor the tensor's name; empty finds nothing
   */
  static Optional<Initializer> find(GraphEditor editor, String tensor) {
    if (tensor.isEmpty()) {
      return Optional.empty();
    }
    Optional<Initializer> initializer = editor.initializer(tensor);
    if (initializer.isPresent()) {
      // An initializer of the same name as an input is only its default.
      return editor.isInput(tensor) ? Optional.empty() : initializer;
    }
    return editor
        .producer(tensor)
        .filter(n -> n.opType().equals("Constant") && n.domain().isEmpty())
        .flatMap(n -> value(n, tensor));
  }

  private static Optional<Initializer> value(Node node, String tensor) {
    for (Attribute a : node.attributes()) {
      Initializer found =
          switch (a.name()) {
            case "value" -> a.asTensor().withName(tensor);
            case "value_float" -> Initializer.floats(tensor, new float[] {a.asFloat()});
            case "value_floats" -> Initializer.floats(tensor, a.asFloats(), a.asFloats().length);
            case "value_int" -> Initializer.longs(tensor, new long[] {a.asInt()});
            case "value_ints" -> Initializer.longs(tensor, a.asInts(), a.asInts().length);
            default -> null;
          };
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** Returns a FLOAT32 constant. */
  static Optional<Initializer> floats(GraphEditor editor, String tensor) {
    return find(editor, tensor).filter(c -> c.type() == DataType.FLOAT32);
  }

  /** Returns the value of a FLOAT32 constant of one element, whatever its rank. */
  static OptionalDouble scalar(GraphEditor editor, String tensor) {
    return floats(editor, tensor)
        .filter(c -> c.elementCount() == 1)
        .map(c -> OptionalDouble.of(c.floats()[0]))
        .orElse(OptionalDouble.empty());
  }
}
