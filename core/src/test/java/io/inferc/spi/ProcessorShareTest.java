package io.inferc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProcessorShareTest {
  @Test
  void aProcessThatMayUseSomeProcessorsTakesAsManyThreads() {
    assertEquals(OptionalInt.of(2), new ProcessorShare(2, OptionalInt.of(16)).threads());
    assertEquals(OptionalInt.empty(), new ProcessorShare(16, OptionalInt.of(16)).threads());
    assertEquals(OptionalInt.empty(), new ProcessorShare(2, OptionalInt.empty()).threads());
    // Where processors went offline after the process began.
    assertEquals(OptionalInt.empty(), new ProcessorShare(4, OptionalInt.of(2)).threads());
  }

  @Test
  void listsOfTheKernelAreCounted() {
    assertEquals(OptionalInt.of(1), ProcessorShare.count("0\n"));
    assertEquals(OptionalInt.of(16), ProcessorShare.count("0-15\n"));
    assertEquals(OptionalInt.of(6), ProcessorShare.count("0-3,8,10"));
    for (String wrong : List.of("", "\n", "a", "3-1", "0-", "0-1-2", "-1", "0,,1")) {
      assertEquals(OptionalInt.empty(), ProcessorShare.count(wrong), wrong);
    }
  }

  @Test
  void whatIsHereIsSaid() {
    ProcessorShare here = ProcessorShare.here();
    assertEquals(Runtime.getRuntime().availableProcessors(), here.available());
    assertTrue(here.online().isEmpty() || here.online().getAsInt() >= 1, here::toString);
    assertEquals("2 of 16 processors", new ProcessorShare(2, OptionalInt.of(16)).toString());
    assertEquals("16 processors", new ProcessorShare(16, OptionalInt.of(16)).toString());
    assertEquals("1 of 2 processors", new ProcessorShare(1, OptionalInt.of(2)).toString());
    assertEquals("1 processor", new ProcessorShare(1, OptionalInt.empty()).toString());
  }
}
