package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Folds batch normalization in inference into the weights and bias of the Conv, ConvTranspose or
 * Gemm before it: {@code w' = w s} and {@code b' = (b - mean) s + B} with {@code s = scale /
 * sqrt(variance + epsilon)}, computed in double precision and rounded once.
 *
 * <p>That is possible where the layer's output goes nowhere else and all constants are known and
 * FLOAT32. The weights are copied, so other nodes that share them keep theirs; quantized weights
 * are left alone.
 */
public final class BatchNormFolding implements GraphPass {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm");

  /** Creates the pass. */
  public BatchNormFolding() {}

  @Override
  public String name() {
    return "fold-batch-normalization";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(this, model, log, BatchNormFolding::rewrite);
  }

  private static Graph rewrite(Graph graph, GraphScope scope) {
    GraphView view = null;
    boolean changed = false;
    for (Node node : graph.nodes()) {
      if (!GraphView.is(node, "BatchNormalization")) {
        continue;
      }
      view = view == null ? new GraphView(graph, scope) : view;
      try {
        fold(node, view);
        scope.changed(node, "The batch normalization was folded into the layer before it.");
        changed = true;
      } catch (CannotFoldException e) {
        scope.leftAlone(node, "The batch normalization was left alone: " + e.getMessage());
      }
    }
    if (view == null) {
      return graph;
    }
    view.editor().giveBack();
    return changed ? view.editor().build() : graph;
  }

  private static void fold(Node original, GraphView view) {
    GraphEditor editor = view.editor();
    Node norm = editor.current(original).orElseThrow();
    requireInference(norm, view);
    String input = norm.inputs().get(0);
    Node layer =
        editor
            .producer(input)
            .filter(n -> n.domain().isEmpty() && LAYERS.contains(n.opType()))
            .orElseThrow(() -> new CannotFoldException("no Conv or Gemm makes its input."));
    if (view.soleReader(input).isEmpty()) {
      throw new CannotFoldException("others read the output of the layer before it too.");
    }
    ChannelScale scale = ChannelScale.of(norm, view);
    LayerWeights weights = LayerWeights.of(layer, view);
    weights.requireChannels(scale.channels());

    Initializer weight = weights.scaled(scale, fresh(view, layer.inputs().get(1)));
    String biasHint = layer.input(2).orElse(GraphScope.label(layer) + "_bias");
    Initializer bias = weights.shifted(scale, fresh(view, biasHint));
    List<String> inputs =
        new ArrayList<>(List.of(layer.inputs().get(0), weight.name(), bias.name()));
    Node folded =
        layer.toBuilder()
            .inputs(inputs.toArray(String[]::new))
            .outputs(norm.outputs().get(0))
            .removeAttribute("beta")
            .build();
    editor.putInitializer(weight).putInitializer(bias);
    editor.remove(norm);
    editor.replace(layer, folded);
    layer.inputs().stream().skip(1).filter(i -> !i.isEmpty()).forEach(view::removeIfUnread);
    norm.inputs().stream().skip(1).forEach(view::removeIfUnread);
  }

  private static String fresh(GraphView view, String hint) {
    return view.scope().freshName(hint + "_folded");
  }

  /** Up to opset 13 more outputs meant training; from 14 an attribute says it. */
  private static void requireInference(Node norm, GraphView view) {
    boolean moreOutputs = norm.outputs().stream().skip(1).anyMatch(o -> !o.isEmpty());
    if (moreOutputs || norm.intAttribute("training_mode", 0) != 0) {
      throw new CannotFoldException("it is in training mode.");
    }
    if (norm.intAttribute("spatial", 1) != 1 || view.scope().opset() < 7) {
      throw new CannotFoldException("it is of an old kind; upgrade the model's opset first.");
    }
  }
}
