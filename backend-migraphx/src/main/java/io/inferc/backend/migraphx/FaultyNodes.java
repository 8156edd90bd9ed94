package io.inferc.backend.migraphx;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.FaultyOperators;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import java.util.Arrays;
import java.util.Optional;

/**
 * At which nodes MIGraphX ends the process, by an exception in a thread of its own or by writing
 * where it must not, and which it computes wrongly without a word. Measured with version 2.14 on
 * its reference target.
 */
final class FaultyNodes {
  /** The check. */
  static final FaultyOperators CHECK =
      FaultyOperators.of(
              "MIGraphX",
              KernelRules.builder()
                  .rule(
                      "ConvTranspose",
                      KernelRule.of("no output_padding", FaultyNodes::padsTheOutput))
                  .rule("Resize", KernelRule.number("antialias", 0, 0))
                  .build())
          .surviving(
              KernelRules.builder()
                  .rule("AveragePool", KernelRule.of("no uneven padding", FaultyNodes::roundsUp))
                  .rule("Pad", KernelRule.of("no cutting", FaultyNodes::cuts))
                  .rule("ConvTranspose", KernelRule.without("output_shape"))
                  .build());

  private FaultyNodes() {}

  private static Optional<String> padsTheOutput(OperatorUse use) {
    return Arrays.stream(ints(use.node(), "output_padding")).anyMatch(p -> p != 0)
        ? Optional.of(
            "its attribute 'output_padding' is not 0, which MIGraphX gets wrong. Write it as a Pad"
                + " of its own.")
        : Optional.empty();
  }

  private static Optional<String> roundsUp(OperatorUse use) {
    return use.node().intAttribute("ceil_mode", 0) != 0
            && Arrays.stream(ints(use.node(), "pads")).anyMatch(p -> p != 0)
        ? Optional.of(
            "it has 'ceil_mode' and 'pads', and MIGraphX cannot average over padded windows whose"
                + " number is rounded up. Write the padding as a Pad of its own.")
        : Optional.empty();
  }

  private static Optional<String> cuts(OperatorUse use) {
    long[] pads =
        use.node()
            .attribute("pads")
            .map(Attribute::asInts)
            .or(() -> use.constant(1).map(Initializer::longs))
            .orElse(new long[0]);
    return Arrays.stream(pads).anyMatch(p -> p < 0)
        ? Optional.of(
            "its pads are "
                + Arrays.toString(pads)
                + ", and MIGraphX cannot pad with less than nothing. Write what is cut off as a"
                + " Slice.")
        : Optional.empty();
  }

  private static long[] ints(Node node, String attribute) {
    return node.attribute(attribute).map(Attribute::asInts).orElse(new long[0]);
  }
}
