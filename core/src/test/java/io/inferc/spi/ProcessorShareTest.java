package io.inferc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorShareTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  private static ProcessorShare of(int available, int bound, int cores) {
    return new ProcessorShare(available, OptionalInt.of(bound), OptionalInt.of(cores));
  }

  @Test
  void aProcessThatMayUseSomeProcessorsTakesAsManyThreads() {
    assertEquals(OptionalInt.of(2), of(2, 2, 16).threads());
    assertEquals(NONE, of(16, 16, 16).threads());
    // Two processors a core, of which a runtime takes one: no more of them than it would make.
    assertEquals(NONE, of(48, 64, 32).threads());
    assertEquals(NONE, new ProcessorShare(2, OptionalInt.of(2), NONE).threads());
  }

  @Test
  void whatAProcessIsBoundToIsNoQuota() {
    assertEquals(NONE, of(2, 2, 16).threadsOfQuota());
    assertEquals(OptionalInt.of(2), of(2, 16, 16).threadsOfQuota());
    assertEquals(OptionalInt.of(2), of(2, 8, 16).threadsOfQuota());
    assertEquals(NONE, of(16, 16, 16).threadsOfQuota());
    assertEquals(NONE, new ProcessorShare(2, NONE, OptionalInt.of(16)).threadsOfQuota());
  }

  @Test
  void listsOfTheKernelAreCounted() {
    assertEquals(OptionalInt.of(1), ProcessorShare.count("0\n"));
    assertEquals(OptionalInt.of(16), ProcessorShare.count("0-15\n"));
    assertEquals(OptionalInt.of(6), ProcessorShare.count("0-3,8,10"));
    for (String wrong : List.of("", "\n", "a", "3-1", "0-", "0-1-2", "-1", "0,,1")) {
      assertEquals(NONE, ProcessorShare.count(wrong), wrong);
    }
  }

  @Test
  void filesOfTheKernelAreRead(@TempDir Path folder) throws IOException {
    Path status = folder.resolve("status");
    Files.writeString(status, "Name:\tjava\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,5\n");
    assertEquals(OptionalInt.of(4), ProcessorShare.bound(status));
    assertEquals(NONE, ProcessorShare.bound(folder.resolve("absent")));
    String[] siblings = {"0,4", "1,5", "1,5", "0,4"};
    for (int cpu = 0; cpu < siblings.length; cpu++) {
      Path topology = Files.createDirectories(folder.resolve("cpu" + cpu).resolve("topology"));
      Files.writeString(topology.resolve("thread_siblings_list"), siblings[cpu] + "\n");
    }
    Files.createDirectories(folder.resolve("cpu9"));
    Files.createDirectories(folder.resolve("cpufreq"));
    assertEquals(OptionalInt.of(2), ProcessorShare.cores(folder));
    assertEquals(NONE, ProcessorShare.cores(folder.resolve("cpufreq")));
    assertEquals(NONE, ProcessorShare.cores(folder.resolve("absent")));
  }

  @Test
  void whatIsHereIsSaid() {
    ProcessorShare here = ProcessorShare.here();
    assertEquals(Runtime.getRuntime().availableProcessors(), here.available());
    assertTrue(here.cores().isEmpty() || here.cores().getAsInt() >= 1, here::toString);
    assertEquals("2 processors on 16 cores", of(2, 2, 16).toString());
    assertEquals("16 processors", of(16, 16, 16).toString());
    assertEquals("1 processor", new ProcessorShare(1, NONE, NONE).toString());
  }
}
