package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.cleanup.AttentionMatch.Heads;
import io.inferc.rewrite.cleanup.AttentionMatch.Plain;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Recognises scaled dot-product attention with several heads as exporters write it out: queries,
 * keys and values [batch, length, heads * width] are reshaped and transposed to [batch, heads,
 * length, width], scores are scaled, before or after the product, and masked by an addition or a
 * choice, and the result is brought back to [batch, length, heads * width]. Weights that are not
 * numbers may count as 0, as PyTorch's exporter has it for rows that are masked as a whole. In the
 * place of the products between there may be the standard's {@code Attention}.
 *
 * <p>All shapes must be proved, the batch of all three must be the same, since matrix products
 * repeat a batch of one and the kernel does not, and nothing else may compute with what lies
 * between.
 */
final class AttentionPattern {
  private final GraphEditor editor;
  private final AttentionHeads heads;

  /**
   * Creates the search.
   *
   * @param editor the graph, not edited yet
   * @param graph the same, for the types it declares
   * @param proved the shapes that its tensors surely have
   */
  AttentionPattern(GraphEditor editor, Graph graph, Map<String, TensorShape> proved) {
    this.editor = editor;
    this.heads = new AttentionHeads(editor, graph, proved);
  }

  /** Tells whether attention can be around a node. */
  static boolean isCore(Node node) {
    return GraphView.is(node, "Softmax") || GraphView.is(node, "Attention");
  }

  /** Tells whether a core has to do with attention: what it makes is multiplied with values. */
  boolean isAttention(Node core) {
    if (!GraphView.is(core, "Softmax")) {
      return GraphView.is(core, "Attention");
    }
    String weights = core.outputs().get(0);
    return editor.consumers(weights).stream()
        .anyMatch(
            n ->
                (GraphView.is(n, "MatMul") && n.inputs().get(0).equals(weights))
                    || GraphView.is(n, "IsNaN"));
  }

  /** Matches the attention around its core. */
  Optional<AttentionMatch> match(Node core) {
    AttentionMatch match = new AttentionMatch();
    boolean found =
        GraphView.is(core, "Softmax")
            ? scores(core, match) && values(core, match)
            : GraphView.is(core, "Attention") && standard(core, match);
    return found ? Optional.of(match) : Optional.empty();
  }

  /** Tells whether nothing but the match itself reads what lies between. */
  boolean isClosed(AttentionMatch match) {
    return heads.isClosed(match.nodes());
  }

  /** From the Softmax back to queries and keys. */
  private boolean scores(Node softmax, AttentionMatch match) {
    long axis = softmax.intAttribute("axis", -1);
    if (axis != -1 && axis != 3) {
      return false;
    }
    String scores = softmax.inputs().get(0);
    List<Node> path = new ArrayList<>();
    Node made = heads.between(scores).orElse(null);
    String mask = null;
    if (made != null && GraphView.is(made, "Add")) {
      for (int i = 0; i < 2 && mask == null; i++) {
        if (product(made.inputs().get(i), match, path)) {
          mask = made.inputs().get(1 - i);
        }
      }
      path.add(0, made);
    } else if (made != null && GraphView.is(made, "Where")) {
      for (int i = 1; i <= 2 && mask == null; i++) {
        boolean filled = Constants.scalar(editor, made.inputs().get(3 - i)).isPresent();
        if (filled && product(made.inputs().get(i), match, path)) {
          mask = made.inputs().get(0);
          match.chooseBy(i == 1);
        }
      }
      path.add(0, made);
    } else if (!product(scores, match, path)) {
      return false;
    }
    Node product = path.get(path.size() - 1);
    if (!GraphView.is(product, "MatMul")) {
      return false;
    }
    Heads queries = heads.find(product.inputs().get(0), false, match.plain()).orElse(null);
    Heads keys = heads.find(product.inputs().get(1), true, match.plain()).orElse(null);
    if (queries == null || keys == null || !fits(queries, keys)) {
      return false;
    }
    if (mask != null && !mask(mask, scores, product, match)) {
      return false;
    }
    match.queries(queries);
    match.key(keys.source());
    match.scaleBy(queries.factor() * keys.factor());
    match.nodes().addAll(queries.nodes());
    match.nodes().addAll(keys.nodes());
    Collections.reverse(path);
    match.nodes().addAll(path);
    match.nodes().add(softmax);
    return isUsable(match.scale());
  }

  /** The kernel takes the scale as a single-precision number, and 0 for one of its own. */
  private static boolean isUsable(double scale) {
    return scale >= Float.MIN_NORMAL && scale <= Float.MAX_VALUE;
  }

