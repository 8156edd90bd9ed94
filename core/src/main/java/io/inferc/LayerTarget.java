package io.inferc;

import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;

/** A target that compiles models of single layers, to measure them. */
@FunctionalInterface
interface LayerTarget {
  /**
   * Compiles a model as it is.
   *
   * @return the model, to be closed by the caller
   * @throws io.inferc.common.InfercException if the target refuses it
   */
  CompiledModel compile(OnnxModel layer);
}
