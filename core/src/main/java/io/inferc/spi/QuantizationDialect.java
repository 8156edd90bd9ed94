package io.inferc.spi;

import io.inferc.tensor.DataType;
import java.util.Objects;

/**
 * Where QuantizeLinear and DequantizeLinear must stand, and with which types, for a runtime to turn
 * the nodes between them into integer kernels.
 *
 * <p>The same calibration is written out differently for each runtime: a graph in the wrong dialect
 * computes the same numbers, but slower than single precision. Which nodes those are, and which of
 * them the runtime computes rightly, the {@link IntegerKernels} say. Immutable.
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
  private final boolean perChannelWeights;
  private final IntegerKernels kernels;
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
    perChannelWeights = b.perChannelWeights;
    kernels = b.kernels;
    halfPrecisionScales = b.halfPrecisionScales;
    halfPrecisionEpilogues = b.halfPrecisionEpilogues;
  }

  /**
   * Starts a dialect: symmetric INT8 activations, INT8 weights per channel, outputs as read, float
   * biases, shared pairs, for kernels of Conv, ConvTranspose, Gemm and MatMul.
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
   * Returns what the runtime computes in integers.
   *
   * @return the kernels
   */
  public IntegerKernels kernels() {
    return kernels;
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
    private IntegerKernels kernels = IntegerKernels.builder().build();
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
     * Sets what the runtime computes in integers; by default Conv, ConvTranspose, Gemm and MatMul.
     *
     * @param integers the kernels
     * @return this
     */
    public Builder kernels(IntegerKernels integers) {
      kernels = Objects.requireNonNull(integers);
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
