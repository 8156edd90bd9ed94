package io.inferc.rewrite;

import io.inferc.onnx.OnnxModel;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must hold before a pass runs. {@link PassPipeline} checks the order when it is built, and
 * the rest before it applies the pass.
 *
 * <pre>{@code
 * PassNeeds.nothing()
 *     .opset(17)
 *     .operators("LayerNormalization")
 *     .follows(ConstantFolding.class);
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class PassNeeds {
  private static final PassNeeds NOTHING = new PassNeeds(0, Set.of(), Set.of(), Set.of());

  private final int opset;
  private final Set<String> operators;
  private final Set<Class<? extends GraphPass>> required;
  private final Set<Class<? extends GraphPass>> earlier;

  private PassNeeds(
      int opset,
      Set<String> operators,
      Set<Class<? extends GraphPass>> required,
      Set<Class<? extends GraphPass>> earlier) {
    this.opset = opset;
    this.operators = operators;
    this.required = required;
    this.earlier = earlier;
  }

  /**
   * Returns the needs of a pass that can run anywhere.
   *
   * @return no needs
   */
  public static PassNeeds nothing() {
    return NOTHING;
  }

  /**
   * Needs a version of the default operators.
   *
   * @param oldest the oldest opset that the model may import
   * @return these needs and that
   */
  public PassNeeds opset(int oldest) {
    return new PassNeeds(oldest, operators, required, earlier);
  }

  /**
   * Needs a target that computes some operators well, since the pass writes them.
   *
   * @param types operator types, such as {@code Gelu}
   * @return these needs and that
   */
  public PassNeeds operators(String... types) {
    return new PassNeeds(opset, with(operators, List.of(types)), required, earlier);
  }

  /**
   * Needs a pass that must have run.
   *
   * @param pass the pass without which this one must not run
   * @return these needs and that
   */
  public PassNeeds requires(Class<? extends GraphPass> pass) {
    return new PassNeeds(opset, operators, with(required, List.of(pass)), earlier);
  }

  /**
   * Needs its place behind another pass, in pipelines that have it.
   *
   * @param pass the pass that must have run before this one if it runs at all
   * @return these needs and that
   */
  public PassNeeds follows(Class<? extends GraphPass> pass) {
    return new PassNeeds(opset, operators, required, with(earlier, List.of(pass)));
  }

  private static <T> Set<T> with(Set<T> some, Collection<T> more) {
    Set<T> all = new LinkedHashSet<>(some);
    all.addAll(more);
    return Set.copyOf(all);
  }

  /**
   * Tells what a model lacks of these needs.
   *
   * @param model the model
   * @return the reason, a whole sentence; empty where the model has all that is needed
   */
  public Optional<String> unmetBy(OnnxModel model) {
    if (model.opset() >= opset) {
      return Optional.empty();
    }
    return Optional.of(
        "It needs opset " + opset + ", and the model imports " + model.opset() + ".");
  }

  /** Tells what a target lacks that has no good kernels of some operators. */
  Optional<String> unmetByTarget(Set<String> avoided) {
    Set<String> lacking = new TreeSet<>(operators);
    lacking.retainAll(avoided);
    return lacking.isEmpty()
        ? Optional.empty()
        : Optional.of("It writes " + lacking + ", of which the target has no fast kernel.");
  }

  /** The passes that must have run. */
  Set<Class<? extends GraphPass>> required() {
    return required;
  }

  /** The passes that must not run later for the first time. */
  Set<Class<? extends GraphPass>> earlier() {
    return earlier;
  }
}
