package io.inferc.spi;

import io.inferc.tensor.DataType;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where QuantizeLinear and DequantizeLinear must stand, and with which types, for a runtime to turn
 * the nodes between them into integer kernels.
 *
 * <p>The same calibration is written out differently for each runtime: a graph in the wrong dialect
 * computes the same numbers, but slower than single precision. Immutable.
 */
public final class QuantizationDialect {
  /** Whether the result of a quantized operator is quantized too. */
  public enum OutputRule {
    /** Always, or nothing fuses. */
    QUANTIZED,
    /** Only where the reader is quantized anyway. */
    AS_READ
  }

  /** What is quantized of an addition of two branches. */
  public enum ResidualRule {
    /** Both branches and the sum. */
    BOTH_BRANCHES,
    /** The skip connection only; the other branch stays the result of its convolution. */
    SKIP_ONLY,
    /** Nothing. */
    NONE
  }

  /** How a bias is written. */
  public enum BiasRule {
    /** As an INT32 constant with the scale of input times weight, and a DequantizeLinear. */
    INT32,
    /** In floating point. */
    FLOAT
  }

  /** How many readers share one DequantizeLinear. */
  public enum FanOutRule {
    /** One QuantizeLinear, and a DequantizeLinear for each reader. */
    ONE_DEQUANTIZE_PER_READER,
    /** One pair, shared by all readers. */
    SHARED_PAIR
  }

  private final String name;
  private final DataType activationType;
  private final boolean symmetricActivations;
  private final boolean reducedWeightRange;
  private final OutputRule outputRule;
  private final ResidualRule residualRule;
  private final BiasRule biasRule;
  private final FanOutRule fanOutRule;
  private final Set<String> operators;
  private final Set<String> transparentOperators;
  private final KernelRules kernelRules;
  private final KernelRules directReaders;
  private final KernelRules directInputs;
  private final KernelRules quantizedResults;
  private final boolean perChannelWeights;
  private final boolean dynamic;
  private final boolean dynamicLstm;
  private final boolean embeddingTables;
  private final int minimumReduction;
  private final boolean activationProducts;
  private final boolean halfPrecisionScales;
  private final boolean halfPrecisionEpilogues;

  private QuantizationDialect(Builder b) {
    name = b.name;
    activationType = b.activationType;
    symmetricActivations = b.symmetricActivations;
    reducedWeightRange = b.reducedWeightRange;
    outputRule = b.outputRule;
    residualRule = b.residualRule;
    biasRule = b.biasRule;
    fanOutRule = b.fanOutRule;
    operators = Collections.unmodifiableSet(new TreeSet<>(b.operators));
    transparentOperators = Collections.unmodifiableSet(new TreeSet<>(b.transparentOperators));
    kernelRules = b.kernelRules;
    directReaders = b.directReaders;
    directInputs = b.directInputs;
    quantizedResults = b.quantizedResults;
    perChannelWeights = b.perChannelWeights;
    dynamic = b.dynamic;
    dynamicLstm = b.dynamicLstm;
    embeddingTables = b.embeddingTables;
    minimumReduction = b.minimumReduction;
    activationProducts = b.activationProducts;
    halfPrecisionScales = b.halfPrecisionScales;
    halfPrecisionEpilogues = b.halfPrecisionEpilogues;
  }

  /**
   * Starts a dialect: symmetric INT8 activations, INT8 weights per channel, Conv, ConvTranspose,
   * Gemm and MatMul, outputs as read, float biases, shared pairs.
   *
   * @param name what reports call it, for example the runtime's name
   * @return a builder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Returns what reports call the dialect.
   *
   * @return for example {@code "onnxruntime"}
   */
  public String name() {
    return name;
  }

  /**
   * Returns the element type of quantized activations.
   *
   * @return {@link DataType#INT8} or {@link DataType#UINT8}
   */
  public DataType activationType() {
    return activationType;
  }

  /**
   * Tells whether activations have zero point 0 (INT8) or the middle of the range (UINT8).
   *
   * @return false if the zero point is free
   */
  public boolean symmetricActivations() {
    return symmetricActivations;
  }

  /**
   * Tells whether weights keep to 7 bits, since the processor adds products in 16 bits.
   *
   * @return true for -64 to 63 in place of -127 to 127
   */
  public boolean reducedWeightRange() {
    return reducedWeightRange;
  }

  /**
   * Tells whether weights may have one scale for each output channel.
   *
   * @return false for one scale a tensor
   */
  public boolean perChannelWeights() {
    return perChannelWeights;
  }

  /**
   * Returns when results of quantized operators are quantized.
   *
   * @return the rule
   */
  public OutputRule outputRule() {
    return outputRule;
  }

