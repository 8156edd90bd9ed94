package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.rewrite.cleanup.AttentionMatch.Heads;
import io.inferc.rewrite.cleanup.AttentionMatch.Plain;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.DeclaredShapes;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Follows queries, keys and values [batch, heads, length, width], or turned, back to what they were
 * before they were split into heads: [batch, length, heads * width].
 */
final class AttentionHeads {
  static final long[] HEADS_FIRST = {0, 2, 1, 3};
  private static final long[] TURNED = {0, 2, 3, 1};
  private static final long[] LAST_TWO = {0, 1, 3, 2};
  private static final long[] LAST_OF_THREE = {0, 2, 1};

  private final GraphEditor editor;
  private final Graph graph;
  private final Map<String, TensorShape> proved;

  /**
   * Creates the search.
   *
   * @param editor the graph, not edited yet
   * @param graph the same, for the types it declares
   * @param proved the shapes that its tensors surely have
   */
  AttentionHeads(GraphEditor editor, Graph graph, Map<String, TensorShape> proved) {
    this.editor = editor;
    this.graph = graph;
    this.proved = proved;
  }

  /** Follows a tensor back, and notes what would be plainer. */
  Optional<Heads> find(String tensor, boolean turned, List<Plain> plain) {
    List<Node> nodes = new ArrayList<>();
    double factor = 1;
    boolean turn = turned;
    String current = tensor;
    while (true) {
      Node made = between(current).orElse(null);
      if (made == null) {
        return Optional.empty();
      }
      OptionalDouble scale = factor(made);
      Optional<List<Node>> detour = turn ? detour(made) : Optional.empty();
      if (scale.isPresent()) {
        factor *= scale.getAsDouble();
        nodes.add(0, made);
        current = made.inputs().get(scaled(made));
      } else if (detour.isPresent()) {
        nodes.addAll(0, detour.get());
        current = detour.get().get(0).inputs().get(0);
        plain.add(new Plain(made, transposed(made, current)));
        turn = false;
      } else if (turn && permutes(made, LAST_TWO)) {
        nodes.add(0, made);
        current = made.inputs().get(0);
        turn = false;
      } else if (permutes(made, turn ? TURNED : HEADS_FIRST)) {
        nodes.add(0, made);
        return split(made.inputs().get(0), nodes, factor, plain);
      } else {
        return Optional.empty();
      }
    }
  }

  private static Node transposed(Node made, String input) {
    return Node.builder("Transpose")
        .name(made.name())
        .inputs(input)
        .outputs(made.outputs().get(0))
        .attribute(Attribute.ofInts("perm", LAST_TWO))
        .build();
  }

  /** Rows and columns exchanged by way of three dimensions, as PyTorch's exporter writes it. */
  private Optional<List<Node>> detour(Node back) {
    if (!GraphView.is(back, "Reshape")) {
      return Optional.empty();
    }
    Node turn = between(back.inputs().get(0)).filter(n -> permutes(n, LAST_OF_THREE)).orElse(null);
    Node flat =
        turn == null
            ? null
            : between(turn.inputs().get(0)).filter(n -> GraphView.is(n, "Reshape")).orElse(null);
    if (turn == null || flat == null) {
      return Optional.empty();
    }
    List<Dimension> before = shape(flat.inputs().get(0));
    List<Dimension> three = shape(flat.outputs().get(0));
    List<Dimension> after = shape(back.outputs().get(0));
    // What lies in memory one behind the other stays so, so that the last two sizes say it all.
    boolean exchanged =
        before.size() == 4
            && three.size() == 3
            && after.size() == 4
            && same(before.subList(2, 4), three.subList(1, 3))
            && same(before.subList(0, 2), after.subList(0, 2))
            && same(before.subList(2, 3), after.subList(3, 4))
            && same(before.subList(3, 4), after.subList(2, 3));
    return exchanged ? Optional.of(List.of(flat, turn, back)) : Optional.empty();
  }

