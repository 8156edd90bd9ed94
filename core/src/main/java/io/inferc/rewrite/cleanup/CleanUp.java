package io.inferc.rewrite.cleanup;

import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassPipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The clean-up passes in the order in which each finds most to do: names first, since notes refer
 * to them; then constants, since patterns are told by them; then what merges nodes; dead nodes and
 * what is there twice last.
 *
 * <pre>{@code
 * OnnxModel clean = CleanUp.passes(model.opset()).apply(model, log);
 * }</pre>
 *
 * <p>They are safe for every back end: they use standard operators only, and leave alone what
 * runtimes match themselves. {@link MatMulMerging} is not among them, since it hides attention from
 * runtimes that fuse it.
 */
public final class CleanUp {
  private CleanUp() {}

  /**
   * Returns the passes for models of any opset: those for which a model's opset is too old leave it
   * alone with a note.
   *
   * @return a new pipeline
   */
  public static PassPipeline passes() {
    return passes(Integer.MAX_VALUE);
  }

  /**
   * Returns the passes that can do something at an opset.
   *
   * @param opset the version of the default operator set that the model imports
   * @return a new pipeline, without the fusions whose operators came later
   */
  public static PassPipeline passes(int opset) {
    return passes(opset, Set.of());
  }

  /**
   * Returns the passes that can do something at an opset and write none of some operators, which a
   * runtime may be slow at while it still recognises the longer spelling.
   *
   * @param opset the version of the default operator set that the model imports
   * @param avoided operator types, such as {@code HardSigmoid}
   * @return a new pipeline, without the fusions into these operators
   */
  public static PassPipeline passes(int opset, Set<String> avoided) {
    List<GraphPass> passes =
        new ArrayList<>(
            List.of(
                new UniqueNames(),
                new CastLikeResolution(),
                new ConstantFolding(),
                new IdentityElimination(),
                new CommonSubexpressions(),
                new BatchNormFolding()));
    if (!avoided.contains("HardSigmoid")) {
      // Before the factor of hard-swish is folded into a convolution behind it.
      passes.add(new HardSwishFusion());
    }
    passes.add(new AffineFolding());
    if (opset >= LayerNormFusion.OPSET && !avoided.contains("LayerNormalization")) {
      passes.add(new LayerNormFusion());
    }
    if (opset >= GeluFusion.OPSET && !avoided.contains("Gelu")) {
      passes.add(new GeluFusion());
    }
    passes.add(new DeadNodeElimination());
    // What bodies still have after that.
    passes.add(new ConstantSharing());
    return new PassPipeline(passes);
  }
}
