package io.inferc.backend.migraphx;

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

  @Override
  public long createStream() throws MigraphxCallException {
    Hip.select(device);
    try (NativeMemory out = NativeMemory.words(1)) {
      Hip.check(
          HipApi.hipStreamCreateWithFlags(out.address(), NON_BLOCKING), "hipStreamCreateWithFlags");
      return out.pointer(0);
    }
  }

  @Override
  public void destroyStream(long stream) {
    HipApi.hipStreamDestroy(stream);
  }

  @Override
  public long allocate(long bytes) throws MigraphxCallException {
    Hip.select(device);
    try (NativeMemory out = NativeMemory.words(1)) {
      Hip.check(HipApi.hipMalloc(out.address(), bytes), "hipMalloc");
      return out.pointer(0);
    }
  }

  @Override
  public void free(long address) {
    HipApi.hipFree(address);
  }

  @Override
  public long allocateHost(long bytes) throws MigraphxCallException {
    Hip.select(device);
    try (NativeMemory out = NativeMemory.words(1)) {
      Hip.check(HipApi.hipHostMalloc(out.address(), bytes, HOST_DEFAULT), "hipHostMalloc");
      return out.pointer(0);
    }
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
