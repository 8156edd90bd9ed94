package io.inferc.backend.migraphx;

import java.util.function.LongToIntFunction;

/** The streams and the memory of one AMD GPU. */
final class HipStreams implements StreamRuntime {
  // From HIP's header.
  private static final int NON_BLOCKING = 1;
  private static final int HOST_DEFAULT = 0;
  private static final int HOST_TO_DEVICE = 1;
  private static final int DEVICE_TO_HOST = 2;

  private final int device;

  /**
   * Creates a view of a GPU.
   *
   * @param device the number of a GPU that {@link Hip#find} has found
   */
  HipStreams(int device) {
    this.device = device;
  }

  /** Calls what creates something on this GPU and writes where it is. */
  private long created(String function, LongToIntFunction call) throws MigraphxCallException {
    Hip.select(device);
    try (NativeMemory out = NativeMemory.words(1)) {
      Hip.check(call.applyAsInt(out.address()), function);
      return out.pointer(0);
    }
  }

  @Override
  public long createStream() throws MigraphxCallException {
    return created(
        "hipStreamCreateWithFlags", out -> HipApi.hipStreamCreateWithFlags(out, NON_BLOCKING));
  }

  @Override
  public void destroyStream(long stream) {
    HipApi.hipStreamDestroy(stream);
  }

  @Override
  public long allocate(long bytes) throws MigraphxCallException {
    return created("hipMalloc", out -> HipApi.hipMalloc(out, bytes));
  }

  @Override
  public void free(long address) {
    HipApi.hipFree(address);
  }

  @Override
  public long allocateHost(long bytes) throws MigraphxCallException {
    return created("hipHostMalloc", out -> HipApi.hipHostMalloc(out, bytes, HOST_DEFAULT));
  }

  @Override
  public void freeHost(long address) {
    HipApi.hipHostFree(address);
  }

  @Override
  public void copyIn(long to, long from, long bytes, long stream) throws MigraphxCallException {
    copy(to, from, bytes, HOST_TO_DEVICE, stream);
  }

  @Override
  public void copyOut(long to, long from, long bytes, long stream) throws MigraphxCallException {
    copy(to, from, bytes, DEVICE_TO_HOST, stream);
  }

  private void copy(long to, long from, long bytes, int kind, long stream)
      throws MigraphxCallException {
    Hip.select(device);
    Hip.check(HipApi.hipMemcpyAsync(to, from, bytes, kind, stream), "hipMemcpyAsync");
  }

  @Override
  public void synchronize(long stream) throws MigraphxCallException {
    Hip.select(device);
    Hip.check(HipApi.hipStreamSynchronize(stream), "hipStreamSynchronize");
  }

  @Override
  public String streamTypeName() {
    return "ihipStream_t";
  }
}