  /**
   * Takes a mask that is spread over the scores. The scores may not be spread over the mask: their
   * number of columns is that of the values' rows, or the product with them would fail.
   */
  private boolean mask(String mask, String sum, Node product, AttentionMatch match) {
    List<Dimension> masked = heads.shape(sum);
    List<Dimension> scores = heads.shape(product.outputs().get(0));
    if (masked.size() != 4
        || scores.size() != 4
        || !AttentionHeads.same(masked.subList(0, 3), scores.subList(0, 3))
        || !AttentionHeads.same(scores.subList(3, 4), scores.subList(3, 4))) {
      return false;
    }
    List<Dimension> own = heads.shape(mask);
    boolean whole = own.size() == 4 && AttentionHeads.same(own.subList(2, 4), scores.subList(2, 4));
    boolean ofHeads =
        !match.chooses() && own.size() >= 3 && own.get(own.size() - 3).size().orElse(1) > 1;
    match.mask(mask, scores.subList(2, 4), !whole, ofHeads);
    return true;
  }

  /** Finds the product and its scale, and adds them to the path from the Softmax back. */
  private boolean product(String tensor, AttentionMatch match, List<Node> path) {
    String current = tensor;
    double scale = 1;
    List<Node> found = new ArrayList<>();
    while (true) {
      Node made = heads.between(current).orElse(null);
      if (made == null) {
        return false;
      }
      found.add(made);
      if (GraphView.is(made, "MatMul")) {
        path.addAll(found);
        match.scaleBy(scale);
        return true;
      }
      OptionalDouble factor = heads.factor(made);
      if (factor.isEmpty()) {
        return false;
      }
      scale *= factor.getAsDouble();
      current = made.inputs().get(heads.scaled(made));
    }
  }

  /** From the Softmax on to the result. */
  private boolean values(Node softmax, AttentionMatch match) {
    String weights = zeroed(softmax, match);
    if (match.chooses() && match.zeroesNaN()) {
      return false;
    }
    Node product = heads.reader(weights).filter(n -> GraphView.is(n, "MatMul")).orElse(null);
    if (product == null || !product.inputs().get(0).equals(weights)) {
      return false;
    }
    Heads values = heads.find(product.inputs().get(1), false, match.plain()).orElse(null);
    if (values == null || values.factor() != 1 || !fits(values, match)) {
      return false;
    }
    // The columns of the scores are the rows of keys and values alike.
    if (!AttentionHeads.same(length(match.key()), length(values.source()))) {
      return false;
    }
    match.value(values.source());
    match.nodes().addAll(values.nodes());
    match.nodes().add(product);
    return back(product, match);
  }

  private List<Dimension> length(String source) {
    return heads.shape(source).subList(1, 2);
  }

  /** Follows {@code Where(IsNaN(weights), 0, weights)}, if that is there. */
  private String zeroed(Node softmax, AttentionMatch match) {
    String weights = softmax.outputs().get(0);
    List<Node> readers =
        editor.consumers(weights).stream().filter(n -> !GraphView.is(n, "Shape")).toList();
    if (readers.size() != 2 || editor.isOutput(weights)) {
      return weights;
    }
    for (int i = 0; i < 2; i++) {
      Node test = readers.get(i);
      Node choice = readers.get(1 - i);
      if (GraphView.is(test, "IsNaN")
          && GraphView.is(choice, "Where")
          && heads.reader(test.outputs().get(0)).filter(choice::equals).isPresent()
          && choice.inputs().get(0).equals(test.outputs().get(0))
          && choice.inputs().get(2).equals(weights)
          && isZero(choice, weights)) {
        match.nodes().addAll(List.of(test, choice));
        match.zeroNaN();
        return choice.outputs().get(0);
      }
    }
    return weights;
  }

  private boolean isZero(Node choice, String weights) {
    OptionalDouble zero = Constants.scalar(editor, choice.inputs().get(1));
    return zero.isPresent()
        && zero.getAsDouble() == 0
        && heads.shape(choice.outputs().get(0)).size() == heads.shape(weights).size();
  }

