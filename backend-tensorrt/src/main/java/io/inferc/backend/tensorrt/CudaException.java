package io.inferc.backend.tensorrt;

import java.io.Serial;

/** A call of the CUDA runtime that failed; caught inside this package and said in full there. */
final class CudaException extends Exception {
  /** The driver is older than the CUDA runtime, or not there. */
  static final int INSUFFICIENT_DRIVER = 35;

  static final int OUT_OF_MEMORY = 2;
  static final int NO_DEVICE = 100;

  @Serial private static final long serialVersionUID = 1L;

  private final int code;

  CudaException(int code, String call, String text) {
    super(call + " failed with CUDA error " + code + ", " + text);
    this.code = code;
  }

  int code() {
    return code;
  }
}
