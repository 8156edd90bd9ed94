package io.inferc.rewrite.layer;

import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.spi.NumericPrecision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The precision of each node of a model's main graph, and of layers inside of If, Loop and Scan, by
 * node name. A node that is not mentioned stays as it is.
 *
 * <p>Names must be unique: {@link UniqueNames} makes them so. Immutable.
 */
public final class LayerPlan {
  private static final LayerDecision AS_IT_IS =
      new LayerDecision(NumericPrecision.FP32, "not in the plan");

  private final Map<String, LayerDecision> decisions;

  /**
   * Creates a plan.
   *
   * @param decisions decisions by node name
   */
  public LayerPlan(Map<String, LayerDecision> decisions) {
    this.decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
  }

  /**
   * Returns the decision for a node.
   *
   * @param node the node's name
   * @return the decision; FP32 for a node that is not mentioned
   */
  public LayerDecision of(String node) {
    return decisions.getOrDefault(node, AS_IT_IS);
  }

  /**
   * Returns the precision of a node.
   *
   * @param node the node's name
   * @return the precision; FP32 for a node that is not mentioned
   */
  public NumericPrecision precision(String node) {
    return of(node).precision();
  }

  /**
   * Tells whether any node is at a precision.
   *
   * @param precision the precision
   * @return true if a decision has it; nodes that are not mentioned do not count
   */
  public boolean uses(NumericPrecision precision) {
    return decisions.values().stream().anyMatch(d -> d.precision() == precision);
  }

  /**
   * Returns all decisions.
   *
   * @return decisions by node name, in order
   */
  public Map<String, LayerDecision> decisions() {
    return decisions;
  }

  /**
   * Returns a plan with one decision changed.
   *
   * @param node the node's name
   * @param decision the decision
   * @return a copy
   */
  public LayerPlan with(String node, LayerDecision decision) {
    Map<String, LayerDecision> changed = new LinkedHashMap<>(decisions);
    changed.put(node, decision);
    return new LayerPlan(changed);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayerPlan p && p.decisions.equals(decisions);
  }

  @Override
  public int hashCode() {
    return decisions.hashCode();
  }

  /** Returns for example {@code 36 of 40 nodes changed}. */
  @Override
  public String toString() {
    long changed =
        decisions.values().stream().filter(d -> d.precision() != NumericPrecision.FP32).count();
    return changed + " of " + decisions.size() + " nodes changed";
  }
}
