package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes hard-swish with two nodes in place of four: {@code x * clip(x + 3, 0, 6) / 6} becomes
 * {@code x * HardSigmoid(x)} with alpha 1/6 and beta 1/2.
 *
 * <p>Exporters spell the activation out, and each element-wise node is a pass over the tensor for
 * runtimes that do not recognise it. HardSigmoid has been in ONNX from the start and has kernels
 * everywhere; HardSwish itself is newer, and some runtimes expand it again. The function is that of
 * Howard et al., "Searching for MobileNetV3" (2019).
 *
 * <p>All constants must be FLOAT32 and may not add dimensions to x. Models before opset 7 are left
 * alone: their arithmetic broadcasts otherwise.
 */
public final class HardSwishFusion implements GraphPass {
  private static final int SMALLEST_OPSET = 7;
  private static final Set<String> STARTS = Set.of("Clip");

  /** Creates the pass. */
  public HardSwishFusion() {}

  @Override
  public String name() {
    return "fuse-hard-swish";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .opset(SMALLEST_OPSET)
        .operators("HardSigmoid")
        .follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(
        this,
        model,
        log,
        (graph, scope) -> ModelRewrite.fuse(graph, scope, STARTS, HardSwishFusion::fuse));
  }

  /** The nodes of one hard-swish of x. */
  private record Match(String x, Node shift, Node clip, Node product, Node scale) {}

  private static boolean fuse(Node clip, GraphView view) {
    Optional<Match> match = isRelu6(view, clip) ? match(view, clip) : Optional.empty();
    match.ifPresent(m -> replace(view, m));
    return match.isPresent();
  }

  private static boolean isRelu6(GraphView view, Node clip) {
    if (clip.inputs().size() == 3) {
      return view.isScalar(clip, 1, 0, 0) && view.isScalar(clip, 2, 6, 0);
    }
    // Before opset 11 the bounds were attributes.
    return clip.inputs().size() == 1
        && clip.attribute("min").map(a -> a.asFloat() == 0).orElse(false)
        && clip.attribute("max").map(a -> a.asFloat() == 6).orElse(false);
  }

  private static Optional<Match> match(GraphView view, Node clip) {
    Node shift = view.producer(clip, 0, "Add").orElse(null);
    if (shift == null || view.soleReader(shift.outputs().get(0)).isEmpty()) {
      return Optional.empty();
    }
    String x = otherThanThree(view, shift);
    Node product = view.soleReader(clip, "Mul").orElse(null);
    if (x == null || product == null) {
      return Optional.empty();
    }
    List<String> factors = product.inputs();
    String clipped = clip.outputs().get(0);
    if (!factors.equals(List.of(x, clipped)) && !factors.equals(List.of(clipped, x))) {
      return Optional.empty();
    }
    Node scale = view.soleReader(product.outputs().get(0)).orElse(null);
    if (scale == null
        || !dividesBySix(view, scale, product.outputs().get(0))
        || view.raisesRank(List.of(shift, scale), x)) {
      return Optional.empty();
    }
    return Optional.of(new Match(x, shift, clip, product, scale));
  }

  private static boolean dividesBySix(GraphView view, Node scale, String product) {
    int at = scale.inputs().get(0).equals(product) ? 0 : 1;
    return GraphView.is(scale, "Div")
        ? at == 0 && view.isScalar(scale, 1, 6, 0)
        : GraphView.is(scale, "Mul") && view.isScalar(scale, 1 - at, 1f / 6, 0);
  }

  private static @Nullable String otherThanThree(GraphView view, Node node) {
    for (int i = 0; i < 2; i++) {
      if (view.isScalar(node, i, 3, 0)) {
        return node.inputs().get(1 - i);
      }
    }
    return null;
  }

  private static void replace(GraphView view, Match m) {
    GraphEditor editor = view.editor();
    String out = m.scale().outputs().get(0);
    String gate = view.scope().freshName(out + "_gate");
    Node sigmoid =
        Node.builder("HardSigmoid")
            .name(m.clip().name())
            .inputs(m.x())
            .outputs(gate)
            .attribute(Attribute.of("alpha", 1f / 6))
            .attribute(Attribute.of("beta", 0.5f))
            .build();
    Node product =
        Node.builder("Mul").name(m.product().name()).inputs(m.x(), gate).outputs(out).build();
    editor.remove(m.shift());
    editor.remove(m.clip());
    editor.remove(m.product());
    editor.replace(m.scale(), sigmoid, product);
    view.scope()
        .changed(
            m.product(), "A hard-swish of four nodes was written as HardSigmoid and a product.");
  }
}
