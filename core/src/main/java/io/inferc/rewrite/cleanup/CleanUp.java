package io.inferc.rewrite.cleanup;

import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassPipeline;
import java.util.List;

/**
 * The clean-up passes in the order in which each finds most to do: names first, since notes refer
 * to them; then constants, since patterns are told by them; then what merges nodes; dead nodes and
 * what is there twice last.
 *
 * <pre>{@code
 * OnnxModel clean = CleanUp.pipeline().apply(model, log);
 * }</pre>
 *
 * <p>They are safe for every back end: they use standard operators only, and leave alone what
 * runtimes match themselves. {@link MatMulMerging} is not among them, since it hides attention from
 * runtimes that fuse it.
 */
public final class CleanUp {
  private CleanUp() {}

  /**
   * Returns the passes, for pipelines that have others too.
   *
   * @return the passes in order
   */
  public static List<GraphPass> passes() {
    return List.of(
        new UniqueNames(),
        new CastLikeResolution(),
        new ConstantFolding(),
        new IdentityElimination(),
        new CommonSubexpressions(),
        new BatchNormFolding(),
        // Before the factor of hard-swish is folded into a convolution behind it.
        new HardSwishFusion(),
        new AffineFolding(),
        new LayerNormFusion(),
        new GeluFusion(),
        new DeadNodeElimination(),
        // What bodies still have after that.
        new ConstantSharing());
  }

  /**
   * Returns the passes as a pipeline for any target.
   *
   * @return a new pipeline
   */
  public static PassPipeline pipeline() {
    return PassPipeline.builder().add(passes()).build();
  }
}