  /**
   * Returns what is quantized of residual additions.
   *
   * @return the rule
   */
  public ResidualRule residualRule() {
    return residualRule;
  }

  /**
   * Returns how biases are written.
   *
   * @return the rule
   */
  public BiasRule biasRule() {
    return biasRule;
  }

  /**
   * Returns how a quantized tensor with several readers is written.
   *
   * @return the rule
   */
  public FanOutRule fanOutRule() {
    return fanOutRule;
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
   * Tells whether quantized layers may compute in FP16 or BF16 around integers, scales included.
   *
   * @return false if they stay in FLOAT32 where the rest of a model does not
   */
  public boolean halfPrecisionScales() {
    return halfPrecisionScales;
  }

  /**
   * Tells whether an activation function between a quantized convolution and the next quantization,
   * the epilogue of one integer kernel, may compute in FP16 or BF16; a Relu always may.
   *
   * @return false if the convolution and the function stay in FLOAT32
   */
  public boolean halfPrecisionEpilogues() {
    return halfPrecisionEpilogues;
  }

  /** Returns for example {@code onnxruntime (UINT8 activations)}. */
  @Override
  public String toString() {
    return name + " (" + activationType + " activations)";
  }

  /** Builds a {@link QuantizationDialect}. */
  public static final class Builder {
    private final String name;
    private DataType activationType = DataType.INT8;
    private boolean symmetricActivations = true;
    private boolean reducedWeightRange;
    private boolean perChannelWeights = true;
    private OutputRule outputRule = OutputRule.AS_READ;
    private ResidualRule residualRule = ResidualRule.SKIP_ONLY;
    private BiasRule biasRule = BiasRule.FLOAT;
    private FanOutRule fanOutRule = FanOutRule.SHARED_PAIR;
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
    private boolean halfPrecisionScales;
    private boolean halfPrecisionEpilogues = true;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name);
    }

    /**
     * Sets how activations are written.
     *
     * @param type {@link DataType#INT8} or {@link DataType#UINT8}
     * @param symmetric true to fix the zero point at 0 (INT8) or 128 (UINT8)
     * @return this
     * @throws IllegalArgumentException for another type
     */
    public Builder activations(DataType type, boolean symmetric) {
      if (type != DataType.INT8 && type != DataType.UINT8) {
        throw new IllegalArgumentException(
            "Tried to quantize activations to " + type + ", but it takes INT8 or UINT8.");
      }
      activationType = type;
      symmetricActivations = symmetric;
      return this;
    }

    /**
     * Keeps weights to 7 bits.
     *
     * @param reduced true for -64 to 63
     * @return this
     */
    public Builder reducedWeightRange(boolean reduced) {
      reducedWeightRange = reduced;
      return this;
    }

    /**
     * Sets whether weights have a scale for each output channel.
     *
     * @param perChannel false for one scale a tensor
     * @return this
     */
    public Builder perChannelWeights(boolean perChannel) {
      perChannelWeights = perChannel;
      return this;
    }

    /**
     * Sets when results are quantized.
     *
     * @param rule the rule
     * @return this
     */
    public Builder outputs(OutputRule rule) {
      outputRule = Objects.requireNonNull(rule);
      return this;
    }

    /**
     * Sets what is quantized of residual additions.
     *
     * @param rule the rule
     * @return this
     */
    public Builder residuals(ResidualRule rule) {
      residualRule = Objects.requireNonNull(rule);
      return this;
    }

    /**
     * Sets how biases are written.
     *
     * @param rule the rule
     * @return this
     */
    public Builder biases(BiasRule rule) {
      biasRule = Objects.requireNonNull(rule);
      return this;
    }

    /**
     * Sets how tensors with several readers are written.
     *
     * @param rule the rule
     * @return this
     */
    public Builder fanOut(FanOutRule rule) {
      fanOutRule = Objects.requireNonNull(rule);
      return this;
    }

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
     * Sets whether scales may have the type of half precision; by default they are FLOAT32.
     *
     * @param possible true if integer kernels read and write FP16 and BF16 as well
     * @return this
     */
    public Builder halfPrecisionScales(boolean possible) {
      halfPrecisionScales = possible;
      return this;
    }

    /**
     * Sets whether activation functions between a quantized convolution and the next quantization
     * may compute in half precision; by default they may. It matters with {@link
     * #halfPrecisionScales}, and for models that are quantized already and compiled in half
     * precision.
     *
     * @param possible false to leave convolution and function in FLOAT32
     * @return this
     */
    public Builder halfPrecisionEpilogues(boolean possible) {
      halfPrecisionEpilogues = possible;
      return this;
    }

    /**
     * Finishes the dialect.
     *
     * @return the dialect
     */
    public QuantizationDialect build() {
      return new QuantizationDialect(this);
    }
  }
}
