package io.inferc.backend.onnxruntime;

import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import java.util.List;

/**
 * What ONNX Runtime's CPU provider computes well in FP16. For most operators it has no FP16 kernel
 * and casts around that for FP32, which is right and nearly as fast. The rules here are for the
 * others: kernels that refuse FP16 at run time, and operators that it spells out before it casts.
 */
final class HalfKernels {
  private HalfKernels() {}

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
