package io.inferc.spi;

import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a runtime computes in integers: which operators, which of their uses rightly, and which of
 * them fast. It changes with the kernels of a runtime and with their faults; how Q/DQ is written
 * for them is the {@link QuantizationDialect}.
 *
 * <pre>{@code
 * IntegerKernels kernels =
 *     IntegerKernels.builder()
 *         .operators(Set.of("Conv", "MatMul"))
 *         .kernelRules(KernelRules.builder().rule("Conv", KernelRule.rank(0, 4)).build())
 *         .build();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class IntegerKernels {
  private final Set<String> operators;
  private final Set<String> transparentOperators;
  private final KernelRules kernelRules;
  private final KernelRules directReaders;
  private final KernelRules directInputs;
  private final KernelRules quantizedResults;
  private final boolean dynamic;
  private final boolean dynamicLstm;
  private final boolean embeddingTables;
  private final int minimumReduction;
  private final boolean activationProducts;
  private final boolean weightedSums;
  private final boolean signedProducts;

  private IntegerKernels(Builder b) {
    operators = Collections.unmodifiableSet(new TreeSet<>(b.operators));
    transparentOperators = Collections.unmodifiableSet(new TreeSet<>(b.transparentOperators));
    kernelRules = b.kernelRules;
    directReaders = b.directReaders;
    directInputs = b.directInputs;
    quantizedResults = b.quantizedResults;
    dynamic = b.dynamic;
    dynamicLstm = b.dynamicLstm;
    embeddingTables = b.embeddingTables;
    minimumReduction = b.minimumReduction;
    activationProducts = b.activationProducts;
    weightedSums = b.weightedSums;
    signedProducts = b.signedProducts;
  }

  /**
   * Starts with Conv, ConvTranspose, Gemm and MatMul, computed rightly whatever their attributes,
   * and nothing dynamic.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the operators of the ONNX domain that have integer kernels.
   *
   * @return operator types
   */
  public Set<String> operators() {
    return operators;
  }

  /**
   * Returns the operators that only move elements, so that integers pass through them with the
   * scale of their input.
   *
   * @return operator types
   */
  public Set<String> transparentOperators() {
    return transparentOperators;
  }

  /**
   * Returns which uses of the operators the integer kernels compute rightly.
   *
   * @return rules for {@link #operators} and {@link #transparentOperators}; an operator without one
   *     is computed rightly whatever its attributes
   */
  public KernelRules kernelRules() {
    return kernelRules;
  }

  /**
   * Returns after which uses of the operators with integer kernels the readers of the result may
   * stand directly. After the others stands a node that changes nothing, since the runtime would
   * hand readers the result in another scale.
   *
   * @return rules for {@link #operators}; readers may follow an operator without one
   */
  public KernelRules directReaders() {
    return directReaders;
  }

  /**
   * Returns which uses of operators of any kind may read what comes from a quantized layer. In
   * front of the others stands a node that changes nothing, since the runtime would move scales
   * past them wrongly.
   *
   * @return rules for operators without integer kernels; one without a rule may
   */
  public KernelRules directInputs() {
    return directInputs;
  }

  /**
   * Returns of which uses of operators without integer kernels the result may be quantized. Behind
   * the others, where a quantized layer comes later, stands a node that changes nothing, since the
   * runtime would compute the operator itself in the integers of what comes behind it.
   *
   * @return rules for operators without integer kernels; one without a rule may
   */
  public KernelRules quantizedResults() {
    return quantizedResults;
  }

  /**
   * Tells whether DynamicQuantizeLinear with MatMulInteger or ConvInteger is fast here.
   *
   * @return true if dynamic INT8 can be asked for
   */
  public boolean dynamic() {
    return dynamic;
  }

  /**
   * Tells whether there is a kernel for {@code DynamicQuantizeLSTM} of the domain {@code
   * com.microsoft}, with INT8 weights and a scale for each of their columns.
   *
   * @return true if LSTM layers can be quantized dynamically
   */
  public boolean dynamicLstm() {
    return dynamicLstm;
  }

  /**
   * Tells whether large tables that Gather reads are written as INT8 with a scale for each row.
   *
   * @return true if the rows read are converted fast
   */
  public boolean embeddingTables() {
    return embeddingTables;
  }

  /**
   * Returns the smallest inner and outer size of a matrix product that has an integer kernel.
   *
   * @return the size, 1 for any
   */
  public int minimumReduction() {
    return minimumReduction;
  }

  /**
   * Tells whether matrix products of two activations, as those of attention, are quantized.
   *
   * @return false if only products with constant weights are
   */
  public boolean activationProducts() {
    return activationProducts;
  }

  /**
   * Tells whether products of two activations that read what a Softmax gives, the second of
   * attention, are quantized where {@link #activationProducts} are.
   *
   * @return false if they stay in floating point
   */
  public boolean weightedSums() {
    return weightedSums;
  }

  /**
   * Tells whether what only products of two activations read is INT8 with zero point 0, whatever
   * other activations are.
   *
   * @return true if the kernels of such products take no zero points
   */
  public boolean signedProducts() {
    return signedProducts;
  }

  /** Builds {@link IntegerKernels}. */
  public static final class Builder {
    private Set<String> operators = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
    private Set<String> transparentOperators = Set.of();
    private KernelRules kernelRules = KernelRules.none();
    private KernelRules directReaders = KernelRules.none();
    private KernelRules directInputs = KernelRules.none();
    private KernelRules quantizedResults = KernelRules.none();
    private boolean dynamic;
    private boolean dynamicLstm;
    private boolean embeddingTables;
    private int minimumReduction = 1;
    private boolean activationProducts = true;
    private boolean weightedSums = true;
    private boolean signedProducts;

    private Builder() {}

    /**
     * Sets the operators that have integer kernels.
     *
     * @param types operator types of the ONNX domain
     * @return this
     */
    public Builder operators(Set<String> types) {
      operators = Set.copyOf(types);
      return this;
    }

    /**
     * Sets the operators that integers pass through.
     *
     * @param types operator types of the ONNX domain
     * @return this
     */
    public Builder transparentOperators(Set<String> types) {
      transparentOperators = Set.copyOf(types);
      return this;
    }

    /**
     * Sets which uses of the operators the integer kernels compute rightly; by default all.
     *
     * @param rules the rules
     * @return this
     */
    public Builder kernelRules(KernelRules rules) {
      kernelRules = Objects.requireNonNull(rules);
      return this;
    }

    /**
     * Sets after which uses of the operators readers may stand directly; by default after all.
     *
     * @param rules the rules
     * @return this
     */
    public Builder directReaders(KernelRules rules) {
      directReaders = Objects.requireNonNull(rules);
      return this;
    }

    /**
     * Sets which uses of operators may read what comes from a quantized layer; by default all.
     *
     * @param rules the rules
     * @return this
     */
    public Builder directInputs(KernelRules rules) {
      directInputs = Objects.requireNonNull(rules);
      return this;
    }

    /**
     * Sets of which uses of operators the result may be quantized; by default of all.
     *
     * @param rules the rules
     * @return this
     */
    public Builder quantizedResults(KernelRules rules) {
      quantizedResults = Objects.requireNonNull(rules);
      return this;
    }

    /**
     * Sets whether dynamic INT8 is fast.
     *
     * @param fast true if it can be asked for
     * @return this
     */
    public Builder dynamic(boolean fast) {
      dynamic = fast;
      return this;
    }

    /**
     * Sets whether LSTM layers can be quantized dynamically; by default they cannot.
     *
     * @param possible true if there is a kernel for {@code DynamicQuantizeLSTM}
     * @return this
     */
    public Builder dynamicLstm(boolean possible) {
      dynamicLstm = possible;
      return this;
    }

    /**
     * Sets whether tables that Gather reads are written as INT8; by default they are not.
     *
     * @param integers true if the rows read are converted fast
     * @return this
     */
    public Builder embeddingTables(boolean integers) {
      embeddingTables = integers;
      return this;
    }

    /**
     * Sets the smallest inner and outer size of a matrix product worth quantizing.
     *
     * @param size 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder minimumReduction(int size) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "Tried to quantize matrix products from size " + size + "; it takes at least 1.");
      }
      minimumReduction = size;
      return this;
    }

    /**
     * Sets whether matrix products of two activations are quantized; by default they are.
     *
     * @param quantized false where the runtime computes attention faster whole than in integers
     * @return this
     */
    public Builder activationProducts(boolean quantized) {
      activationProducts = quantized;
      return this;
    }

    /**
     * Sets whether products that read what a Softmax gives are quantized; by default they are.
     *
     * @param quantized false where the runtime computes attention in one kernel only if they stay
     * @return this
     */
    public Builder weightedSums(boolean quantized) {
      weightedSums = quantized;
      return this;
    }

    /**
     * Sets whether what only products of two activations read is INT8 with zero point 0; by default
     * it is as other activations are.
     *
     * @param signed true if the kernels of such products take no zero points
     * @return this
     */
    public Builder signedProducts(boolean signed) {
      signedProducts = signed;
      return this;
    }

    /**
     * Finishes the description.
     *
     * @return the kernels
     */
    public IntegerKernels build() {
      return new IntegerKernels(this);
    }
  }
}
