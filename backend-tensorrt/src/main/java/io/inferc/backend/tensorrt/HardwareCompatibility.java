package io.inferc.backend.tensorrt;

/** On which other GPUs an engine shall run, at some cost in speed. */
public enum HardwareCompatibility {
  /** On the model of GPU it was built on, and no other. */
  NONE,
  /** On every GPU of the Ampere generation or later. */
  AMPERE_PLUS,
  /** On every GPU of the same compute capability; from TensorRT 11 on. */
  SAME_COMPUTE_CAPABILITY
}
