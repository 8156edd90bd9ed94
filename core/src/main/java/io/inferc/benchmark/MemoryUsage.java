package io.inferc.benchmark;

import io.inferc.benchmark.platform.ProcessMemory;
import java.util.OptionalLong;

/**
 * The memory of the whole process, both models and the JVM included: a runtime does not say what is
 * one model's.
 *
 * @param residentBefore resident bytes before the warm-up, empty where the system does not tell
 * @param residentAfter resident bytes after the last round
 * @param peakResident the largest number of resident bytes the process ever had
 */
public record MemoryUsage(
    OptionalLong residentBefore, OptionalLong residentAfter, OptionalLong peakResident) {

  static MemoryUsage between(ProcessMemory before, ProcessMemory after) {
    return new MemoryUsage(before.resident(), after.resident(), after.peakResident());
  }
}
