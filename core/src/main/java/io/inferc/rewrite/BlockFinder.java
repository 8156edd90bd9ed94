package io.inferc.rewrite;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the blocks of a network, by their operators where one operator is a block, and by their
 * shape where exporters spell them out.
 */
final class BlockFinder {
  // What exporters put between the products of attention and its softmax: scale, mask, layout.
  private static final Set<String> BETWEEN =
      Set.of("Add", "Sub", "Mul", "Div", "Where", "Cast", "Reshape", "Transpose", "Dropout");
  private static final int FARTHEST = 6;

  private final Graph graph;
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Map<String, Block> found = new LinkedHashMap<>();

  private BlockFinder(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      node.outputs().forEach(o -> producers.put(o, node));
      node.reads().forEach(i -> readers.computeIfAbsent(i, k -> new ArrayList<>()).add(node));
    }
  }

  /** Returns the block that a node of the main graph is part of, by the node's name. */
  static Map<String, Block> find(OnnxModel model) {
    BlockFinder finder = new BlockFinder(model.graph());
    for (Node node : model.graph().nodes()) {
      finder.look(node);
    }
    return finder.found;
  }

  private void look(Node node) {
    switch (node.opType()) {
      case "Attention", "MultiHeadAttention" -> mark(Block.ATTENTION, node);
      case "LayerNormalization", "SkipLayerNormalization", "SimplifiedLayerNormalization" ->
          mark(Block.LAYER_NORM, node);
      case "Gelu", "FastGelu", "BiasGelu", "QuickGelu" -> mark(Block.GELU, node);
      case "Softmax" -> attention(node);
      case "LogSoftmax" -> mark(Block.SOFTMAX, node);
      case "Gather" -> embedding(node);
      case "Erf" -> gelu(node);
      case "ReduceMean" -> layerNorm(node);
      default -> {}
    }
  }

  private void mark(Block block, Node... nodes) {
    for (Node node : nodes) {
      found.putIfAbsent(node.name(), block);
    }
  }

  private void embedding(Node gather) {
    boolean rows = gather.intAttribute("axis", 0) == 0;
    Optional<Initializer> table = gather.input(0).flatMap(graph::initializer);
    if (rows && table.filter(t -> t.type().isFloatingPoint() && t.dims().length == 2).isPresent()) {
      mark(Block.EMBEDDING, gather);
    }
  }

  /** softmax(q k + mask) v: a product on either side of the softmax. */
  private void attention(Node softmax) {
    Set<Node> nodes = new LinkedHashSet<>();
    boolean after = walk(softmax, false, nodes);
    boolean before = after && walk(softmax, true, nodes);
    if (before) {
      nodes.forEach(n -> mark(Block.ATTENTION, n));
      mark(Block.ATTENTION, softmax);
    } else {
      mark(Block.SOFTMAX, softmax);
    }
  }

  /** Goes from a softmax to the nearest MatMul and notes the nodes on the way. */
  private boolean walk(Node softmax, boolean up, Set<Node> nodes) {
    Deque<List<Node>> paths = new ArrayDeque<>();
    paths.add(List.of(softmax));
    while (!paths.isEmpty()) {
      List<Node> path = paths.remove();
      for (Node next : neighbours(path.get(path.size() - 1), up)) {
        List<Node> longer = new ArrayList<>(path);
        longer.add(next);
        if (next.opType().equals("MatMul")) {
          nodes.addAll(longer.subList(1, longer.size()));
          return true;
        }
        if (BETWEEN.contains(next.opType()) && longer.size() <= FARTHEST) {
          paths.add(longer);
        }
      }
    }
    return false;
  }

  private List<Node> neighbours(Node node, boolean up) {
    List<Node> next = new ArrayList<>();
    for (String tensor : up ? node.inputs() : node.outputs()) {
      if (up) {
        Optional.ofNullable(producers.get(tensor)).ifPresent(next::add);
      } else {
        next.addAll(readers.getOrDefault(tensor, List.of()));
      }
    }
    return next;
  }

  /** x / sqrt(2) into Erf, plus one, times x, times one half, the products in any order. */
  private void gelu(Node erf) {
    Optional<Node> scaled = producer(erf, Set.of("Div", "Mul"));
    Optional<Node> plusOne = reader(erf, Set.of("Add"));
    Optional<Node> product = plusOne.flatMap(n -> reader(n, Set.of("Mul")));
    if (scaled.isEmpty() || product.isEmpty()) {
      return;
    }
    mark(Block.GELU, scaled.get(), erf, plusOne.get(), product.get());
    reader(product.get(), Set.of("Mul")).ifPresent(n -> mark(Block.GELU, n));
  }

  /** (x - mean) / sqrt(mean((x - mean)^2) + epsilon), times a weight, plus a bias. */
  private void layerNorm(Node mean) {
    for (Node centred : readers.getOrDefault(mean.outputs().get(0), List.of())) {
      if (!centred.opType().equals("Sub") || !centred.inputs().contains(mean.inputs().get(0))) {
        continue;
      }
      Optional<Node> squared = reader(centred, Set.of("Pow", "Mul"));
      Optional<Node> variance = squared.flatMap(n -> reader(n, Set.of("ReduceMean")));
      Optional<Node> safe = variance.flatMap(n -> reader(n, Set.of("Add")));
      Optional<Node> root = safe.flatMap(n -> reader(n, Set.of("Sqrt")));
      Optional<Node> quotient = root.flatMap(n -> reader(n, Set.of("Div")));
      if (quotient.isPresent() && quotient.get().inputs().contains(centred.outputs().get(0))) {
        mark(Block.LAYER_NORM, mean, centred, squared.get(), variance.get(), safe.get());
        mark(Block.LAYER_NORM, root.get(), quotient.get());
        Optional<Node> weighted = reader(quotient.get(), Set.of("Mul"));
        weighted.ifPresent(n -> mark(Block.LAYER_NORM, n));
        weighted
            .flatMap(n -> reader(n, Set.of("Add")))
            .filter(this::addsConstant)
            .ifPresent(n -> mark(Block.LAYER_NORM, n));
      }
    }
  }

  private boolean addsConstant(Node add) {
    return add.inputs().stream()
        .flatMap(i -> graph.initializer(i).stream())
        .anyMatch(i -> i.type() == DataType.FLOAT32 && i.dims().length == 1);
  }

  private Optional<Node> producer(Node node, Set<String> opTypes) {
    return node.inputs().stream()
        .map(producers::get)
        .filter(p -> p != null && opTypes.contains(p.opType()))
        .findFirst();
  }

  private Optional<Node> reader(Node node, Set<String> opTypes) {
    return readers.getOrDefault(node.outputs().get(0), List.of()).stream()
        .filter(r -> opTypes.contains(r.opType()))
        .findFirst();
  }
}
