package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.common.InfercException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
  @TempDir Path folder;

  /** A run with a row of each kind. */
  private static LoadRun run(Load load) {
    LoadSamples.Builder rows = new LoadSamples.Builder(List.of("1x16", "größer"), 1);
    rows.answered(0, -5, 7, 3_000_000, 0, 0, null);
    rows.answered(10, 3_000_000, 3_000_001, 4_000_000, 2, 1, null);
    rows.answered(10, 0, 12, 900, 0, 1, StreamTimes.of(new long[] {11, 500, 500, 899}, 17));
    rows.unanswered(4_000, 4_100, 4_200);
    rows.unsent(1_000_000_000);
    return new LoadRun(
        "subject",
        new LoadSettings(
            load,
            Duration.ZERO,
            true,
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            4,
            -6,
            0.25,
            Optional.of(Duration.ofMillis(20))),
        Instant.parse("2026-11-30T12:00:00.123Z"),
        new Observed(
            2_000_000_000L, 5_000_000_000L, OptionalDouble.of(0.5), OptionalDouble.empty(), 0),
        rows.build(),
        List.of(new Failure(Outcome.TIMEOUT, "no answer within 1 s", 1)));
  }

  private static void assertSame(LoadRun expected, LoadRun actual) {
    assertEquals(expected.subject(), actual.subject());
    assertEquals(expected.settings(), actual.settings());
    assertEquals(expected.startedAt(), actual.startedAt());
    assertEquals(expected.observed(), actual.observed());
    assertEquals(expected.failures(), actual.failures());
    assertEquals(expected.outcomes(), actual.outcomes());
    LoadSamples a = expected.samples();
    LoadSamples b = actual.samples();
    assertEquals(a.kinds(), b.kinds());
    assertEquals(a.size(), b.size());
    for (int i = 0; i < a.size(); i++) {
      assertEquals(a.intended(i), b.intended(i));
      assertEquals(a.outcome(i), b.outcome(i));
      assertEquals(a.isSent(i), b.isSent(i));
      assertEquals(a.stream(i), b.stream(i));
      if (a.isSent(i)) {
        assertEquals(a.start(i), b.start(i));
        assertEquals(a.queueing(i), b.queueing(i));
        assertEquals(a.lag(i), b.lag(i));
      }
      if (a.isAnswered(i)) {
        assertEquals(a.latency(i), b.latency(i));
        assertEquals(a.kind(i), b.kind(i));
      }
    }
  }

  @Test
  void whatIsWrittenIsRead() {
    Path file = folder.resolve("run");
    for (Load load :
        List.of(
            Load.poisson(200),
            Load.closed(3),
            Load.daily(3, 2, Duration.ofSeconds(9)),
            Load.replay(new long[] {3, 10, 10, 5_000}, 0.5))) {
      LoadRun run = run(load);
      run.write(file);
      assertSame(run, LoadRun.read(file));
    }
    assertEquals(1, folder.toFile().list().length, "a draft was left");
  }

  @Test
  void aRealRunIsKeptInFewBytes() throws IOException {
    LoadRun run =
        LoadTest.builder(Load.closed(1))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(200))
            .build()
            .run(Subject.of("nothing", request -> {}), FakeSubject.numbered());
    Path file = folder.resolve("run");
    run.write(file);
    LoadRun read = LoadRun.read(file);
    assertSame(run, read);
    assertEquals(run.latency().percentiles(), read.latency().percentiles());
    assertTrue(Files.size(file) < 1000 + 12L * run.samples().size());
  }

  @Test
  void whatIsNoSuchFileIsRefused() throws IOException {
    Path file = folder.resolve("run");
    assertTrue(message(file).contains("NoSuchFile") || message(file).contains("run"));
    Files.writeString(file, "text");
    assertTrue(message(file).contains("GZIP"), message(file));
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(new byte[] {3, 'a', 'b', 'c'});
    }
    assertTrue(message(file).contains("another version"), message(file));
    assertTrue(message(folder).contains("it is a folder"));
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> run(Load.closed(1)).write(folder.resolve("none").resolve("run")));
    assertTrue(e.getMessage().contains("nothing was changed"));
  }

  private static String message(Path file) {
    return assertThrows(InfercException.class, () -> LoadRun.read(file)).getMessage();
  }

  @Test
  void damagedFilesEndInAnExceptionOfOurs() throws IOException {
    Path file = folder.resolve("run");
    run(Load.replay(new long[] {3, 10, 10, 5_000}, 0.5)).write(file);
    byte[] whole;
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      whole = in.readAllBytes();
    }
    for (int cut = 0; cut < whole.length; cut++) {
      Files.write(file, zipped(Arrays.copyOf(whole, cut)));
      assertTrue(message(file).contains("it ends too early"), message(file));
    }
    Random random = new Random(3);
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      Files.write(file, zipped(damaged));
      try {
        LoadRun.read(file);
      } catch (InfercException e) {
        assertTrue(e.problem().startsWith("Tried to read the samples of a load"), e::toString);
      }
    }
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      new ByteArrayInputStream(bytes).transferTo(zip);
    }
    return out.toByteArray();
  }
}
