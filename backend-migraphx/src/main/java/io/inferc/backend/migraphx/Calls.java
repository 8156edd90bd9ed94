package io.inferc.backend.migraphx;

/** Checks what calls of MIGraphX return. */
final class Calls {
  private Calls() {}

  static void check(int status, String function) throws MigraphxCallException {
    if (status != 0) {
      throw new MigraphxCallException(function, status);
    }
  }

  /** Checks a call that makes an object, and the handle it wrote. */
  static long handle(int status, NativeMemory out, String function) throws MigraphxCallException {
    check(status, function);
    long handle = out.pointer(0);
    if (handle == 0) {
      throw new IllegalStateException(function + " reported success but made nothing");
    }
    return handle;
  }

  static byte bool(boolean value) {
    return (byte) (value ? 1 : 0);
  }
}
