package io.inferc.backend.tensorrt;

import io.inferc.onnx.Node;
import io.inferc.spi.FaultyOperators;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import java.util.Optional;
import java.util.Set;

/** What TensorRT computes wrongly without a word. Measured with version 10.6 on an H200. */
final class FaultyNodes {
  private static final Set<String> LAYERS =
      Set.of("Add", "Conv", "ConvTranspose", "Gemm", "MatMul");

  /** The check. */
  static final FaultyOperators CHECK =
      FaultyOperators.of(
          "TensorRT",
          KernelRules.builder()
              .rule("AveragePool", KernelRule.of("whole windows", FaultyNodes::averagesBeyond))
              .rule("ConvTranspose", KernelRule.without("output_shape"))
              .rule("QuantizeLinear", KernelRule.of("no bounds", FaultyNodes::quantizesBounds))
              .build());

  private FaultyNodes() {}

  private static Optional<String> averagesBeyond(OperatorUse use) {
    return use.node().intAttribute("ceil_mode", 0) != 0
            && use.node().intAttribute("count_include_pad", 0) != 0
        ? Optional.of(
            "it has 'ceil_mode' and 'count_include_pad', and the last windows are divided by what"
                + " lies beyond the padding as well. Write the padding as a Pad of its own.")
        : Optional.empty();
  }

  /** Models that come quantized; inferc's own do without. */
  private static Optional<String> quantizesBounds(OperatorUse use) {
    Optional<Node> clip = producer(use, use.node()).filter(n -> n.opType().equals("Clip"));
    return clip.flatMap(n -> producer(use, n)).filter(n -> LAYERS.contains(n.opType())).isEmpty()
        ? Optional.empty()
        : clip.flatMap(
            n ->
                IntegerRules.hasTwoBounds(new OperatorUse(n, use.opset(), use.facts()))
                    .map(
                        why ->
                            "it reads the result of "
                                + IntegerRules.title(n)
                                + " behind a layer, "
                                + why
                                + " Start from the model in single precision and let inferc"
                                + " quantize it (Precision.int8)."));
  }

  private static Optional<Node> producer(OperatorUse use, Node node) {
    return node.input(0).flatMap(use.facts()::producer).filter(n -> n.domain().isEmpty());
  }
}
