package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.List;
import java.util.Optional;

/** Reads the values of Constant nodes. */
final class ConstantNodes {
  private ConstantNodes() {}

  static boolean is(Node node) {
    return node.opType().equals("Constant") && node.domain().isEmpty();
  }

  /**
   * Returns the value under the name of the node's output; empty for other nodes, sparse values.
   */
  static Optional<Initializer> value(Node node) {
    if (!is(node) || node.outputs().isEmpty()) {
      return Optional.empty();
    }
    String name = node.outputs().get(0);
    // A Constant node has exactly one attribute.
    return node.attributes().stream().findFirst().flatMap(a -> value(name, a));
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
}
