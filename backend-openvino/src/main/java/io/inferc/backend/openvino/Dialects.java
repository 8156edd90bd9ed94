package io.inferc.backend.openvino;

import io.inferc.onnx.Initializer;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.Optional;
import java.util.Set;

/** The form of Q/DQ that OpenVINO turns into integer kernels. */
final class Dialects {
  private static final Set<String> TRANSPARENT =
      Set.of(
          "MaxPool",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Concat",
          "Split",
          "Slice",
          "Gather",
          "Tile");

  // Such a product is computed as that of one row, and keeps the row.
  private static final KernelRule ROWS =
      KernelRule.of("two dimensions where the weights are constant", Dialects::withoutRows);

  private static final KernelRules RULES = KernelRules.builder().rule("MatMul", ROWS).build();

  private static final Set<String> SIZE_READERS =
      Set.of(
          "Shape",
          "Size",
          "EyeLike",
          "GRU",
          "GroupNormalization",
          "InstanceNormalization",
          "LSTM",
          "RNN",
          "RandomNormalLike",
          "RandomUniformLike");

  // Products of rows that follow each other become one kernel, which reads the sums of the first as
  // if they were numbers of another type where nothing is computed between them.
  private static final KernelRule MORE_THAN_ROWS =
      KernelRule.of("more than two dimensions", Dialects::ofRows);

  // A convolution's scale is copied for each reader. One copy becomes part of the bounds of the
  // reader's quantization, another one of the convolution, which then serves the first reader too.
  // A bias keeps the scale from being copied, unless sizes are read in front of it: OpenVINO asks
  // the first tensor for them that has symbols of the same sizes, whichever the model asks.
  private static final KernelRules DIRECT_READERS =
      KernelRules.builder()
          .rule("Conv", KernelRule.of("known sizes, a bias or one reader", Dialects::sharesScale))
          .rule("Gemm", MORE_THAN_ROWS)
          .rule("MatMul", MORE_THAN_ROWS)
          .build();

  // Scales of channels that come to a reduction which drops dimensions, or leaves one element, are
  // taken a second time, or laid along other dimensions.
  private static final KernelRules DIRECT_INPUTS = directInputs();

  // Their kernel writes what it has found so far where the result belongs: in bytes, if a
  // quantization became part of it, so that all below its zero point is lost.
  private static final KernelRules QUANTIZED_RESULTS = quantizedResults();

  private static KernelRules quantizedResults() {
    KernelRules.Builder rules = KernelRules.builder();
    for (String type : new String[] {"GlobalMaxPool", "ReduceMax", "ReduceMin"}) {
      rules.rule(
          type, KernelRule.never("it would be computed in the bytes of what comes behind it."));
    }
    return rules.build();
  }

  private static KernelRules directInputs() {
    KernelRules.Builder rules = KernelRules.builder();
    for (String pooling : new String[] {"GlobalAveragePool", "GlobalMaxPool"}) {
      rules.rule(pooling, KernelRule.never("it would take the scales of a layer."));
    }
    for (String reduction : new String[] {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"}) {
      rules.rule(reduction, KernelRule.number("keepdims", 1, 1));
    }
    return rules.build();
  }

  private Dialects() {}

  private static Optional<String> sharesScale(OperatorUse use) {
    String result = use.node().outputs().get(0);
    int batch = readsSizes(use) ? 0 : 1;
    boolean fixed =
        use.facts()
            .dimensions(result)
            .filter(dims -> dims.stream().skip(batch).allMatch(Dimension::isFixed))
            .isPresent();
    if (!fixed) {
      return Optional.of("the sizes of its result are not known, and may be read before its bias.");
    }
    boolean biased =
        use.node().input(2).isPresent() && use.constant(2).filter(Dialects::isZero).isEmpty();
    return biased || use.facts().readers(result).orElse(1) <= 1
        ? Optional.empty()
        : Optional.of("it has no bias and several readers, each of which its scale would reach.");
  }

  /** The size of the batch is read by some kernels' conversion, too. */
  private static boolean readsSizes(OperatorUse use) {
    return use.facts()
        .operators()
        .filter(used -> SIZE_READERS.stream().noneMatch(used::contains))
        .isEmpty();
  }

  private static Optional<String> ofRows(OperatorUse use) {
    return use.rank(0).filter(rank -> rank > 2).isPresent()
        ? Optional.empty()
        : Optional.of("its result may have two dimensions and go to another product.");
  }

  private static boolean isZero(Initializer bias) {
    for (double value : bias.doubles()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> withoutRows(OperatorUse use) {
    boolean vector = use.rank(0).filter(r -> r == 1).isPresent();
    return vector && use.constant(1).isPresent()
        ? Optional.of("its input has one dimension, and its result would have two.")
        : Optional.empty();
  }

  /**
   * Returns the dialect of a device.
   *
   * @param device the device
   * @param dotProduct whether its products of bytes are added in 32 bits, not in 16, which overflow
   *     with full weights
   */
  static QuantizationDialect of(Devices.Resolved device, boolean dotProduct) {
    return QuantizationDialect.builder("openvino")
        .activations(DataType.UINT8, false)
        .outputs(QuantizationDialect.OutputRule.AS_READ)
        .residuals(QuantizationDialect.ResidualRule.SKIP_ONLY)
        .biases(QuantizationDialect.BiasRule.FLOAT)
        // A Q with several readers, or a DQ, is not recognised as one quantization step.
        .fanOut(QuantizationDialect.FanOutRule.SHARED_PAIR)
        .reducedWeightRange(!dotProduct && device.parts().contains("CPU"))
        .kernels(
            IntegerKernels.builder()
                .transparentOperators(TRANSPARENT)
                .kernelRules(RULES)
                .directReaders(DIRECT_READERS)
                .directInputs(DIRECT_INPUTS)
                .quantizedResults(QUANTIZED_RESULTS)
                // Attention is one kernel if its second product is in floating point, and its first
                // one too or in integers without zero points, which is the faster.
                .weightedSums(false)
                .signedProducts(true)
                .build())
        .build();
  }

  /**
   * Returns the form of weights in blocks that the CPU plug-in keeps as they are, and converts
   * within its products: a DequantizeLinear becomes conversion, subtraction and multiplication of a
   * constant, which one kernel takes along. Gather of bytes is one that nothing folds.
   */
  static WeightOnlyForm weights() {
    return WeightOnlyForm.builder(WeightOnlyForm.Product.DEQUANTIZE_LINEAR)
        .tables(WeightOnlyForm.Tables.INTEGER_ROWS)
        .halfScales(true)
        .build();
  }
}
