package io.inferc.rewrite.cleanup;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AttentionMatch.Plain;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.tensor.TensorShape;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets attention be computed by one kernel, {@code MultiHeadAttention} of the domain {@code
 * com.microsoft}.
 *
 * <p>ONNX Runtime has a kernel for the CPU that never writes the scores of all positions to memory
 * (Dao et al., "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
 * 2022), but takes no mask there. In a batch of one, or of equally long inputs, a mask is all
 * zeros. So an {@code If} asks once for each mask whether it is; where it is not, the nodes compute
 * what they did before.
 *
 * <p>With a mask, the operator computes the scores in memory. That pays where the mask has numbers
 * for each head, as biases by position do, which are never all zeros; and where weights that are
 * not numbers count as 0, as PyTorch's exporter writes it, since it saves two passes over all
 * weights. Results are 0 there in the place of the weights.
 *
 * <p>Needed are the types that {@link ShapeDeclaration} declares, opset 13, and shapes that are
 * proved, whatever is declared of them. Only the main graph is rewritten. Immutable and
 * thread-safe.
 */
public final class AttentionFusion implements GraphPass {
  private static final int SMALLEST_OPSET = 13;

  private static final String NOT_PROVED =
      "The attention was left alone: it is not proved to be what the kernel takes, or something"
          + " else reads what lies between.";
  private static final String NOT_FASTER =
      "The attention was left alone: its mask is part of the model, or it shares nodes.";

  private final Optional<OnnxModel> earlier;
  private final List<ShapeProfile> profiles;

  /** Creates the pass for models that see all sizes that they declare. */
  public AttentionFusion() {
    this.earlier = Optional.empty();
    this.profiles = List.of();
  }

  /**
   * Creates the pass for a model that other passes rewrite before, perhaps with operators of which
   * no shape can be proved.
   *
   * @param earlier the model before them; tensors of the same name have the same shape
   * @param profiles the sizes that the model will see; if there are none, all that it declares
   */
  public AttentionFusion(OnnxModel earlier, List<ShapeProfile> profiles) {
    this.earlier = Optional.of(earlier);
    this.profiles = List.copyOf(profiles);
  }

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
    if (model.graph().nodes().stream().noneMatch(AttentionPattern::isCore)) {
      return model;
    }
    Map<String, TensorShape> proved =
        ProvedShapes.of(earlier.orElse(model), profiles).declarations();
    OnnxModel plain = withPlainShapes(model, proved);
    GraphEditor editor = plain.graph().edit();
    AttentionPattern pattern = new AttentionPattern(editor, plain.graph(), proved);
    Map<Node, AttentionMatch> matches = new LinkedHashMap<>();
    Set<Node> taken = new HashSet<>();
    for (Node core : plain.graph().nodes()) {
      if (!pattern.isAttention(core)) {
        continue;
      }
      AttentionMatch match = pattern.match(core).filter(pattern::isClosed).orElse(null);
      if (match == null || isFixed(editor, match) || !Collections.disjoint(taken, match.nodes())) {
        log.leftAlone(this, GraphScope.label(core), match == null ? NOT_PROVED : NOT_FASTER);
      } else {
        matches.put(core, match);
        taken.addAll(match.nodes());
      }
    }
    AttentionWriter writer = new AttentionWriter(editor, plain.graph());
    for (AttentionMatch match : matches.values()) {
      log.changed(this, match.last().name(), "Attention by one kernel" + how(editor, match));
      writer.write(match);
    }
    return matches.isEmpty()
        ? model
        : plain.withGraph(editor.build()).withOpset(AttentionWriter.DOMAIN, 1);
  }

  /** A mask that is part of the model masks something, with which the kernel is no faster. */
  private static boolean isFixed(GraphEditor editor, AttentionMatch match) {
    return !match.zeroesNaN()
        && !match.isOfHeads()
        && match.mask().filter(m -> Constants.find(editor, m).isPresent()).isPresent();
  }

  private static String how(GraphEditor editor, AttentionMatch match) {
    if (match.mask().isEmpty()) {
      return ".";
    }
    return match.isOfHeads() || Constants.find(editor, match.mask().get()).isPresent()
        ? " with its mask."
        : match.zeroesNaN()
            ? ", without its mask where nothing is masked."
            : " where nothing is masked.";
  }

  /**
   * Makes constants of the shapes that attention is reshaped to: what is computed from the shapes
   * of what lies between would keep that alive.
   */
  private static OnnxModel withPlainShapes(OnnxModel model, Map<String, TensorShape> proved) {
    GraphEditor editor = model.graph().edit();
    AttentionPattern pattern = new AttentionPattern(editor, model.graph(), proved);
    Map<Node, Node> plainer = new LinkedHashMap<>();
    for (Node core : model.graph().nodes()) {
      AttentionMatch match = pattern.isAttention(core) ? pattern.match(core).orElse(null) : null;
      if (match != null) {
        match.plain().forEach(p -> plainer.put(p.before(), reshaped(editor, match, p)));
      }
    }
    boolean changed = false;
    for (Map.Entry<Node, Node> e : plainer.entrySet()) {
      if (!e.getKey().equals(e.getValue())) {
        editor.replace(e.getKey(), e.getValue());
        changed = true;
      }
    }
    return changed
        ? new DeadNodeElimination().apply(model.withGraph(editor.build()), new RewriteLog())
        : model;
  }

  private static Node reshaped(GraphEditor editor, AttentionMatch match, Plain plain) {
    Node node = plain.after();
    if (!GraphView.is(node, "Reshape") || editor.initializer(node.inputs().get(1)).isPresent()) {
      return node;
    }
    boolean split = !node.equals(match.last());
    long[] sizes =
        split
            ? new long[] {0, 0, match.heads(), match.width()}
            : new long[] {0, 0, match.heads() * match.width()};
    String shape = editor.freshName(node.outputs().get(0) + "_shape");
    editor.putInitializer(Initializer.longs(shape, sizes, sizes.length));
    return node.toBuilder()
        .inputs(node.inputs().get(0), shape)
        .removeAttribute("allowzero")
        .build();
  }
}
