package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import io.inferc.rewrite.internal.TensorMoves;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Merges MatMul nodes that read the same activation and multiply it with constant matrices, such as
 * the projections to query, key and value in attention, into one MatMul with the matrices side by
 * side, followed by one Add where all have a bias, and a Split.
 *
 * <p>That helps dynamic quantization, which then quantizes the activation once. It is no clean-up
 * for every back end: attention that a runtime fuses as a whole is matched by its three separate
 * projections. Merging copies weights to the heap, at most {@value #LARGEST_BYTES} bytes for one
 * graph; what is beyond that is left alone with a note.
 */
public final class MatMulMerging implements GraphPass {
  /** The weights merged in one graph take at most this many bytes. */
  public static final long LARGEST_BYTES = 1L << 30;

  /** What MatMul nodes must share to be merged. */
  private record Group(String input, long length, boolean biased) {}

  /**
   * A MatMul with a constant matrix, and the Add of a constant vector behind it if there is one.
   */
  private record Projection(Node matMul, Optional<Node> add, String weight, Optional<String> bias) {
    Node last() {
      return add.orElse(matMul);
    }
  }

  /** Creates the pass. */
  public MatMulMerging() {}

  @Override
  public String name() {
    return "merge-matmuls";
  }

  @Override
  public PassNeeds needs() {
    // Before, an attribute of Add said where the vector belongs.
    return PassNeeds.nothing().opset(7).follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(this, model, log, MatMulMerging::rewrite);
  }

  private static Graph rewrite(Graph graph, GraphScope scope) {
    if (graph.nodes().stream().filter(n -> GraphView.is(n, "MatMul")).count() < 2) {
      return graph;
    }
    GraphView view = new GraphView(graph, scope);
    Map<Group, List<Projection>> groups = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      projection(node, view)
          .ifPresent(p -> groups.computeIfAbsent(group(p, view), g -> new ArrayList<>()).add(p));
    }
    long bytes = 0;
    boolean changed = false;
    for (List<Projection> group : groups.values()) {
      if (group.size() < 2) {
        continue;
      }
      long more = group.stream().mapToLong(p -> weight(p, view).byteSize()).sum();
      if (bytes + more > LARGEST_BYTES) {
        scope.leftAlone(
            group.get(0).matMul(), "The MatMul was not merged: the weights are too large to copy.");
        continue;
      }
      bytes += more;
      merge(group, view);
      changed = true;
    }
    return changed ? view.editor().build() : graph;
  }

  private static Group group(Projection projection, GraphView view) {
    return new Group(
        projection.matMul().inputs().get(0),
        weight(projection, view).dims()[0],
        projection.bias().isPresent());
  }

  private static Optional<Projection> projection(Node node, GraphView view) {
    if (!GraphView.is(node, "MatMul") || node.inputs().size() != 2) {
      return Optional.empty();
    }
    Optional<Initializer> weight =
        view.constant(node, 1)
            .filter(w -> w.type() == DataType.FLOAT32 && w.dims().length == 2)
            .filter(w -> w.elementCount() > 0);
    if (weight.isEmpty() || view.constant(node, 0).isPresent()) {
      return Optional.empty();
    }
    String output = node.outputs().get(0);
    Optional<Node> add = view.soleReader(node, "Add");
    Optional<String> bias =
        add.map(a -> GraphView.other(a, output))
            .filter(b -> isBias(b, weight.get().dims()[1], view));
    return Optional.of(new Projection(node, bias.flatMap(b -> add), node.inputs().get(1), bias));
  }

  private static boolean isBias(String tensor, long width, GraphView view) {
    return view.constant(tensor)
        .filter(b -> b.type() == DataType.FLOAT32 && b.dims().length == 1)
        .filter(b -> b.dims()[0] == width)
        .isPresent();
  }

  private static Initializer weight(Projection projection, GraphView view) {
    return view.constant(projection.weight()).orElseThrow();
  }

  private static void merge(List<Projection> group, GraphView view) {
    GraphEditor editor = view.editor();
    GraphScope scope = view.scope();
    Node first = group.get(0).matMul();
    String base = GraphScope.label(first) + "_merged";
    List<Initializer> weights = group.stream().map(p -> weight(p, view)).toList();
    String weight = scope.freshName(base + "_weight");
    editor.putInitializer(TensorMoves.concat(weights, 1).withName(weight));
    List<Node> merged = new ArrayList<>();
    String product = scope.freshName(base + "_out");
    merged.add(
        Node.builder("MatMul")
            .name(scope.freshName(base))
            .inputs(first.inputs().get(0), weight)
            .outputs(product)
            .build());
    String sum = product;
    if (group.get(0).bias().isPresent()) {
      sum = scope.freshName(base + "_sum");
      merged.add(addBiases(group, base, product, sum, view));
    }
    long[] widths = weights.stream().mapToLong(w -> w.dims()[1]).toArray();
    merged.add(split(group, base, sum, widths, view));
    group.forEach(p -> p.add().ifPresent(editor::remove));
    group.stream().skip(1).forEach(p -> editor.remove(p.matMul()));
    editor.replace(first, merged.toArray(Node[]::new));
    for (Projection p : group) {
      view.removeIfUnread(p.weight());
      p.bias().ifPresent(view::removeIfUnread);
      scope.changed(p.matMul(), "The MatMul was merged into '" + merged.get(0).name() + "'.");
    }
  }

  private static Node addBiases(
      List<Projection> group, String base, String product, String sum, GraphView view) {
    List<Initializer> biases =
        group.stream().map(p -> view.constant(p.bias().orElseThrow()).orElseThrow()).toList();
    String bias = view.scope().freshName(base + "_bias");
    view.editor().putInitializer(TensorMoves.concat(biases, 0).withName(bias));
    return Node.builder("Add")
        .name(view.scope().freshName(base + "_add"))
        .inputs(product, bias)
        .outputs(sum)
        .build();
  }

  /** From opset 13 the sizes are an input. */
  private static Node split(
      List<Projection> group, String base, String sum, long[] widths, GraphView view) {
    Node.Builder split =
        Node.builder("Split")
            .name(view.scope().freshName(base + "_split"))
            .outputs(group.stream().map(p -> p.last().outputs().get(0)).toArray(String[]::new))
            .attribute(Attribute.of("axis", -1));
    if (view.scope().opset() < 13) {
      return split.inputs(sum).attribute(Attribute.ofInts("split", widths)).build();
    }
    String sizes = view.scope().freshName(base + "_widths");
    view.editor().putInitializer(Initializer.longs(sizes, widths, widths.length));
    return split.inputs(sum, sizes).build();
  }
}
