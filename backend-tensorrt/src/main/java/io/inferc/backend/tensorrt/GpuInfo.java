package io.inferc.backend.tensorrt;

import io.inferc.spi.Device;
import java.util.OptionalLong;

/**
 * A GPU as the CUDA runtime describes it.
 *
 * @param index its number
 * @param name its model, for example {@code "NVIDIA H200"}
 * @param major the compute capability's first number
 * @param minor the compute capability's second number
 * @param memoryBytes its memory
 */
record GpuInfo(int index, String name, int major, int minor, long memoryBytes) {
  String id() {
    return "cuda:" + index;
  }

  String computeCapability() {
    return major + "." + minor;
  }

  Device device() {
    return new Device(
        id(),
        name + " (compute capability " + computeCapability() + ")",
        OptionalLong.of(memoryBytes),
        false);
  }
}
