package io.inferc.backend.onnxruntime;

import io.inferc.spi.FaultyOperators;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import java.util.Optional;

/**
 * At which nodes ONNX Runtime ends the process, and which it computes otherwise than the ONNX
 * project's reference does, without a word. Measured with version 1.29 on a CPU.
 */
final class FaultyNodes {
  private static final int SCORES = 3;
  private static final int AXIS = 2;
  // What qk_matmul_output_mode calls the scores after the mask and the softcap.
  private static final int MASKED = 2;

  /** The check. */
  static final FaultyOperators CHECK =
      FaultyOperators.of(
              "ONNX Runtime",
              KernelRules.builder()
                  .rule("MaxUnpool", KernelRule.of("no output_shape", FaultyNodes::places))
                  .rule("Attention", KernelRule.of("no causal scores", FaultyNodes::returnsScores))
                  .build())
          .surviving(
              KernelRules.builder()
                  .rule("DFT", KernelRule.of("no empty axis", FaultyNodes::readsNothing))
                  .build());

  private FaultyNodes() {}

  private static Optional<String> places(OperatorUse use) {
    return use.node()
        .input(2)
        .map(
            shape ->
                "it has the input '"
                    + shape
                    + "' for 'output_shape', and the indices are taken for those of a tensor of"
                    + " the usual size. Leave it out, and pad the result.");
  }

  private static Optional<String> returnsScores(OperatorUse use) {
    boolean returned =
        use.node().outputs().size() > SCORES && !use.node().outputs().get(SCORES).isEmpty();
    return returned
            && use.node().intAttribute("is_causal", 0) != 0
            && use.node().intAttribute("qk_matmul_output_mode", 0) == MASKED
        ? Optional.of(
            "it has 'is_causal' and returns scores of 'qk_matmul_output_mode' 2, which lack the"
                + " mask. Choose another mode, or leave that output out.")
        : Optional.empty();
  }

  private static Optional<String> readsNothing(OperatorUse use) {
    return use.node().inputs().size() > AXIS && use.node().input(AXIS).isEmpty()
        ? Optional.of(
            "its input 'axis' is there without a name, and ONNX Runtime reads it. Leave it out"
                + " altogether.")
        : Optional.empty();
  }
}
