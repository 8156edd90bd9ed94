package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Looks up constants, wherever a model keeps them. */
public final class Constants {
  private Constants() {}

  /**
   * Returns a constant of the graph: an initializer, or what a Constant node makes.
   *
   * @param editor the graph
   * @param tensor the tensor's name; empty finds nothing
   */
  public static Optional<Initializer> find(GraphEditor editor, String tensor) {
    if (tensor.isEmpty()) {
      return Optional.empty();
    }
    Optional<Initializer> initializer = editor.initializer(tensor);
    if (initializer.isPresent()) {
      // An initializer of the same name as an input is only its default.
      return editor.isInput(tensor) ? Optional.empty() : initializer;
    }
    return editor.producer(tensor).flatMap(Constants::value);
  }

  /** Tells whether a node is of the type Constant. */
  public static boolean isNode(Node node) {
    return node.opType().equals("Constant") && node.domain().isEmpty();
  }

  /** Returns what a Constant node makes, by its name; empty for other nodes and sparse values. */
  public static Optional<Initializer> value(Node node) {
    if (!isNode(node) || node.outputs().isEmpty()) {
      return Optional.empty();
    }
    String name = node.outputs().get(0);
    // A Constant node has exactly one attribute.
    List<Attribute> attributes = node.attributes();
    return attributes.isEmpty() ? Optional.empty() : value(name, attributes.get(0));
  }

  private static Optional<Initializer> value(String name, Attribute a) {
    return switch (a.name()) {
      case "value" -> Optional.of(a.asTensor().withName(name));
      case "value_float" -> Optional.of(Initializer.floats(name, new float[] {a.asFloat()}));
      case "value_int" -> Optional.of(Initializer.longs(name, new long[] {a.asInt()}));
      case "value_string" -> Optional.of(Initializer.strings(name, List.of(a.asString())));
      case "value_floats" -> {
        float[] values = a.kind() == Attribute.Kind.FLOATS ? a.asFloats() : new float[0];
        yield Optional.of(Initializer.floats(name, values, values.length));
      }
      case "value_ints" -> {
        long[] values = a.kind() == Attribute.Kind.INTS ? a.asInts() : new long[0];
        yield Optional.of(Initializer.longs(name, values, values.length));
      }
      case "value_strings" -> {
        List<String> values = a.kind() == Attribute.Kind.STRINGS ? a.asStrings() : List.of();
        yield Optional.of(Initializer.strings(name, values, values.size()));
      }
      default -> Optional.empty();
    };
  }

  /** Returns a FLOAT32 constant. */
  public static Optional<Initializer> floats(GraphEditor editor, String tensor) {
    return find(editor, tensor).filter(c -> c.type() == DataType.FLOAT32);
  }

  /** Returns the value of a FLOAT32 constant of one element, whatever its rank. */
  public static OptionalDouble scalar(GraphEditor editor, String tensor) {
    return floats(editor, tensor)
        .filter(c -> c.elementCount() == 1)
        .map(c -> OptionalDouble.of(c.floats()[0]))
        .orElse(OptionalDouble.empty());
  }
}