  private Optional<Heads> split(String tensor, List<Node> nodes, double factor, List<Plain> plain) {
    Node split = between(tensor).filter(n -> GraphView.is(n, "Reshape")).orElse(null);
    if (split == null) {
      return Optional.empty();
    }
    String source = split.inputs().get(0);
    List<Dimension> before = shape(source);
    List<Dimension> after = shape(split.outputs().get(0));
    boolean kept =
        isFloat(source)
            && before.size() == 3
            && after.size() == 4
            && same(before.subList(0, 2), after.subList(0, 2))
            && before.get(2).isFixed()
            && after.get(2).isFixed()
            && after.get(3).isFixed();
    if (!kept) {
      return Optional.empty();
    }
    long count = after.get(2).size().getAsLong();
    long width = after.get(3).size().getAsLong();
    if (count * width != before.get(2).size().getAsLong() || count * width == 0) {
      return Optional.empty();
    }
    nodes.add(0, split);
    plain.add(new Plain(split, split));
    return Optional.of(new Heads(List.copyOf(nodes), source, count, width, factor));
  }

  /** Tells whether a tensor is FLOAT32, which alone the kernel takes. */
  boolean isFloat(String tensor) {
    return isOf(DataType.FLOAT32, tensor);
  }

  boolean isBoolean(String tensor) {
    return isOf(DataType.BOOL, tensor);
  }

  private boolean isOf(DataType type, String tensor) {
    return graph.declared(tensor).map(TensorSpec::type).filter(type::equals).isPresent();
  }

  /** The proved shape; nothing where even the rank is not known. */
  List<Dimension> shape(String tensor) {
    TensorShape shape = proved.get(tensor);
    if (shape == null) {
      // Inputs are held to what they declare, and constants have what they have.
      boolean given = editor.isInput(tensor) || editor.initializer(tensor).isPresent();
      shape = given ? graph.declared(tensor).map(TensorSpec::shape).orElse(null) : null;
    }
    return shape == null ? List.of() : shape.dimensions().orElse(List.of());
  }

  static boolean same(List<Dimension> a, List<Dimension> b) {
    return DeclaredShapes.areSame(a, b);
  }

  static boolean permutes(Node node, long... order) {
    return GraphView.is(node, "Transpose")
        && node.attribute("perm").filter(a -> Arrays.equals(a.asInts(), order)).isPresent();
  }

  /** The factor of a multiplication or division by a constant of one element. */
  OptionalDouble factor(Node node) {
    boolean divided = GraphView.is(node, "Div");
    if (!divided && !GraphView.is(node, "Mul")) {
      return OptionalDouble.empty();
    }
    int at = 1 - scaled(node);
    OptionalDouble constant = Constants.scalar(editor, node.inputs().get(at));
    List<Dimension> before = shape(node.inputs().get(1 - at));
    List<Dimension> after = shape(node.outputs().get(0));
    // A constant of more dimensions would give the product more, too.
    if (constant.isEmpty() || before.isEmpty() || before.size() != after.size()) {
      return OptionalDouble.empty();
    }
    double factor = divided ? 1 / constant.getAsDouble() : constant.getAsDouble();
    return Double.isFinite(factor) && factor > 0
        ? OptionalDouble.of(factor)
        : OptionalDouble.empty();
  }

  /** Which input is multiplied or divided. */
  int scaled(Node node) {
    boolean first =
        GraphView.is(node, "Mul") && Constants.scalar(editor, node.inputs().get(0)).isPresent();
    return first ? 1 : 0;
  }

  /** What makes a tensor that one node computes with; others may ask for its shape. */
  Optional<Node> between(String tensor) {
    return reader(tensor).isPresent() ? editor.producer(tensor) : Optional.empty();
  }

  /** The only node that computes with a tensor, which no graph returns. */
  Optional<Node> reader(String tensor) {
    if (editor.isOutput(tensor)) {
      return Optional.empty();
    }
    List<Node> readers =
        editor.consumers(tensor).stream().filter(n -> !GraphView.is(n, "Shape")).toList();
    return readers.size() == 1 && !readers.get(0).hasSubgraphs()
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }

  /** Tells whether nothing reads what nodes make, but nodes of a list and what reads its last. */
  boolean isClosed(List<Node> nodes) {
    for (Node node : nodes.subList(0, nodes.size() - 1)) {
      for (String output : node.outputs()) {
        if (editor.isOutput(output) || !nodes.containsAll(editor.consumers(output))) {
          return false;
        }
      }
    }
    return true;
  }
}
