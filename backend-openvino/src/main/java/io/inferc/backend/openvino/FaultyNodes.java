package io.inferc.backend.openvino;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.FaultyOperators;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * What OpenVINO computes wrongly without a word. Measured with version 2026.4 on a CPU against ONNX
 * Runtime and the ONNX project's reference.
 */
final class FaultyNodes {
  private static final int REDUCTIONS_WITH_INPUT_AXES = 18;
  private static final int AXIS_AS_INPUT = 20;
  // A tensor is repeated along as many axes by a kernel that takes the repeats from a run.
  private static final int REPEATED_AXES = 3;
  private static final Set<DataType> BYTES = Set.of(DataType.INT8, DataType.UINT8);

  /** The check. */
  static final FaultyOperators CHECK = FaultyOperators.of("OpenVINO", rules());

  private FaultyNodes() {}

  private static KernelRules rules() {
    KernelRule timeFirst = KernelRule.number("layout", 0, 0);
    KernelRule axes = KernelRule.of("axes that are read", FaultyNodes::overlooksAxes);
    KernelRule filled = KernelRule.of("no empty dimension", FaultyNodes::reducesNothing);
    return KernelRules.builder()
        .rule("Attention", KernelRule.of("no past or not causal", FaultyNodes::seesTheFuture))
        .rule("AveragePool", KernelRule.of("whole windows", FaultyNodes::averagesBeyond))
        .rule("MaxPool", KernelRule.of("windows that begin inside", FaultyNodes::beginsBeyond))
        .rule("Resize", KernelRule.number("antialias", 0, 0))
        .rule("Resize", KernelRule.text("keep_aspect_ratio_policy", "stretch", "stretch"))
        .rule("Resize", KernelRule.of("no exclude_outside of cubic", FaultyNodes::excludes))
        .rule("DFT", KernelRule.number("onesided", 0, 0))
        .rule("DFT", KernelRule.of("an axis that is read", FaultyNodes::transformsElsewhere))
        .rule("Div", KernelRule.of("no bytes of unknown sizes", FaultyNodes::rounds))
        .rule("GRU", timeFirst)
        .rule("LSTM", timeFirst)
        .rule("LSTM", KernelRule.without(7))
        .rule("RNN", timeFirst)
        .rule("ReduceL1", axes)
        .rule("ReduceLogSum", axes)
        .rule("ReduceLogSumExp", axes)
        .rule("ReduceMax", filled)
        .rule("ReduceMin", filled)
        .rule("RoiAlign", KernelRule.text("mode", "avg", "avg"))
        .rule("Tile", KernelRule.of("repeats along few axes", FaultyNodes::repeatsMuch))
        .build();
  }

  private static Optional<String> seesTheFuture(OperatorUse use) {
    return use.node().intAttribute("is_causal", 0) != 0 && use.node().input(4).isPresent()
        ? Optional.of(
            "it has 'is_causal' and a past_key, and the mask is not moved by the past's length."
                + " Give the mask as an input instead.")
        : Optional.empty();
  }

  /** Where the last window is longer than what is padded, all of it is counted. */
  private static Optional<String> averagesBeyond(OperatorUse use) {
    Node node = use.node();
    boolean counts =
        node.intAttribute("ceil_mode", 0) != 0
            && node.intAttribute("count_include_pad", 0) != 0
            && Arrays.stream(ints(node, "pads")).anyMatch(p -> p != 0);
    return counts && !Windows.of(use).areWhole()
        ? Optional.of(
            "it has 'ceil_mode' and 'count_include_pad' with 'pads', and the last windows are"
                + " divided by what lies beyond the padding as well. Write the padding as a Pad of"
                + " its own.")
        : Optional.empty();
  }

  private static Optional<String> beginsBeyond(OperatorUse use) {
    return use.node().intAttribute("ceil_mode", 0) != 0 && !Windows.of(use).beginInside()
        ? Optional.of(
            "it has 'ceil_mode', and windows that begin beyond the input are kept where 'strides'"
                + " and 'pads' reach past 'kernel_shape'. Leave 'ceil_mode' out.")
        : Optional.empty();
  }

