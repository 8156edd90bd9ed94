package io.inferc.backend.tensorrt;

import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * One input or output of a session: the caller's tensor, and the pinned and device memory between
 * it and the engine, set aside once at the profile's maximum.
 *
 * <p>A tensor in ordinary memory goes through the session's pinned memory, one in pinned memory is
 * copied to or from directly, and one on the device is used where it lies.
 */
final class Port implements AutoCloseable {
  private final TensorSpec spec;
  private final int device;
  private final boolean onHost;
  private final boolean used;
  private final String asked;

  private long capacity;
  private @Nullable BytePointer staging;
  private @Nullable ByteBuffer stagingBytes;
  private @Nullable Pointer memory;

  // What is bound: the shape, and exactly one of the places below.
  private long[] shape = {};
  private long bytes;
  private @Nullable ByteBuffer hostView;
  private @Nullable BytePointer pinned;
  private @Nullable Pointer resident;

  /**
   * Makes a port with nothing bound.
   *
   * @param spec the input or output
   * @param device the number of the GPU
   * @param onHost whether the engine reads or writes it in host memory
   * @param used whether the engine knows it at all
   * @param capacity the bytes at the profile's maximum
   * @param asked what messages say was tried
   */
  Port(TensorSpec spec, int device, boolean onHost, boolean used, long capacity, String asked) {
    this.spec = spec;
    this.device = device;
    this.onHost = onHost;
    this.used = used;
    this.capacity = capacity;
    this.asked = asked;
  }

  String name() {
    return spec.name();
  }

  TensorSpec spec() {
    return spec;
  }

  boolean isUsed() {
    return used;
  }

  long[] shape() {
    return shape;
  }

  /** Binds a caller's tensor; what it needs of memory is taken when it is needed first. */
  void bind(Tensor tensor) {
    shape = tensor.shape();
    bytes = tensor.byteSize();
    hostView = null;
    pinned = null;
    resident = null;
    if (tensor.memoryKind() == MemoryKind.DEVICE) {
      resident = own(tensor).memory();
    } else if (tensor.storage().unwrap() instanceof PinnedStorage own) {
      pinned = own.memory();
      // Keeps the pinned memory reachable.
      hostView = tensor.bytes();
    } else {
      hostView = tensor.bytes();
    }
  }

  private DeviceStorage own(Tensor tensor) {
    Storage storage = tensor.storage().unwrap();
    if (!(storage instanceof DeviceStorage own) || own.device() != device) {
      throw new IllegalArgumentException(
          "Tried to bind "
              + tensor
              + " to '"
              + spec.name()
              + "', but its memory is not that of cuda:"
              + device
              + " from this back end. Allocate it with the back end's allocator of"
              + " MemoryKind.DEVICE for that device.");
    }
    if (onHost) {
      throw new IllegalArgumentException(
          "Tried to bind device memory to '"
              + spec.name()
              + "', which holds shapes, and TensorRT keeps those in host memory. Bind a tensor in"
              + " host memory.");
    }
    return own;
  }

  /** Binds the session's own memory, for an output that nobody gave memory for. */
  void bindOwn(long[] sizes) {
    shape = sizes.clone();
    long count = 1;
    for (long size : sizes) {
      count = Math.multiplyExact(count, size);
    }
    bytes = spec.type().byteSize(count);
    hostView = null;
    pinned = null;
    resident = null;
  }

  /** Where the engine reads or writes, with the memory for it in place. */
  Pointer address() {
    if (resident != null) {
      return resident;
    }
    if (bytes > capacity) {
      release();
      capacity = bytes;
    }
    if (pinned == null && staging == null) {
      staging = Cuda.allocatePinned(device, capacity, asked);
      stagingBytes = staging.asByteBuffer();
    }
    if (onHost) {
      return hostAddress();
    }
    if (memory == null) {
      memory = Cuda.allocateDevice(device, capacity, asked);
    }
    return memory;
  }

  private Pointer hostAddress() {
    Pointer direct = pinned;
    Pointer host = direct == null ? staging : direct;
    if (host == null) {
      throw new IllegalStateException("no memory is in place for '" + spec.name() + "'");
    }
    return host;
  }

  /** Whether bytes must cross between host and device. */
  boolean isCopied() {
    return used && resident == null && !onHost && bytes > 0;
  }

  /** The host's end of the copy. */
  Pointer hostEnd() {
    return hostAddress();
  }

  long bytes() {
    return bytes;
  }

  /** Brings what the caller wrote to where the device can fetch it. */
  void fill() {
    ByteBuffer to = stagingBytes;
    ByteBuffer from = hostView;
    if (pinned == null && from != null && to != null && bytes > 0) {
      to.put(0, from, 0, (int) bytes);
    }
  }

  /** Brings what the device delivered to the caller's tensor. */
  void drain() {
    ByteBuffer from = stagingBytes;
    ByteBuffer to = hostView;
    if (pinned == null && from != null && to != null && bytes > 0) {
      to.put(0, from, 0, (int) bytes);
    }
  }

  /** Copies the output that lies in the session's own memory. */
  Tensor copy() {
    Tensor copy = Tensor.allocate(spec.type(), shape);
    ByteBuffer from = stagingBytes;
    if (from != null && bytes > 0) {
      copy.bytes().put(0, from, 0, (int) bytes);
    }
    return copy;
  }

  private void release() {
    if (staging != null) {
      cudart.cudaFreeHost(staging);
      staging = null;
      stagingBytes = null;
    }
    if (memory != null) {
      cudart.cudaFree(memory);
      memory = null;
    }
  }

  @Override
  public void close() {
    release();
  }
}
