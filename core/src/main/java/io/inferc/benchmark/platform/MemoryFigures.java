package io.inferc.benchmark.platform;

import java.util.Locale;
import java.util.OptionalLong;

/**
 * The memory of a run.
 *
 * @param before when it started
 * @param after when it ended
 * @param peak the largest of each figure while it ran; the resident one is exact where the process
 *     had never been as large, else, as the others, the largest that was sampled
 * @param deviceBefore bytes that all processes together had of all GPUs when it started, empty
 *     where no driver tells
 * @param deviceAfter the same when it ended
 * @param devicePeak the largest of them that was sampled
 * @param samples how often this process was looked at
 */
public record MemoryFigures(
    ProcessMemory before,
    ProcessMemory after,
    ProcessMemory peak,
    OptionalLong deviceBefore,
    OptionalLong deviceAfter,
    OptionalLong devicePeak,
    int samples) {

  static OptionalLong peakResident(
      ProcessMemory before, ProcessMemory after, OptionalLong sampled) {
    OptionalLong ever = after.peakResident();
    boolean grew =
        ever.isPresent()
            && before.peakResident().isPresent()
            && ever.getAsLong() > before.peakResident().getAsLong();
    return grew ? ever : sampled;
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return "resident "
        + megabytes(before.resident())
        + " before, "
        + megabytes(peak.resident())
        + " at most, "
        + megabytes(after.resident())
        + " after"
        + String.format(
            Locale.ROOT,
            "; heap %.0f MB, direct buffers %.0f MB at most",
            peak.heapUsed() / 1e6,
            peak.direct() / 1e6)
        + (devicePeak.isPresent() ? "; GPUs " + megabytes(devicePeak) + " at most" : "");
  }

  private static String megabytes(OptionalLong bytes) {
    return bytes.isPresent() ? Numbers.bytes(bytes.getAsLong()) : "unknown";
  }
}
