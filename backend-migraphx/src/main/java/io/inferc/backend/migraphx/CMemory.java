package io.inferc.backend.migraphx;

/** The C library's memory functions, bound with the rest when MIGraphX is loaded. */
final class CMemory {
  private CMemory() {}

  /** Copies bytes between places that the caller has checked. */
  static native long memcpy(long target, long source, long bytes);
}
