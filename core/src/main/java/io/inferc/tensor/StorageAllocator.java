package io.inferc.tensor;

/**
 * Hands out memory of one kind. A back end offers one for each kind it has; a buffer pool draws
 * from it.
 *
 * <p>Thread-safe.
 */
public interface StorageAllocator {
  /**
   * Returns the kind of memory handed out.
   *
   * @return the kind
   */
  MemoryKind memoryKind();

  /**
   * Allocates memory, aligned to 64 bytes, of undefined content.
   *
   * @param bytes the size, 0 or more
   * @return the memory, owned by the caller until {@link Storage#release()}
   * @throws io.inferc.common.InfercException if there is not that much memory
   */
  Storage allocate(long bytes);

  /**
   * Returns the allocator of ordinary memory outside the Java heap. What it hands out is freed once
   * it is unreachable, so a stale view of it can never touch foreign memory.
   *
   * @return the host allocator
   */
  static StorageAllocator host() {
    return HostStorage.ALLOCATOR;
  }
}
