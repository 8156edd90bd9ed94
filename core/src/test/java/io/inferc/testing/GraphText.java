package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Graphs as text, for golden tests: constants, then nodes, then outputs, a line each.
 *
 * <pre>{@code
 * const w: FLOAT32[2] = [1.0, 2.0]
 * add: Add(x, w) -> y
 * choose: If(c) -> z
 *   then_branch:
 *     copy: Identity(y) -> t
 *     return t
 * return z
 * }</pre>
 *
 * <p>Values of up to eight elements are written out, sizes and types only of larger ones.
 */
public final class GraphText {
  private static final int WRITTEN_OUT = 8;

  private GraphText() {}

  /**
   * Writes a graph down.
   *
   * @param graph the graph
   * @return lines, each ended by a line feed
   */
  public static String of(Graph graph) {
    StringBuilder text = new StringBuilder();
    write(graph, "", text);
    return text.toString();
  }

  private static void write(Graph graph, String indent, StringBuilder text) {
    for (Initializer constant : graph.initializers()) {
      text.append(indent).append("const ").append(constant(constant)).append('\n');
    }
    for (Node node : graph.nodes()) {
      text.append(indent).append(line(node)).append('\n');
      for (Attribute attribute : node.attributes()) {
        for (Graph subgraph : attribute.graphs()) {
          text.append(indent).append("  ").append(attribute.name()).append(":\n");
          write(subgraph, indent + "    ", text);
        }
      }
    }
    text.append(indent)
        .append("return ")
        .append(graph.outputs().stream().map(ValueInfo::name).collect(Collectors.joining(", ")))
        .append('\n');
  }

  private static String line(Node node) {
    List<String> attributes =
        node.attributes().stream()
            .filter(a -> a.graphs().isEmpty())
            .map(
                a ->
                    a.kind() == Attribute.Kind.TENSOR
                        ? a.name() + "=" + constant(a.asTensor())
                        : a.toString())
            .toList();
    return (node.name().isEmpty() ? "" : node.name() + ": ")
        + (node.domain().isEmpty() ? "" : node.domain() + ".")
        + node.opType()
        + "("
        + String.join(", ", node.inputs())
        + ") -> "
        + String.join(", ", node.outputs())
        + (attributes.isEmpty() ? "" : " {" + String.join(", ", attributes) + "}");
  }

  private static String constant(Initializer constant) {
    String text = constant.toString();
    if (constant.elementCount() > WRITTEN_OUT) {
      return text;
    }
    return text + " = " + values(constant);
  }

  private static String values(Initializer constant) {
    return switch (constant.type()) {
      case STRING -> constant.strings().toString();
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> Arrays.toString(constant.floats());
      default -> Arrays.toString(constant.longs());
    };
  }
}
