package io.inferc.search;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import java.util.List;
import java.util.Optional;

/**
 * Compiles models that were rewritten already, to be measured.
 *
 * @param backend where
 * @param choice its device and options
 * @param profiles the shapes to serve
 * @param cancellation the switch that stops it
 */
record PlanCompiler(
    Backend backend, Target.Choice choice, List<ShapeProfile> profiles, Cancellation cancellation) {
  CompiledModel compile(OnnxModel model, String name, NumericPrecision precision) {
    try (ModelSource source = ModelSource.of(model)) {
      CompileRequest request =
          new CompileRequest(
              source,
              name,
              choice,
              profiles,
              new PrecisionPlan(precision, PrecisionSupport.IN_MODEL),
              false,
              ProgressListener.none(),
              cancellation);
      return ExecutableModel.of(
          name,
          backend.compile(request),
          backend,
          choice,
          profiles,
          new ExecutionOptions(1, Optional.empty()));
    }
  }

  /** The first reduced precision of a plan. */
  static NumericPrecision precision(LayerPlan plan) {
    return plan.decisions().values().stream()
        .map(d -> d.precision())
        .filter(p -> p != NumericPrecision.FP32)
        .findFirst()
        .orElse(NumericPrecision.FP32);
  }
}
