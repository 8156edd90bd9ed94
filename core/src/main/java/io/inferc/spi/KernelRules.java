package io.inferc.spi;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Rules for the kernels of one kind, by operator of the ONNX domain. What has no rule is right.
 *
 * <pre>{@code
 * KernelRules rules =
 *     KernelRules.builder()
 *         .rule("AveragePool", KernelRule.without("dilations"))
 *         .rule("EyeLike", KernelRule.never("there is no kernel of half precision."))
 *         .build();
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class KernelRules {
  private static final KernelRules NONE = builder().build();

  private final Map<String, KernelRule> rules;

  private KernelRules(Map<String, KernelRule> rules) {
    this.rules = Collections.unmodifiableMap(new TreeMap<>(rules));
  }

  /**
   * Returns no rules at all.
   *
   * @return the rules
   */
  public static KernelRules none() {
    return NONE;
  }

  /**
   * Starts with no rules.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the operators that have a rule.
   *
   * @return operator types
   */
  public Set<String> operators() {
    return rules.keySet();
  }

  /**
   * Says why a use of an operator is not computed rightly.
   *
   * @param use the use
   * @return the second half of a sentence about the node with its full stop; empty if it is right,
   *     or if it is of another domain or has no rule
   */
  public Optional<String> refusal(OperatorUse use) {
    KernelRule rule = use.node().domain().isEmpty() ? rules.get(use.node().opType()) : null;
    return rule == null ? Optional.empty() : rule.refusal(use);
  }

  /** Returns the operators with what is asked of each. */
  @Override
  public String toString() {
    return rules.toString();
  }

  /** Collects rules. */
  public static final class Builder {
    private final Map<String, KernelRule> rules = new TreeMap<>();

    private Builder() {}

    /**
     * Adds a rule, to those that the operator has.
     *
     * @param operator an operator type of the ONNX domain
     * @param rule what its kernel computes rightly
     * @return this
     */
    public Builder rule(String operator, KernelRule rule) {
      rules.merge(operator, rule, KernelRule::and);
      return this;
    }

    /**
     * Finishes the rules.
     *
     * @return the rules
     */
    public KernelRules build() {
      return new KernelRules(rules);
    }
  }
}
