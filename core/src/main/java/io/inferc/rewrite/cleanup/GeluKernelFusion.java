package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces Gelu by the error function that is written out in single nodes by {@code Gelu} of the
 * domain {@code com.microsoft}, in models whose opset has no Gelu of its own.
 *
 * <p>ONNX Runtime does that by itself where {@code x (1 + erf(x / sqrt 2))} is halved last or
 * {@code x} is halved first, and not where {@code 1 + erf(x / sqrt 2)} is halved, as PyTorch's
 * exporter has it since it traces graphs. Gelu by tanh is left alone: ONNX Runtime knows it in all
 * orders that exporters write. Immutable and thread-safe.
 */
public final class GeluKernelFusion implements GraphPass {
  /** The operator that the pass writes, with its domain. */
  public static final String OPERATOR = "com.microsoft.Gelu";

  private static final String DOMAIN = "com.microsoft";
  private static final Set<String> STARTS = Set.of("Erf");

  /** Creates the pass. */
  public GeluKernelFusion() {}

  @Override
  public String name() {
    return "fuse-gelu-kernel";
  }

  @Override
  public PassNeeds needs() {
    // Before, an attribute said how operators broadcast.
    return PassNeeds.nothing().opset(7).operators(OPERATOR).follows(GeluFusion.class);
  }

  @Override
  public Optional<String> notApplicable(OnnxModel model) {
    return model.opset() >= GeluFusion.OPSET
        ? Optional.of("The model's opset has Gelu itself, which is fused before.")
        : needs().unmetBy(model);
  }

  @SuppressWarnings("ReferenceEquality") // An untouched model is the same object.
  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    OnnxModel fused =
        ModelRewrite.outerFirst(
            this,
            model,
            log,
            (graph, scope) -> ModelRewrite.fuse(graph, scope, STARTS, GeluKernelFusion::fuse));
    return fused == model ? model : fused.withOpset(DOMAIN, 1);
  }

  private static boolean fuse(Node middle, GraphView view) {
    return GeluFusion.fuse(middle, view, DOMAIN);
  }
}
