package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Writes hard-swish with two nodes in place of four: {@code x * clip(x + 3, 0, 6) / 6} becomes
 * {@code x * HardSigmoid(x)} with alpha 1/6 and beta 1/2.
 *
 * <p>Exporters spell the activation out, and each element-wise node is a pass over the tensor for
 * runtimes that do not recognise it. HardSigmoid has been in ONNX from the start and has kernels
 * everywhere; HardSwish itself is newer, and some runtimes expand it again. The function is that of
 * Howard et al., "Searching for MobileNetV3" (2019).
 */
public final class HardSwishFusion implements GraphPass {
  /** Creates the pass. */
  public HardSwishFusion() {}

  @Override
  public String name() {
    return "fuse-hard-swish";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    GraphEditor editor = null;
    boolean changed = false;
    for (Node clip : model.graph().nodes()) {
      if (!GraphView.is(clip, "Clip")) {
        continue;
      }
      editor = editor == null ? model.graph().edit() : editor;
      if (isRelu6(editor, clip)) {
        Optional<Match> match = match(editor, clip);
        if (match.isPresent()) {
          replace(editor, match.get(), log);
          changed = true;
        }
      }
    }
    if (editor == null) {
      return model;
    }
    editor.giveBack();
    return changed ? model.withGraph(editor.build()) : model;
  }

  /** The nodes of one hard-swish of x. */
  private record Match(String x, Node shift, Node clip, Node product, Node scale) {}

  private static boolean isRelu6(GraphEditor editor, Node clip) {
    if (clip.inputs().size() == 3) {
      return is(Constants.scalar(editor, clip.inputs().get(1)), 0)
          && is(Constants.scalar(editor, clip.inputs().get(2)), 6);
    }
    // Before opset 11 the bounds were attributes.
    return clip.inputs().size() == 1
        && clip.attribute("min").map(a -> a.asFloat() == 0).orElse(false)
        && clip.attribute("max").map(a -> a.asFloat() == 6).orElse(false);
  }

  private static boolean is(OptionalDouble value, double expected) {
    return value.isPresent() && value.getAsDouble() == expected;
  }

  private static Optional<Match> match(GraphEditor editor, Node clip) {
    Node shift = editor.producer(clip.inputs().get(0)).orElse(null);
    if (shift == null || !shift.opType().equals("Add") || !onlyReadBy(editor, shift, clip)) {
      return Optional.empty();
    }
    String x = otherThanScalar(editor, shift, 3);
    Node product = onlyReader(editor, clip).orElse(null);
    if (x == null || product == null || !product.opType().equals("Mul")) {
      return Optional.empty();
    }
    List<String> factors = product.inputs();
    String clipped = clip.outputs().get(0);
    if (!factors.equals(List.of(x, clipped)) && !factors.equals(List.of(clipped, x))) {
      return Optional.empty();
    }
    Node scale = onlyReader(editor, product).orElse(null);
    if (scale == null || !dividesBySix(editor, scale, product.outputs().get(0))) {
      return Optional.empty();
    }
    return Optional.of(new Match(x, shift, clip, product, scale));
  }

  private static boolean dividesBySix(GraphEditor editor, Node scale, String product) {
    if (scale.opType().equals("Div")) {
      return scale.inputs().get(0).equals(product)
          && is(Constants.scalar(editor, scale.inputs().get(1)), 6);
    }
    if (!scale.opType().equals("Mul")) {
      return false;
    }
    String other = scale.inputs().get(scale.inputs().get(0).equals(product) ? 1 : 0);
    return is(Constants.scalar(editor, other), 1f / 6);
  }

  private static @Nullable String otherThanScalar(GraphEditor editor, Node node, double value) {
    for (int i = 0; i < 2; i++) {
      if (is(Constants.scalar(editor, node.inputs().get(i)), value)) {
        return node.inputs().get(1 - i);
      }
    }
    return null;
  }

  private static boolean onlyReadBy(GraphEditor editor, Node node, Node reader) {
    return onlyReader(editor, node).map(r -> r.outputs().equals(reader.outputs())).orElse(false);
  }

  private static Optional<Node> onlyReader(GraphEditor editor, Node node) {
    String output = node.outputs().get(0);
    List<Node> readers = editor.consumers(output);
    return readers.size() == 1 && !editor.isOutput(output)
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }

  private void replace(GraphEditor editor, Match m, RewriteLog log) {
    String out = m.scale().outputs().get(0);
    String gate = editor.freshName(out + "_gate");
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
    log.changed(
        this,
        m.product().name(),
        "A hard-swish of four nodes was written as HardSigmoid and a product.");
  }
}
