package io.inferc.backend.tensorrt;

import io.inferc.common.Stage;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.Tensor;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Copies tensors to, from and between GPUs, for applications that keep data there.
 *
 * <p>Thread-safe.
 *
 * <pre>{@code
 * StorageAllocator gpu = backend.allocator(MemoryKind.DEVICE, choice);
 * Tensor x = Tensor.over(gpu.allocate(host.byteSize()), host.type(), host.shape());
 * DeviceCopies.copy(host, x);
 * session.bindInput("x", x);
 * }</pre>
 */
public final class DeviceCopies {
  private DeviceCopies() {}

  /**
   * Copies all bytes of a tensor to another, and returns when they have arrived.
   *
   * @param from a tensor in host, pinned or device memory
   * @param to a tensor of the same type and number of elements
   * @throws IllegalArgumentException if type or number of elements differ, or device memory is not
   *     this back end's
   * @throws io.inferc.common.InfercException if CUDA reports an error
   */
  public static void copy(Tensor from, Tensor to) {
    if (from.type() != to.type() || from.elementCount() != to.elementCount()) {
      throw new IllegalArgumentException(
          "Tried to copy " + from + " to " + to + ". Type and number of elements must agree.");
    }
    if (from.byteSize() == 0) {
      return;
    }
    String asked = "copy " + from + " to " + to;
    DeviceStorage device = deviceOf(from) == null ? deviceOf(to) : deviceOf(from);
    if (device == null) {
      to.bytes().put(from.bytes());
      return;
    }
    Cuda.use(device.device(), asked);
    try {
      Cuda.check(
          cudart.cudaMemcpy(address(to), address(from), from.byteSize(), cudart.cudaMemcpyDefault),
          "cudaMemcpy");
    } catch (CudaException e) {
      throw Cuda.failure(Stage.RUN, asked, e);
    } finally {
      // Addresses keep nothing, and the caller may have no further use for either.
      Reference.reachabilityFence(from);
      Reference.reachabilityFence(to);
    }
  }

  private static @Nullable DeviceStorage deviceOf(Tensor tensor) {
    if (tensor.memoryKind() != MemoryKind.DEVICE) {
      return null;
    }
    Storage storage = tensor.storage().unwrap();
    if (storage instanceof DeviceStorage own) {
      return own;
    }
    throw new IllegalArgumentException(
        "Tried to copy "
            + tensor
            + ", whose device memory is another library's. Allocate it with this back end's"
            + " allocator of MemoryKind.DEVICE.");
  }

  private static Pointer address(Tensor tensor) {
    DeviceStorage device = deviceOf(tensor);
    if (device != null) {
      return device.memory();
    }
    ByteBuffer bytes = tensor.bytes();
    return new BytePointer(bytes);
  }
}
