package io.inferc.backend.onnxruntime;

import io.inferc.spi.CpuFlags;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import java.util.List;

/** What ONNX Runtime's CPU provider computes in FP16. */
final class HalfKernels {
  private HalfKernels() {}

  /**
   * Tells whether models gain from FP16 on a processor. On x86 they do not: most operators have no
   * FP16 kernel, so that the runtime casts around that for FP32, and those of Gemm, Clip, Max, Min
   * and Round compute number by number, up to 1,000 times as slow as in FP32. A MatMul with an Add
   * behind it becomes a Gemm.
   *
   * @param flags the processor's architecture and flags, as {@link CpuFlags#describe()} has them
   */
  static boolean compute(String flags) {
    List<String> words = List.of(flags.split(" "));
    return words.contains("aarch64") || words.contains("arm64");
  }

  /**
   * Returns what it computes rightly at all: some kernels refuse FP16 at run time, and others the
   * runtime spells out in other operators before it casts.
   */
  static KernelRules cpu() {
    KernelRules.Builder rules = KernelRules.builder();
    for (String scatter : List.of("ScatterElements", "ScatterND")) {
      rules.rule(scatter, KernelRule.text("reduction", "none", "none"));
    }
    for (String missing : List.of("EyeLike", "MeanVarianceNormalization")) {
      rules.rule(missing, KernelRule.never("there is no FP16 kernel for " + missing + "."));
    }
    return rules.build();
  }
}
