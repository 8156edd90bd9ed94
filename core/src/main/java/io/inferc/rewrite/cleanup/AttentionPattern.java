package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.DeclaredShapes;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Recognises scaled dot-product attention with several heads as exporters write it out: queries,
 * keys and values [batch, length, heads * width] are reshaped and transposed to [batch, heads,
 * length, width], scores are scaled and masked, and the result is brought back to [batch, length,
 * heads * width]. Shapes must be declared, the batch of all three must be the same, since matrix
 * products repeat a batch of one and the kernel does not, and nothing else may read what lies
 * between.
 */
final class AttentionPattern {
  /** What was found. */
  static final class Match {
    private final List<Node> nodes = new ArrayList<>();
    private final List<Node> splits = new ArrayList<>();
    private @Nullable Heads queries;
    private String key = "";
    private String value = "";
    private @Nullable String mask;
    private double scale = 1;
    private @Nullable Node merge;

    /** The nodes in an order in which they can be computed, the last Reshape at the end. */
    List<Node> nodes() {
      return nodes;
    }

    /** The Reshapes that split queries, keys and values into heads. */
    List<Node> splits() {
      return splits;
    }

    /** The Reshape that brings the heads together. */
    Node merge() {
      return Objects.requireNonNull(merge);
    }

    private Heads queries() {
      return Objects.requireNonNull(queries);
    }

    String query() {
      return queries().source();
    }

    String key() {
      return key;
    }

    String value() {
      return value;
    }

    /** What is added to the scores, if something is. */
    Optional<String> mask() {
      return Optional.ofNullable(mask);
    }

    /** What the scores are multiplied by. */
    double scale() {
      return scale;
    }

    long heads() {
      return queries().count();
    }

    long width() {
      return queries().width();
    }
  }

  /** A tensor in heads: the nodes that made it so, first to last, and what it was before. */
  private record Heads(List<Node> nodes, String source, Dimension batch, long count, long width) {
    /** Tells whether one kernel can take both. */
    boolean fits(Heads other) {
      return count == other.count
          && width == other.width
          && DeclaredShapes.areSame(List.of(batch), List.of(other.batch));
    }
  }

  private static final long[] HEADS_FIRST = {0, 2, 1, 3};
  private static final long[] TURNED = {0, 2, 3, 1};
  private static final long[] LAST_TWO = {0, 1, 3, 2};

  private final GraphEditor editor;
  private final Graph graph;
  private final DeclaredShapes shapes;

  /**
   * Creates the search.
   *
   * @param editor the graph, not edited yet
   * @param graph the same, for what is declared
   */
  AttentionPattern(GraphEditor editor, Graph graph) {
    this.editor = editor;
    this.graph = graph;
    this.shapes = new DeclaredShapes(graph);
  }

  /** Matches the attention around a Softmax. */
  Optional<Match> match(Node softmax) {
    if (!GraphView.is(softmax, "Softmax")) {
      return Optional.empty();
    }
    long axis = softmax.intAttribute("axis", -1);
    if (axis != -1 && axis != 3) {
      return Optional.empty();
    }
    Match match = new Match();
    return scores(softmax, match) && values(softmax, match) ? Optional.of(match) : Optional.empty();
  }

  /** From the Softmax back to queries and keys. */
  private boolean scores(Node softmax, Match match) {
    String scores = softmax.inputs().get(0);
    Node made = between(scores).orElse(null);
    List<Node> path = new ArrayList<>();
    if (made != null && GraphView.is(made, "Add")) {
      path.add(made);
      for (int i = 0; i < 2 && path.size() == 1; i++) {
        if (product(made.inputs().get(i), match, path)) {
          match.mask = made.inputs().get(1 - i);
        }
      }
    } else {
      product(scores, match, path);
    }
    Node product = path.isEmpty() ? softmax : path.get(path.size() - 1);
    if (!GraphView.is(product, "MatMul")) {
      return false;
    }
    // A mask may only be spread over the scores, not the scores over a mask.
    if (match.mask != null && !shapes.areSame(scores, product.outputs().get(0))) {
      return false;
    }
    Heads queries = heads(product.inputs().get(0), false).orElse(null);
    Heads keys = heads(product.inputs().get(1), true).orElse(null);
    if (queries == null || keys == null || !queries.fits(keys)) {
      return false;
    }
    match.queries = queries;
    match.key = keys.source();
    match.splits.add(queries.nodes().get(0));
    match.splits.add(keys.nodes().get(0));
    match.nodes.addAll(queries.nodes());
    match.nodes.addAll(keys.nodes());
    Collections.reverse(path);
    match.nodes.addAll(path);
    match.nodes.add(softmax);
    return true;
  }

