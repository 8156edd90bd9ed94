package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import java.nio.file.Path;

/** Targets for tests on a device. */
final class Targets {
  /** Where the tests of one run share measured times, so that the same kernel is timed once. */
  private static final Path TIMING_CACHE =
      Path.of(System.getProperty("java.io.tmpdir"), "inferc-test-timing.cache");

  private Targets() {}

  /** Builds in this process at level 1. */
  static Target quick(int cudaGraphs) {
    return Target.tensorRt()
        .options(
            TensorRtOptions.builder()
                .builderLevel(1)
                .isolatedBuild(false)
                .timingCache(TIMING_CACHE)
                .cudaGraphs(cudaGraphs)
                .build());
  }
}
