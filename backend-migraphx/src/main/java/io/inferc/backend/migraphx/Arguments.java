package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;

/** What a run returned. Closing it frees it. Made once for a session, and filled by each run. */
final class Arguments implements AutoCloseable {
  private final String model;
  private final NativeMemory out = NativeMemory.words(1);
  private long handle;
  private long shape;
  private long buffer;

  Arguments(String model) {
    this.model = model;
  }

  String model() {
    return model;
  }

  /** Where the call of a run writes its handle. */
  long address() {
    return out.address();
  }

  /** Takes over what a run returned, and checks that it is as many outputs as the model has. */
  void take(int status, String function, int outputs) throws MigraphxCallException {
    handle = Calls.handle(status, out, function);
    Calls.check(
        MigraphxApi.migraphx_arguments_size(out.address(), handle), "migraphx_arguments_size");
    if (out.pointer(0) != outputs) {
      throw unexpected(model, out.pointer(0) + " outputs in place of " + outputs);
    }
  }

  /** Looks at an output, which {@link #shape} and {@link #buffer} tell of then. */
  void at(int index) throws MigraphxCallException {
    Calls.check(
        MigraphxApi.migraphx_arguments_get(out.address(), handle, index), "migraphx_arguments_get");
    long argument = out.pointer(0);
    Calls.check(
        MigraphxApi.migraphx_argument_shape(out.address(), argument), "migraphx_argument_shape");
    shape = out.pointer(0);
    Calls.check(
        MigraphxApi.migraphx_argument_buffer(out.address(), argument), "migraphx_argument_buffer");
    buffer = out.pointer(0);
    if (buffer == 0) {
      throw unexpected(model, "no memory for the output number " + index);
    }
  }

  long shape() {
    return shape;
  }

  long buffer() {
    return buffer;
  }

  /** The bytes that the output spans. */
  long bytes() throws MigraphxCallException {
    Calls.check(MigraphxApi.migraphx_shape_bytes(out.address(), shape), "migraphx_shape_bytes");
    return out.pointer(0);
  }

  /** Frees what the last run returned, if it is still there. */
  void release() {
    long owned = handle;
    handle = 0;
    if (owned != 0) {
      MigraphxApi.migraphx_arguments_destroy(owned);
    }
  }

  @Override
  public void close() {
    release();
    out.close();
  }

  static InfercException unexpected(String model, String found) {
    return new InfercException(
        Stage.RUN,
        "Tried to run the model " + model + ", but MIGraphX returned " + found + ".",
        "Declare the model's outputs as it computes them (a dimension that only the run tells needs"
            + " a symbol of its own), or choose another target.");
  }
}