  /** Finds the product and its scale, and adds them to the path from the Softmax back. */
  private boolean product(String tensor, Match match, List<Node> path) {
    Node made = between(tensor).orElse(null);
    if (made == null) {
      return false;
    }
    if (GraphView.is(made, "MatMul")) {
      path.add(made);
      return true;
    }
    boolean divided = GraphView.is(made, "Div");
    if (!divided && !GraphView.is(made, "Mul")) {
      return false;
    }
    for (int i = divided ? 1 : 0; i < 2; i++) {
      OptionalDouble factor = Constants.scalar(editor, made.inputs().get(i));
      Node before = between(made.inputs().get(1 - i)).orElse(null);
      if (factor.isPresent() && before != null && GraphView.is(before, "MatMul")) {
        match.scale = divided ? 1 / factor.getAsDouble() : factor.getAsDouble();
        path.add(made);
        path.add(before);
        return Double.isFinite(match.scale) && match.scale > 0;
      }
    }
    return false;
  }

  /** From the Softmax on to the result. */
  private boolean values(Node softmax, Match match) {
    Node product = reader(softmax.outputs().get(0), "MatMul").orElse(null);
    if (product == null || !product.inputs().get(0).equals(softmax.outputs().get(0))) {
      return false;
    }
    Heads values = heads(product.inputs().get(1), false).orElse(null);
    Node back = reader(product.outputs().get(0), "Transpose").orElse(null);
    if (values == null
        || !values.fits(match.queries())
        || back == null
        || !permutes(back, HEADS_FIRST)) {
      return false;
    }
    String turned = back.outputs().get(0);
    List<Node> merging =
        editor.consumers(turned).stream().filter(n -> GraphView.is(n, "Reshape")).toList();
    // Its own shape may be asked for, to compute the shape to reshape it to.
    boolean only =
        editor.consumers(turned).stream()
            .allMatch(n -> GraphView.is(n, "Reshape") || GraphView.is(n, "Shape"));
    if (merging.size() != 1 || !only || editor.isOutput(turned)) {
      return false;
    }
    Node merge = merging.get(0);
    if (merge.intAttribute("allowzero", 0) != 0
        || !shapes.areSame(merge.outputs().get(0), match.query())) {
      return false;
    }
    match.value = values.source();
    match.splits.add(values.nodes().get(0));
    match.nodes.addAll(values.nodes());
    match.nodes.addAll(List.of(product, back, merge));
    match.merge = merge;
    return true;
  }

  /** Follows a tensor [batch, heads, length, width], or turned, back to [batch, length, all]. */
  private Optional<Heads> heads(String tensor, boolean turned) {
    List<Node> nodes = new ArrayList<>();
    Node last = between(tensor).filter(n -> GraphView.is(n, "Transpose")).orElse(null);
    if (last == null) {
      return Optional.empty();
    }
    nodes.add(last);
    if (turned && permutes(last, LAST_TWO)) {
      last = between(last.inputs().get(0)).filter(n -> permutes(n, HEADS_FIRST)).orElse(null);
      if (last == null) {
        return Optional.empty();
      }
      nodes.add(0, last);
    } else if (!permutes(last, turned ? TURNED : HEADS_FIRST)) {
      return Optional.empty();
    }
    Node split =
        between(last.inputs().get(0))
            .filter(n -> GraphView.is(n, "Reshape") && n.intAttribute("allowzero", 0) == 0)
            .orElse(null);
    if (split == null) {
      return Optional.empty();
    }
    nodes.add(0, split);
    String source = split.inputs().get(0);
    List<Dimension> before = shapes.of(source).orElse(List.of());
    List<Dimension> after = shapes.of(split.outputs().get(0)).orElse(List.of());
    boolean single =
        graph.declared(source).map(TensorSpec::type).filter(DataType.FLOAT32::equals).isPresent();
    if (!single || before.size() != 3 || after.size() != 4) {
      return Optional.empty();
    }
    boolean kept =
        DeclaredShapes.areSame(before.subList(0, 2), after.subList(0, 2))
            && before.get(2).isFixed()
            && after.get(2).isFixed()
            && after.get(3).isFixed();
    if (!kept) {
      return Optional.empty();
    }
    long count = after.get(2).size().getAsLong();
    long width = after.get(3).size().getAsLong();
    return count * width == before.get(2).size().getAsLong()
        ? Optional.of(new Heads(nodes, source, before.get(0), count, width))
        : Optional.empty();
  }

  private static boolean permutes(Node node, long[] order) {
    return GraphView.is(node, "Transpose")
        && node.attribute("perm").filter(a -> Arrays.equals(a.asInts(), order)).isPresent();
  }

  /** What makes a tensor that only one node reads. */
  private Optional<Node> between(String tensor) {
    return MatrixLayer.soleReader(editor, tensor).isPresent()
        ? editor.producer(tensor)
        : Optional.empty();
  }

  private Optional<Node> reader(String tensor, String operator) {
    return MatrixLayer.soleReader(editor, tensor).filter(n -> GraphView.is(n, operator));
  }
}
