package io.inferc.report;

/**
 * A QuantizeLinear or DequantizeLinear that the runtime runs as a kernel of its own, in place of
 * taking it into an integer kernel.
 *
 * @param node the node's name, or the tensor it makes where it has none
 * @param operator {@code QuantizeLinear} or {@code DequantizeLinear}
 * @param tensor the tensor it converts
 * @param neighbour the node whose floating-point kernel makes it necessary; empty if there is none
 * @param reason why it is there
 * @param explanation a sentence with the names
 */
public record UnfusedQuantization(
    String node,
    String operator,
    String tensor,
    String neighbour,
    Reason reason,
    String explanation) {

  /** Why a conversion is left. */
  public enum Reason {
    /** The tensor enters or leaves the model in floating point, so one conversion is due. */
    MODEL_BOUNDARY(
        "at the model's edge",
        "Nothing: one conversion is due where floating point enters or leaves."),
    /** The neighbour is floating point by choice. */
    FLOAT_NEIGHBOUR(
        "next to a floating-point part",
        "Nothing, or quantize the neighbour too if it has an integer kernel."),
    /** The neighbour's operator cannot be computed in integers. */
    NO_INTEGER_KERNEL(
        "operator without an integer kernel",
        "Leave the tensors around it in floating point: keep this operator out of quantization."),
    /** Another input of the neighbour is floating point. */
    INPUT_NOT_QUANTIZED(
        "an input is not quantized", "Quantize all inputs of the operator, or none."),
    /** The neighbour's output is floating point. */
    OUTPUT_NOT_QUANTIZED(
        "the output is not quantized",
        "Quantize the output too. Where a MatMul and the Add of its bias became a floating-point"
            + " Gemm, place the Q behind the Add or switch the optimizer MatMulAddFusion off."),
    /** An activation function stands between the neighbour and its Q. */
    ACTIVATION_BETWEEN(
        "an activation stands between",
        "Quantize what follows a Relu or Clip with the zero point at the least value of the type,"
            + " so that the Q does the activation's work."),
    /** A tensor is read by integer and floating-point nodes. */
    SEVERAL_READERS(
        "a tensor with several readers",
        "Give each reader a DequantizeLinear of its own, and let the output be read by one Q"
            + " only."),
    /** The activations have an integer type that the runtime's kernels do not take. */
    ACTIVATION_TYPE(
        "activations of another integer type",
        "Use the activation type of the target: UINT8 for ONNX Runtime on x86, INT8 for TensorRT"
            + " and MIGraphX."),
    /** A scale or zero point is worked out at run time. */
    NOT_CONSTANT(
        "scale or zero point not constant", "Make scales and zero points constants of the model."),
    /** The tensor is quantized again right after. */
    RESCALED("quantized twice", "Use one scale on both sides, so that both conversions cancel."),
    /** None of the rules applies. */
    UNKNOWN("for no known reason", "Compare the node with one of its kind that did fuse.");

    private final String label;
    private final String remedy;

    Reason(String label, String remedy) {
      this.label = label;
      this.remedy = remedy;
    }

    /**
     * Returns the reason in a few words.
     *
     * @return for example {@code "the output is not quantized"}
     */
    public String label() {
      return label;
    }

    /**
     * Returns what to do about it.
     *
     * @return one or two sentences
     */
    public String remedy() {
      return remedy;
    }

    /**
     * Tells whether the conversion is as it should be.
     *
     * @return true if there is nothing to gain
     */
    public boolean expected() {
      return this == MODEL_BOUNDARY || this == FLOAT_NEIGHBOUR;
    }
  }
}
