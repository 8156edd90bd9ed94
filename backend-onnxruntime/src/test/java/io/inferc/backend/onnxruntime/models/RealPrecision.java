package io.inferc.backend.onnxruntime.models;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.testing.PyPiModels;
import java.util.function.Function;

/** The precisions that every real model is held at. */
enum RealPrecision {
  /** As it is. */
  FP32(samples -> Precision.fp32()),
  /** Half precision by rule. */
  FP16(samples -> Precision.fp16()),
  /** Half precision by what samples make of it. */
  FP16_SAMPLES(Precision::fp16),
  /** Static INT8. */
  INT8(Precision::int8),
  /** Dynamic INT8. */
  INT8_DYNAMIC(samples -> Precision.int8Dynamic());

  private final Function<Dataset, Precision> precision;

  RealPrecision(Function<Dataset, Precision> precision) {
    this.precision = precision;
  }

  /** Whether numbers have 8 bits. */
  boolean isInteger() {
    return this == INT8 || this == INT8_DYNAMIC;
  }

  CompiledModel compile(PyPiModels model, Dataset samples, ShapeProfile... profiles) {
    Compiler.Builder builder =
        Compiler.forTarget(Target.onnxRuntime()).precision(precision.apply(samples)).sessions(1);
    for (ShapeProfile profile : profiles) {
      builder.profile(profile);
    }
    return builder.build().compile(model.path());
  }
}
