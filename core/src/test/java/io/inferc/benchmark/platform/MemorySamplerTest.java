package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemorySamplerTest {
  private static final int SIZE = 32 << 20;
  private static final String STATUS =
      "Name:\tjava\nVmPeak:\t 3060 kB\nVmHWM:\t    1780 kB\nVmRSS:\t    1668 kB\nThreads:\t1\n";

  @Test
  void residentMemoryIsReadInBytes() {
    ProcessMemory memory = ProcessMemory.of(STATUS);
    assertEquals(OptionalLong.of(1668 * 1024), memory.resident());
    assertEquals(OptionalLong.of(1780 * 1024), memory.peakResident());
    assertTrue(memory.heapUsed() > 0 && memory.heapCommitted() >= memory.heapUsed());
  }

  @Test
  void aSystemThatDoesNotTellHasNoResidentMemory() {
    assertEquals(OptionalLong.empty(), ProcessMemory.of("").resident());
    assertEquals(OptionalLong.empty(), ProcessMemory.of("VmRSS:\tmany kB").resident());
  }

  @Test
  void aBufferThatIsHeldAllTheTimeIsInAllFigures() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    try (MemorySampler sampler = MemorySampler.start(Duration.ofMillis(1))) {
      MemoryFigures figures = sampler.stop();
      assertTrue(figures.before().direct() >= SIZE, figures.toString());
      assertTrue(figures.after().direct() >= SIZE, figures.toString());
      assertTrue(figures.peak().direct() >= SIZE, figures.toString());
      assertTrue(figures.samples() >= 2);
      assertFalse(figures.toString().isEmpty());
    }
    assertEquals(SIZE, buffer.capacity());
  }

  @Test
  void thePeakIsExactWhereTheProcessGrewBeyondWhatItEverHad() {
    ProcessMemory before = memory(100, 150);
    assertEquals(
        OptionalLong.of(400),
        MemoryFigures.peakResident(before, memory(120, 400), OptionalLong.of(390)));
    assertEquals(
        OptionalLong.of(130),
        MemoryFigures.peakResident(before, memory(120, 150), OptionalLong.of(130)));
  }

  @Test
  void anIntervalTooShortToSampleIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> MemorySampler.start(Duration.ofNanos(1000)));
  }

  private static ProcessMemory memory(long resident, long ever) {
    return new ProcessMemory(OptionalLong.of(resident), OptionalLong.of(ever), 0, 0, 0, 0);
  }
}
