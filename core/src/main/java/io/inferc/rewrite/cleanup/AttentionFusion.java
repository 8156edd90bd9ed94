package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.Constants;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets attention be computed by one kernel, {@code MultiHeadAttention} of the domain {@code
 * com.microsoft}, where its mask masks nothing.
 *
 * <p>ONNX Runtime has a kernel for the CPU that never writes the scores of all positions to memory
 * (Dao et al., "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
 * 2022), but takes no mask there. In a batch of one, or of equally long inputs, a mask is all
 * zeros. So an {@code If} asks once for each mask whether it is; where it is not, the nodes compute
 * what they did before. Attention without a mask is replaced altogether.
 *
 * <p>Needed are declared shapes ({@link ShapeDeclaration}) and opset 13. Only the main graph is
 * rewritten. Immutable and thread-safe.
 */
public final class AttentionFusion implements GraphPass {
  private static final String DOMAIN = "com.microsoft";
  private static final int SMALLEST_OPSET = 13;

  /** Creates the pass. */
  public AttentionFusion() {}

  @Override
  public String name() {
    return "fuse-attention";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .opset(SMALLEST_OPSET)
        .operators("MultiHeadAttention")
        .requires(ShapeDeclaration.class)
        .follows(AdditionOrder.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    OnnxModel simple = withConstantShapes(model);
    if (simple == null) {
      return model;
    }
    GraphEditor editor = simple.graph().edit();
    Set<Node> taken = new HashSet<>();
    Map<String, String> unmasked = new HashMap<>();
    for (AttentionPattern.Match match : matches(editor, simple.graph())) {
      boolean alone = editor.consumerCount(match.merge().inputs().get(0)) == 1;
      if (alone && match.nodes().stream().noneMatch(taken::contains)) {
        write(editor, match, unmasked);
        taken.addAll(match.nodes());
        log.changed(
            this,
            match.merge().name(),
            "Attention by one kernel"
                + (match.mask().isPresent() ? " where nothing is masked." : "."));
      }
    }
    return taken.isEmpty() ? model : simple.withGraph(editor.build()).withOpset(DOMAIN, 1);
  }

  private static List<AttentionPattern.Match> matches(GraphEditor editor, Graph graph) {
    AttentionPattern pattern = new AttentionPattern(editor, graph);
    List<AttentionPattern.Match> matches = new ArrayList<>();
    for (Node node : graph.nodes()) {
      pattern
          .match(node)
          // A mask that is part of the model is there to mask something.
          .filter(m -> m.mask().flatMap(t -> Constants.find(editor, t)).isEmpty())
          .ifPresent(matches::add);
    }
    return matches;
  }

  /**
   * Makes constants of the shapes that attention is reshaped to: what is computed from the shapes
   * of what lies between would keep that alive.
   *
   * @return the model, or null if there is no attention in it
   */
  private static @Nullable OnnxModel withConstantShapes(OnnxModel model) {
    GraphEditor editor = model.graph().edit();
    List<AttentionPattern.Match> matches = matches(editor, model.graph());
    if (matches.isEmpty()) {
      return null;
    }
    boolean changed = false;
    for (AttentionPattern.Match m : matches) {
      for (Node split : m.splits()) {
        changed |= reshape(editor, split, 0, 0, m.heads(), m.width());
      }
      changed |= reshape(editor, m.merge(), 0, 0, m.heads() * m.width());
    }
    return changed
        ? new DeadNodeElimination().apply(model.withGraph(editor.build()), new RewriteLog())
        : model;
  }

  private static boolean reshape(GraphEditor editor, Node node, long... sizes) {
    if (editor.initializer(node.inputs().get(1)).isPresent()) {
      return false;
    }
    String shape = editor.freshName(node.outputs().get(0) + "_shape");
    editor.putInitializer(Initializer.longs(shape, sizes, sizes.length));
    editor.replace(node, node.toBuilder().inputs(node.inputs().get(0), shape).build());
    return true;
  }

  private static void write(
      GraphEditor editor, AttentionPattern.Match match, Map<String, String> unmasked) {
    Node merge = match.merge();
    String result = merge.outputs().get(0);
    Node.Builder kernel =
        Node.builder("MultiHeadAttention")
            .domain(DOMAIN)
            .name(editor.freshName(result + "_attention"))
            .inputs(match.query(), match.key(), match.value())
            .attribute(Attribute.of("num_heads", match.heads()))
            .attribute(Attribute.of("scale", (float) match.scale()));
    if (match.mask().isEmpty()) {
      editor.replace(merge, kernel.outputs(result).build());
    } else {
      String mask = match.mask().get();
      String condition = unmasked.get(mask);
      if (condition == null) {
        condition = condition(editor, mask, merge);
        unmasked.put(mask, condition);
      }
      String fused = editor.freshName(result + "_fused");
      Graph then =
          Graph.builder("unmasked")
              .node(kernel.outputs(fused).build())
              .output(result(fused, match))
              .build();
      editor.replace(
          merge,
          Node.builder("If")
              .name(editor.freshName(result + "_if"))
              .inputs(condition)
              .outputs(result)
              .attribute(Attribute.of("then_branch", then))
              .attribute(Attribute.of("else_branch", asBefore(editor, match)))
              .build());
    }
    for (int i = match.nodes().size() - 2; i >= 0; i--) {
      Node node = match.nodes().get(i);
      editor.remove(node);
      node.outputs().forEach(editor::removeValueInfo);
    }
  }

  /** What a branch returns, which others than ONNX Runtime do not work out. */
  private static ValueInfo result(String name, AttentionPattern.Match match) {
    return ValueInfo.of(
        new TensorSpec(
            name,
            DataType.FLOAT32,
            TensorShape.of(
                List.of(
                    Dimension.unknown(),
                    Dimension.unknown(),
                    Dimension.fixed(match.heads() * match.width())))));
  }

  /** Writes what tells whether a mask is all zeros. */
  private static String condition(GraphEditor editor, String mask, Node before) {
    String magnitude = editor.freshName(mask + "_magnitude");
    String all = editor.freshName(mask + "_all");
    String zero = editor.freshName(mask + "_nothing");
    String condition = editor.freshName(mask + "_masks_nothing");
    editor.putInitializer(Initializer.floats(zero, new float[1]));
    editor.insertBefore(
        before,
        Node.builder("Abs").name(magnitude).inputs(mask).outputs(magnitude).build(),
        // Not the largest: a maximum may pass over what is not a number.
        Node.builder("ReduceSum")
            .name(all)
            .inputs(magnitude)
            .outputs(all)
            .attribute(Attribute.of("keepdims", 0))
            .build(),
        Node.builder("Equal").name(condition).inputs(all, zero).outputs(condition).build());
    return condition;
  }

  private static Graph asBefore(GraphEditor editor, AttentionPattern.Match match) {
    GraphBuilder graph = Graph.builder("masked");
    String result = match.merge().outputs().get(0);
    String renamed = editor.freshName(result + "_masked");
    for (Node node : match.nodes()) {
      graph.node(
          node.outputs().get(0).equals(result) ? node.toBuilder().outputs(renamed).build() : node);
    }
    return graph.output(result(renamed, match)).build();
  }
}
