package io.inferc.backend.migraphx;

/**
 * The functions of AMD's HIP runtime that are used here, bound directly as those of {@link
 * MigraphxApi} are. Each returns a {@code hipError_t}, 0 for success; {@link Hip} checks it.
 */
final class HipApi {
  private HipApi() {}

  static native int hipGetDeviceCount(long out);

  static native int hipDeviceGetName(long out, int bytes, int device);

  static native int hipDeviceTotalMem(long out, int device);

  static native int hipRuntimeGetVersion(long out);

  static native int hipSetDevice(int device);

  /** Returns a text that the runtime owns, or 0. */
  static native long hipGetErrorName(int status);

  static native int hipStreamCreateWithFlags(long out, int flags);

  static native int hipStreamSynchronize(long stream);

  static native int hipStreamDestroy(long stream);

  static native int hipMalloc(long out, long bytes);

  static native int hipFree(long address);

  static native int hipHostMalloc(long out, long bytes, int flags);

  static native int hipHostFree(long address);

  static native int hipMemcpyAsync(long to, long from, long bytes, int kind, long stream);
}