  private static Optional<String> excludes(OperatorUse use) {
    return use.text("mode", "nearest").equals("cubic")
            && use.node().intAttribute("exclude_outside", 0) != 0
        ? Optional.of("its attribute 'exclude_outside' is overlooked in the mode 'cubic'.")
        : Optional.empty();
  }

  private static Optional<String> transformsElsewhere(OperatorUse use) {
    if (use.opset() < AXIS_AS_INPUT) {
      long axis = use.node().intAttribute("axis", 1);
      return axis < 0
          ? Optional.of(
              "its attribute 'axis' is "
                  + axis
                  + ", which is counted from another end. Count it from the first dimension.")
          : Optional.empty();
    }
    Optional<Long> axis =
        use.node().input(2).isEmpty()
            ? Optional.of(-2L)
            : use.constant(2).map(Initializer::longs).filter(a -> a.length == 1).map(a -> a[0]);
    Optional<Long> counted =
        axis.flatMap(
            a -> a >= 0 ? Optional.of(a) : use.rank(0).map(rank -> Long.valueOf(a + rank)));
    return counted.filter(a -> a == 1).isPresent()
        ? Optional.empty()
        : Optional.of(
            "its input 'axis' is overlooked, and 1 taken instead. Transpose the tensor in front of"
                + " it and behind, or write it for opset 19 with the attribute.");
  }

  private static Optional<String> rounds(OperatorUse use) {
    boolean bytes =
        use.type(0).filter(BYTES::contains).isPresent()
            || use.type(1).filter(BYTES::contains).isPresent();
    return bytes && !(isFixed(use, 0) && isFixed(use, 1))
        ? Optional.of(
            "quotients of bytes are rounded where sizes are not known, not cut. Cast to INT32"
                + " and back, or fix the sizes.")
        : Optional.empty();
  }

  private static boolean isFixed(OperatorUse use, int input) {
    return use.dimensions(input).filter(d -> d.stream().allMatch(Dimension::isFixed)).isPresent();
  }

  private static Optional<String> overlooksAxes(OperatorUse use) {
    return use.opset() >= 13
            && use.opset() < REDUCTIONS_WITH_INPUT_AXES
            && use.node().attribute("axes").isPresent()
        ? Optional.of(
            "its attribute 'axes' is overlooked in opset "
                + use.opset()
                + ", and all dimensions are reduced. Upgrade the model to opset 18 or newer.")
        : Optional.empty();
  }

  private static Optional<String> reducesNothing(OperatorUse use) {
    return use.dimensions(0)
            .filter(dims -> dims.stream().anyMatch(d -> d.size().orElse(1) == 0))
            .isPresent()
        ? Optional.of("it reduces an empty tensor, for which it gives a number, not an infinity.")
        : Optional.empty();
  }

  private static Optional<String> repeatsMuch(OperatorUse use) {
    Optional<Integer> rank = use.rank(0);
    boolean few =
        use.constant(1).isPresent()
            || rank.filter(r -> r <= REPEATED_AXES).isPresent()
            || use.node()
                .input(1)
                .flatMap(use.facts()::producer)
                .filter(n -> n.opType().equals("Concat"))
                .filter(n -> repeated(n, use.facts()) < REPEATED_AXES)
                .isPresent();
    return few || rank.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "its repeats are known in a run alone, and may be along 3 dimensions or more, which"
                + " returns what was in memory. Repeat along one dimension after the other, or make"
                + " the repeats constant.");
  }

  /** Along how many axes at most a tensor is repeated: constant ones are no repeats. */
  private static long repeated(Node concat, OperatorUse.Facts facts) {
    return concat.inputs().stream()
        .mapToLong(
            input ->
                facts
                    .constant(input)
                    .map(c -> Arrays.stream(c.longs()).filter(n -> n != 1).count())
                    .orElse(1L))
        .sum();
  }

  static long[] ints(Node node, String attribute) {
    return node.attribute(attribute).map(Attribute::asInts).orElse(new long[0]);
  }
}
