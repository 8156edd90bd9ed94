package io.inferc.rewrite.layer;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.GeluPattern;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.LayerNormPattern;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Recognises blocks in the main graph of a model, written out or as single operators.
 *
 * <pre>{@code
 * Map<String, Set<Block>> blocks = BlockFinder.find(model);
 * blocks.get("/encoder/layer.0/attention/Softmax"); // ATTENTION and SOFTMAX
 * }</pre>
 *
 * <p>Nodes are told by name, so {@link UniqueNames} should have run; nodes without a name are left
 * out. A Softmax inside attention is {@link Block#SOFTMAX} too.
 */
public final class BlockFinder {
  /** Nodes that may stand between the scores and the Softmax, or between it and the values. */
  private static final Set<String> BETWEEN =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Where",
          "Cast",
          "Identity",
          "Dropout",
          "Reshape",
          "Clip",
          "Min",
          "Max",
          "Tanh",
          "QuantizeLinear",
          "DequantizeLinear");

  private static final int FARTHEST = 12;

  private static final Map<String, Block> SINGLE =
      Map.ofEntries(
          Map.entry("Attention", Block.ATTENTION),
          Map.entry("MultiHeadAttention", Block.ATTENTION),
          Map.entry("GroupQueryAttention", Block.ATTENTION),
          Map.entry("LayerNormalization", Block.LAYER_NORM),
          Map.entry("SkipLayerNormalization", Block.LAYER_NORM),
          Map.entry("SimplifiedLayerNormalization", Block.LAYER_NORM),
          Map.entry("SkipSimplifiedLayerNormalization", Block.LAYER_NORM),
          Map.entry("RMSNormalization", Block.LAYER_NORM),
          Map.entry("Softmax", Block.SOFTMAX),
          Map.entry("LogSoftmax", Block.SOFTMAX),
          Map.entry("Gelu", Block.GELU),
          Map.entry("FastGelu", Block.GELU),
          Map.entry("BiasGelu", Block.GELU),
          Map.entry("QuickGelu", Block.GELU),
          Map.entry("EmbedLayerNormalization", Block.EMBEDDING));

  private final Graph graph;
  private final GraphView view;
  private final Map<String, Set<Block>> found = new LinkedHashMap<>();

  private BlockFinder(OnnxModel model) {
    this.graph = model.graph();
    GraphScope scope = GraphScope.main(new UniqueNames(), new RewriteLog(), model);
    this.view = new GraphView(graph, scope);
  }

  /**
   * Finds the blocks of a model.
   *
   * @param model the model, with node names of their own
   * @return the blocks by node name; nodes that belong to none are not there
   */
  public static Map<String, Set<Block>> find(OnnxModel model) {
    return Collections.unmodifiableMap(new BlockFinder(model).search());
  }

  private Map<String, Set<Block>> search() {
    for (Node node : graph.nodes()) {
      Block single = SINGLE.get(node.opType());
      if (single != null) {
        put(node, single);
      }
      switch (node.domain().isEmpty() ? node.opType() : "") {
        case "Softmax" -> attention(node);
        case "ReduceMean" -> layerNorm(node);
        case "Erf", "Tanh" ->
            GeluPattern.match(node, view)
                .ifPresent(p -> p.nodes().forEach(n -> put(n, Block.GELU)));
        case "Gather" -> embedding(node);
        default -> {}
      }
    }
    return found;
  }

  private void put(Node node, Block block) {
    if (!node.name().isEmpty()) {
      found.computeIfAbsent(node.name(), n -> EnumSet.noneOf(Block.class)).add(block);
    }
  }

  private void layerNorm(Node mean) {
    try {
      LayerNormPattern.match(mean, view)
          .ifPresent(p -> p.nodes().forEach(n -> put(n, Block.LAYER_NORM)));
    } catch (CannotFoldException e) {
      // Normalization over other axes is another block.
    }
  }

  private void embedding(Node gather) {
    boolean rows = gather.intAttribute("axis", 0) == 0;
    Optional<Node> dequantized = view.producer(gather, 0, "DequantizeLinear");
    boolean table =
        dequantized.isPresent()
            ? isTable(dequantized.get())
            : isTable(gather) && view.constant(gather, 0).orElseThrow().type().isFloatingPoint();
    if (rows && table && view.constant(gather, 1).isEmpty()) {
      put(gather, Block.EMBEDDING);
    }
  }

  private boolean isTable(Node reader) {
    return view.constant(reader, 0).filter(t -> t.dims().length == 2).isPresent();
  }

  /** From a Softmax back to the scores and on to the values. */
  private void attention(Node softmax) {
    Optional<List<Node>> scores = path(softmax, false);
    Optional<List<Node>> values = path(softmax, true);
    if (scores.isPresent() && values.isPresent()) {
      scores.get().forEach(n -> put(n, Block.ATTENTION));
      values.get().forEach(n -> put(n, Block.ATTENTION));
      put(softmax, Block.ATTENTION);
    }
  }

  private record Step(Node node, List<Node> path) {}

  /** The nodes to the nearest MatMul of two activations, that one included. */
  private Optional<List<Node>> path(Node softmax, boolean forward) {
    Set<String> seen = new HashSet<>();
    Deque<Step> open = new ArrayDeque<>(List.of(new Step(softmax, List.of())));
    while (!open.isEmpty()) {
      Step step = open.remove();
      for (Node next : neighbours(step.node(), forward)) {
        List<Node> path = new ArrayList<>(step.path());
        path.add(next);
        if (isProduct(next)) {
          return Optional.of(path);
        }
        boolean passes = next.domain().isEmpty() && BETWEEN.contains(next.opType());
        if (passes && path.size() < FARTHEST && seen.add(next.outputs().get(0))) {
          open.add(new Step(next, path));
        }
      }
    }
    return Optional.empty();
  }

  private List<Node> neighbours(Node node, boolean forward) {
    if (forward) {
      return view.editor().consumers(node.outputs().get(0));
    }
    return node.inputs().stream().flatMap(i -> view.editor().producer(i).stream()).toList();
  }

  private boolean isProduct(Node node) {
    return (GraphView.is(node, "MatMul") || GraphView.is(node, "Einsum"))
        && node.inputs().stream().noneMatch(i -> view.constant(i).isPresent())
        && node.inputs().size() == 2
        && node.inputs().stream().noneMatch(this::isDequantizedConstant);
  }

  private boolean isDequantizedConstant(String tensor) {
    return view.editor()
        .producer(tensor)
        .filter(n -> GraphView.is(n, "DequantizeLinear"))
        .filter(n -> view.constant(n, 0).isPresent())
        .isPresent();
  }
}
