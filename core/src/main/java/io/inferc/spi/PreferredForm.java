package io.inferc.spi;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a runtime computes a model fast, and rightly, on one device. Rewrites give it
 * to models; nothing is refused by it, unlike by {@link Capabilities}. It changes with the kernels
 * and fusions of a runtime.
 *
 * <p>Immutable.
 */
public final class PreferredForm {
  private final Optional<QuantizationDialect> dialect;
  private final KernelRules halfPrecisionKernels;
  private final boolean halfPrecisionArithmetic;
  private final Set<String> slowOperators;
  private final boolean transformerKernels;
  private final Optional<WeightOnlyForm> weightOnly;

  private PreferredForm(Builder b) {
    dialect = Optional.ofNullable(b.dialect);
    halfPrecisionKernels = b.halfPrecisionKernels;
    halfPrecisionArithmetic = b.halfPrecisionArithmetic;
    slowOperators = Set.copyOf(b.slowOperators);
    transformerKernels = b.transformerKernels;
    weightOnly = Optional.ofNullable(b.weightOnly);
  }

  /**
   * Starts with a runtime that has a good kernel for every node in FP32, FP16 and BF16, none for
   * integers, and none for whole parts of transformers.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the form of Q/DQ that the back end turns into integer kernels.
   *
   * @return the dialect, or empty if INT8 in the model gains nothing here
   */
  public Optional<QuantizationDialect> dialect() {
    return dialect;
  }

  /**
   * Returns which nodes the runtime computes well in FP16 and BF16, beyond what the ONNX
   * specification itself has in these types. Others have no such kernel, or one that is far slower
   * than that for FP32.
   *
   * @return rules, by which rewrites to FP16 and BF16 leave nodes alone
   */
  public KernelRules halfPrecisionKernels() {
    return halfPrecisionKernels;
  }

  /**
   * Tells whether computing in FP16 and BF16 can be worth anything. A runtime that casts to FP32
   * and back around its kernels, or emulates the type, is slower with such a model, so rewrites
   * only store the weights in it.
   *
   * @return false if nodes had better compute in FP32 whatever they could do
   */
  public boolean halfPrecisionArithmetic() {
    return halfPrecisionArithmetic;
  }

  /**
   * Returns the operators of the ONNX domain that the runtime has no optimized kernel for, so that
   * rewrites better leave what a model says in other operators.
   *
   * @return operator types
   */
  public Set<String> slowOperators() {
    return slowOperators;
  }

  /**
   * Tells whether the runtime has kernels of its own for whole parts of transformers: {@code
   * MultiHeadAttention} of the domain {@code com.microsoft}, and an addition with the layer
   * normalization behind it.
   *
   * @return true if rewriting a model for them makes it faster
   */
  public boolean transformerKernels() {
    return transformerKernels;
  }

  /**
   * Returns the form in which weights alone are integers.
   *
   * @return the form, or empty if the runtime makes floating-point numbers of such weights at once
   */
  public Optional<WeightOnlyForm> weightOnly() {
    return weightOnly;
  }

  /** Builds a {@link PreferredForm}. */
  public static final class Builder {
    private @Nullable QuantizationDialect dialect;
    private KernelRules halfPrecisionKernels = KernelRules.none();
    private boolean halfPrecisionArithmetic = true;
    private Set<String> slowOperators = Set.of();
    private boolean transformerKernels;
    private @Nullable WeightOnlyForm weightOnly;

    private Builder() {}

    /**
     * Sets the form of Q/DQ that becomes integer kernels.
     *
     * @param form the dialect
     * @return this
     */
    public Builder dialect(QuantizationDialect form) {
      dialect = form;
      return this;
    }

    /**
     * Sets which nodes are computed well in FP16 and BF16.
     *
     * @param rules by operator; what has no rule is
     * @return this
     */
    public Builder halfPrecisionKernels(KernelRules rules) {
      halfPrecisionKernels = Objects.requireNonNull(rules);
      return this;
    }

    /**
     * Sets whether computing in FP16 and BF16 can be worth anything; by default it can.
     *
     * @param worth false if models had better store their weights in these types and compute in
     *     FP32; the runtime then folds a Cast of a constant while it loads
     * @return this
     */
    public Builder halfPrecisionArithmetic(boolean worth) {
      halfPrecisionArithmetic = worth;
      return this;
    }

    /**
     * Sets the operators that have no optimized kernel.
     *
     * @param types operator types of the ONNX domain
     * @return this
     */
    public Builder slowOperators(Set<String> types) {
      slowOperators = Set.copyOf(types);
      return this;
    }

    /**
     * Sets whether the runtime has the kernels for transformers of ONNX Runtime.
     *
     * @param has true if rewriting a model for them makes it faster
     * @return this
     */
    public Builder transformerKernels(boolean has) {
      transformerKernels = has;
      return this;
    }

    /**
     * Sets the form in which weights alone are integers; by default there is none.
     *
     * @param form the form
     * @return this
     */
    public Builder weightOnly(WeightOnlyForm form) {
      weightOnly = Objects.requireNonNull(form, "form");
      return this;
    }

    /**
     * Finishes the description.
     *
     * @return the form
     */
    public PreferredForm build() {
      return new PreferredForm(this);
    }
  }
}