  /** From the heads' results to one result. */
  private boolean back(Node heads4, AttentionMatch match) {
    String tensor = heads4.outputs().get(0);
    Node turn = heads.reader(tensor).orElse(null);
    // A Reshape to the shape that it has already.
    if (turn != null
        && GraphView.is(turn, "Reshape")
        && AttentionHeads.same(heads.shape(tensor), heads.shape(turn.outputs().get(0)))) {
      match.nodes().add(turn);
      Node next = heads.reader(turn.outputs().get(0)).orElse(null);
      if (next != null && AttentionHeads.permutes(next, AttentionHeads.HEADS_FIRST)) {
        match.plain().add(new Plain(next, next.toBuilder().inputs(tensor).build()));
      }
      turn = next;
    }
    if (turn == null || !AttentionHeads.permutes(turn, AttentionHeads.HEADS_FIRST)) {
      return false;
    }
    match.nodes().add(turn);
    Node merge = merge(turn).orElse(null);
    if (merge == null) {
      return false;
    }
    match.endWith(merge);
    if (AttentionHeads.same(heads.shape(merge.outputs().get(0)), result(match))) {
      match.bringBack();
      match.plain().add(new Plain(merge, merge));
      return true;
    }
    return keepsMeaning(merge);
  }

  /** The one Reshape behind the heads, whose own shape may be computed from theirs. */
  private Optional<Node> merge(Node turn) {
    return heads.reader(turn.outputs().get(0)).filter(n -> GraphView.is(n, "Reshape"));
  }

  /** What the kernel makes. */
  private List<Dimension> result(AttentionMatch match) {
    List<Dimension> query = heads.shape(match.query());
    return List.of(query.get(0), query.get(1), query.get(2));
  }

  /** Tells whether a Reshape of four dimensions does the same to three, the last two in one. */
  private boolean keepsMeaning(Node merge) {
    int rank = heads.shape(merge.outputs().get(0)).size();
    Optional<Initializer> shape = Constants.find(editor, merge.inputs().get(1));
    if (merge.intAttribute("allowzero", 0) != 0 || (rank > 0 && rank <= 2)) {
      return true;
    }
    if (shape.isEmpty()) {
      return false;
    }
    long[] sizes = shape.get().longs();
    for (int i = 2; i < sizes.length; i++) {
      if (sizes[i] == 0) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(Heads a, Heads b) {
    return a.count() == b.count() && a.width() == b.width() && sameBatch(a.source(), b.source());
  }

  private boolean fits(Heads a, AttentionMatch match) {
    return a.count() == match.heads()
        && a.width() == match.width()
        && sameBatch(a.source(), match.query());
  }

  private boolean sameBatch(String a, String b) {
    return AttentionHeads.same(heads.shape(a).subList(0, 1), heads.shape(b).subList(0, 1));
  }

  /** The standard's operator, which splits into heads by itself or is given heads. */
  private boolean standard(Node node, AttentionMatch match) {
    if (node.outputs().size() != 1
        || node.inputs().size() > 4
        || node.intAttribute("is_causal", 0) != 0
        || node.attribute("softcap").filter(a -> a.asFloat() != 0).isPresent()
        || node.attribute("softmax_precision").isPresent()) {
      return false;
    }
    Heads queries = heads.find(node.inputs().get(0), false, match.plain()).orElse(null);
    Heads keys = heads.find(node.inputs().get(1), false, match.plain()).orElse(null);
    Heads values = heads.find(node.inputs().get(2), false, match.plain()).orElse(null);
    if (queries == null
        || keys == null
        || values == null
        || values.factor() != 1
        || !fits(queries, keys)
        || !fits(queries, values)
        || !AttentionHeads.same(length(keys.source()), length(values.source()))) {
      return false;
    }
    match.queries(queries);
    match.key(keys.source());
    match.value(values.source());
    Optional<String> mask = node.input(3);
    if (mask.isPresent() && !covers(mask.get(), keys.source())) {
      return false;
    }
    mask.ifPresent(m -> match.mask(m, List.of(), true, false));
    match.standard();
    double scale =
        node.attribute("scale")
            .map(a -> (double) a.asFloat())
            .orElseGet(() -> 1 / Math.sqrt((double) queries.width()));
    match.scaleBy(scale * queries.factor() * keys.factor());
    match.nodes().addAll(queries.nodes());
    match.nodes().addAll(keys.nodes());
    match.nodes().addAll(values.nodes());
    match.nodes().add(node);
    return isUsable(match.scale()) && back(node, match);
  }

  /** Tells whether a mask has a column for each key: what it lacks is masked. */
  private boolean covers(String mask, String keys) {
    List<Dimension> own = heads.shape(mask);
    return !own.isEmpty()
        && (heads.isFloat(mask) || heads.isBoolean(mask))
        && AttentionHeads.same(own.subList(own.size() - 1, own.size()), length(keys));
  }
}
