package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.OutputValues;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.FunctionModel;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceRecorderTest {
  @TempDir private Path folder;

  private static final TraceOptions OPTIONS = TraceOptions.defaults();

  private List<Path> files() throws Exception {
    return TraceFolder.files(folder);
  }

  @Test
  void requestsComeBackInTheirOrderWithTimesAndShapes() {
    Instant before = Instant.now();
    long start = System.nanoTime();
    RecordedModels.record(folder, OPTIONS, 100);
    long took = System.nanoTime() - start;
    Trace trace = Trace.read(folder);
    assertEquals(RecordedModels.model().inputs(), trace.inputs());
    assertEquals(100, trace.events().size());
    assertEquals(List.of(), trace.notes());
    assertEquals(0, trace.failed() + trace.dropped() + trace.droppedPayloads() + trace.unshaped());
    long end = 0;
    for (int i = 0; i < 100; i++) {
      TraceEvent event = trace.events().get(i);
      assertArrayEquals(new long[] {1, 1 + i % 5}, event.shapes().of("ids"));
      assertArrayEquals(new long[] {2}, event.shapes().of("scale"));
      assertTrue(event.offsetNanos() >= end, "one session runs one request after the other");
      end = event.offsetNanos() + event.durationNanos();
      assertFalse(event.failed() || event.hasPayload());
      assertEquals(event.offsetNanos(), trace.arrivals()[i]);
    }
    assertTrue(end <= took);
    assertEquals(0, trace.arrivals()[0]);
    assertFalse(trace.start().orElseThrow().isBefore(before.minusMillis(1)));
    assertEquals(5, trace.shapes(true).size());
    assertEquals(20, trace.shapes(true).values().iterator().next());
    assertEquals("ids 1x3, scale 2", trace.events().get(2).shapes().toString());
  }

  @Test
  void allFormsOfRunsAreRecorded() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS)) {
      CompiledModel recorded = recorder.record(model);
      Map<String, Tensor> request =
          Map.of("ids", Tensor.of(new long[6], 2, 3), "scale", Tensor.of(new float[2], 2));
      try (InferenceSession session = recorded.newSession();
          InferenceSession alone = recorder.record(model.newSession())) {
        session.run(request).close();
        try (OutputValues values = session.runValues(request)) {
          assertEquals(1, values.size());
        }
        alone.bindInput("ids", request.get("ids"));
        alone.bindInput("scale", request.get("scale"));
        alone.run();
        assertEquals(6, alone.output("y").floats().get(0));
      }
      recorded.run(request).close();
      recorded.runAsync(request).join().close();
      assertEquals(5, model.runs());
    }
    Trace trace = Trace.read(folder);
    assertEquals(Map.of("ids 2x3, scale 2", 5L), texts(trace.shapes(false)));
  }

  private static Map<String, Long> texts(Map<RequestShapes, Long> shapes) {
    Map<String, Long> texts = new HashMap<>();
    shapes.forEach((shape, count) -> texts.put(shape.toString(), count));
    return texts;
  }

  @Test
  void inputsThatWereNeverTouchedAreAskedFor() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS);
        InferenceSession session = recorder.record(model.newSession())) {
      session.input("ids", 1, 4);
      session.run();
    }
    assertEquals(Map.of("ids 1x4, scale 2", 1L), texts(Trace.read(folder).shapes(true)));
  }

  @Test
  void runsThatFailAreRecordedAndThrowWhatTheyThrew() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS);
        InferenceSession session = recorder.record(model.newSession())) {
      CompiledModel recorded = recorder.record(model);
      RecordedModels.run(session, 0, 1, 1);
      assertThrows(
          InfercException.class, () -> RecordedModels.run(session, RecordedModels.BAD, 1, 2));
      Map<String, Tensor> bad =
          Map.of(
              "ids",
              Tensor.of(new long[] {RecordedModels.BAD, 0, 0}, 1, 3),
              "scale",
              Tensor.of(new float[2], 2));
      assertThrows(InfercException.class, () -> recorded.run(bad));
      assertThrows(InfercException.class, () -> recorded.runAsync(bad));
      assertThrows(
          IllegalArgumentException.class, () -> recorded.run(Map.of("ids", bad.get("ids"))));
    }
    Trace trace = Trace.read(folder);
    assertEquals(
        List.of(false, true, true, true), trace.events().stream().map(TraceEvent::failed).toList());
    assertEquals(3, trace.failed());
    assertEquals(1, trace.unshaped(), "the request without an input has no shape for it");
    assertEquals(Map.of("ids 1x1, scale 2", 1L), texts(trace.shapes(false)));
  }

  @Test
  void aFutureIsTheModelsOwnAndCountsToItsEnd() {
    CompletableFuture<Outputs> future = new CompletableFuture<>();
    try (FunctionModel model = RecordedModels.model()) {
      Recording recording = new Recording(model.inputs(), OPTIONS, 1 << 20, 1 << 20);
      CompiledModel slow = new LateModel(model, future);
      Map<String, Tensor> request =
          Map.of("ids", Tensor.of(new long[1], 1, 1), "scale", Tensor.of(new float[2], 2));
      assertSame(future, new RecordedModel(slow, recording).runAsync(request));
      List<Boolean> failures = new ArrayList<>();
      EventQueue.Taker taker = (start, duration, shapes, failed, payload) -> failures.add(failed);
      assertEquals(0, recording.drain(10, taker));
      future.completeExceptionally(new IllegalStateException("late"));
      assertEquals(1, recording.drain(10, taker));
      assertEquals(List.of(true), failures);
    }
  }

  @Test
  void contentsComeBackAsTheyWere() {
    RecordedModels.record(folder, OPTIONS.payloads(PayloadSampling.every(3)), 20);
    Trace trace = Trace.read(folder);
    assertEquals(7, trace.samples().size().orElseThrow());
    List<Long> seen = new ArrayList<>();
    for (int visit = 0; visit < 2; visit++) {
      seen.clear();
      trace
          .samples()
          .forEach(
              (index, sample) -> {
                Tensor ids = sample.get("ids");
                long first = index * 3;
                assertArrayEquals(new long[] {1, 1 + first % 5}, ids.shape());
                for (int i = 0; i < ids.elementCount(); i++) {
                  assertEquals(first + i, ids.longs().get(i));
                }
                assertArrayEquals(new float[] {first, 0.5f}, sample.get("scale").toFloatArray());
                seen.add(first);
                return index < 4;
              });
      assertEquals(List.of(0L, 3L, 6L, 9L, 12L), seen);
    }
  }

  @Test
  void textsComeBackAsTheyWere() {
    List<String> words = List.of("", "naïve", "日本", "a\u0000b");
    try (FunctionModel model =
            FunctionModel.named("words")
                .input("words", DataType.STRING, "n")
                .input("flags", DataType.BOOL, "")
                .output("y", DataType.FLOAT32, "1")
                .computing(inputs -> Map.of("y", Tensor.of(new float[1], 1)));
        TraceRecorder recorder =
            TraceRecorder.open(model, folder, OPTIONS.payloads(PayloadSampling.every(1)))) {
      recorder
          .record(model)
          .run(
              Map.of("words", Tensor.ofStrings(words, 4), "flags", Tensor.of(new boolean[] {true})))
          .close();
    }
    List<String> found = new ArrayList<>();
    Trace.read(folder)
        .samples()
        .forEach(
            (index, sample) -> {
              assertEquals(1, sample.get("flags").bytes().get(0));
              return found.addAll(sample.get("words").strings());
            });
    assertEquals(words, found);
  }

  @Test
  void contentsOfFailedRequestsAreNoSamples() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder =
            TraceRecorder.open(model, folder, OPTIONS.payloads(PayloadSampling.every(1)));
        InferenceSession session = recorder.record(model.newSession())) {
      RecordedModels.run(session, 7, 1, 2);
      assertThrows(
          InfercException.class, () -> RecordedModels.run(session, RecordedModels.BAD, 1, 2));
    }
    Trace trace = Trace.read(folder);
    assertTrue(trace.events().get(1).hasPayload());
    assertEquals(1, trace.samples().size().orElseThrow());
  }

  @Test
  void aShareOfRequestsIsDrawnByTheSeed() {
    List<Boolean> one = new ArrayList<>();
    List<Boolean> other = new ArrayList<>();
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      one.add(PayloadSampling.share(0.1, 7).takes(i));
      other.add(PayloadSampling.share(0.1, 8).takes(i));
      taken += one.get(i) ? 1 : 0;
    }
    // Six standard deviations of a binomial draw.
    assertEquals(1000, taken, 6 * Math.sqrt(10_000 * 0.1 * 0.9));
    assertFalse(one.equals(other));
    assertTrue(PayloadSampling.share(1, 3).takes(5));
    assertFalse(PayloadSampling.share(0, 3).takes(5));
  }

  @Test
  void contentsThatFindNoRoomAreLeftOutAndCounted() {
    TraceOptions tight = OPTIONS.payloads(PayloadSampling.every(1)).payloadQueue(10);
    RecordedModels.record(folder, tight, 20);
    Trace trace = Trace.read(folder);
    assertEquals(20, trace.events().size());
    assertEquals(20, trace.droppedPayloads());
    assertEquals(0, trace.samples().size().orElseThrow());
  }

  @Test
  void contentsTooLargeForAFileAreLeftOutAndCounted() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder =
            TraceRecorder.open(
                model, folder, OPTIONS.rotating(8192, 4).payloads(PayloadSampling.every(1)));
        InferenceSession session = recorder.record(model.newSession())) {
      RecordedModels.run(session, 0, 1, 1000);
      RecordedModels.run(session, 0, 1, 10);
    }
    Trace trace = Trace.read(folder);
    assertEquals(2, trace.events().size());
    assertEquals(1, trace.droppedPayloads());
    assertTrue(trace.events().get(1).hasPayload());
  }

  @Test
  void filesRotateWithinTheirBounds() throws Exception {
    TraceOptions small =
        OPTIONS
            .rotating(4096, 3)
            .payloads(PayloadSampling.every(7))
            .flushEvery(Duration.ofMillis(1));
    for (int turn = 0; turn < 3; turn++) {
      try (FunctionModel model = RecordedModels.model();
          TraceRecorder recorder = TraceRecorder.open(model, folder, small);
          InferenceSession session = recorder.record(model.newSession())) {
        for (int i = 0; i < 2000; i++) {
          RecordedModels.run(session, i, 1, 1 + i % 40);
          if (i % 50 == 0) {
            // One more than the bound: a listing may see the newest and one deleted before it.
            long bytes = bytes();
            assertTrue(bytes <= 4 * 4096, bytes + " bytes");
          }
        }
      }
      assertTrue(files().size() <= 3);
      assertTrue(bytes() <= 3 * 4096, bytes() + " bytes");
    }
    Trace trace = Trace.read(folder);
    int events = 0;
    for (Path file : files()) {
      assertTrue(Files.size(file) <= 4096);
      // Each is complete by itself.
      events += Trace.read(file).events().size();
    }
    assertEquals(trace.events().size(), events);
    assertTrue(events > 100, events + " requests");
    assertTrue(trace.notes().get(0).contains("made room for newer ones"), trace.notes().toString());
    assertEquals(1, trace.notes().size());
    assertArrayEquals(
        new long[] {1, 1 + 1999 % 40},
        trace.events().get(trace.events().size() - 1).shapes().of("ids"));
  }

  private long bytes() throws Exception {
    long bytes = 0;
    for (Path file : files()) {
      try {
        bytes += Files.size(file);
      } catch (NoSuchFileException e) {
        // The writer made room meanwhile.
      }
    }
    return bytes;
  }

  @Test
  void whatFindsNoPlaceInTheQueueIsDroppedAndCounted() {
    int count = 20_000;
    RecordedModels.record(folder, OPTIONS.queue(2), count);
    Trace trace = Trace.read(folder);
    assertTrue(trace.dropped() > 0, "the writer looks every 5 ms, and the queue holds 2");
    assertEquals(count, trace.events().size() + trace.dropped());
  }

  @Test
  void severalThreadsWithASessionEachLoseNothing() throws Exception {
    int threads = 4;
    int count = 3000;
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder =
            TraceRecorder.open(model, folder, OPTIONS.queue(1 << 14).rotating(1 << 16, 20))) {
      List<Thread> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int batch = t + 1;
        Thread thread =
            new Thread(
                () -> {
                  try (InferenceSession session = recorder.record(model.newSession())) {
                    for (int i = 0; i < count; i++) {
                      RecordedModels.run(session, i, batch, 1 + i % 100);
                    }
                  }
                });
        thread.start();
        all.add(thread);
      }
      for (Thread thread : all) {
        thread.join();
      }
    }
    Trace trace = Trace.read(folder);
    assertEquals(0, trace.dropped(), "the queue has room for all");
    assertEquals(threads * count, trace.events().size());
    Map<RequestShapes, Long> shapes = trace.shapes(true);
    assertEquals(threads * 100, shapes.size());
    assertTrue(shapes.values().stream().allMatch(n -> n == count / 100));
    long last = 0;
    for (long arrival : trace.arrivals()) {
      assertTrue(arrival >= last);
      last = arrival;
    }
  }

  @Test
  void afterCloseSessionsGoOnUnrecorded() {
    try (FunctionModel model = RecordedModels.model()) {
      TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS);
      CompiledModel recorded = recorder.record(model);
      try (InferenceSession session = recorded.newSession()) {
        RecordedModels.run(session, 0, 1, 1);
        recorder.close();
        recorder.close();
        RecordedModels.run(session, 0, 1, 1);
        Map<String, Tensor> request =
            Map.of("ids", Tensor.of(new long[1], 1, 1), "scale", Tensor.of(new float[2], 2));
        session.run(request).close();
        session.runValues(request).close();
        recorded.run(request).close();
        recorded.runAsync(request).join().close();
      }
      assertEquals(new RecorderStatus(1, 0, 0, 0, Optional.empty()), recorder.status());
      assertEquals(6, model.runs());
    }
    assertEquals(1, Trace.read(folder).events().size());
  }

  @Test
  void runsThatEndAfterCloseCountAsDropped() {
    CompletableFuture<Outputs> future = new CompletableFuture<>();
    try (FunctionModel model = RecordedModels.model()) {
      TraceRecorder recorder =
          TraceRecorder.open(model, folder, OPTIONS.payloads(PayloadSampling.every(1)));
      Map<String, Tensor> request =
          Map.of("ids", Tensor.of(new long[1], 1, 1), "scale", Tensor.of(new float[2], 2));
      assertSame(future, recorder.record(new LateModel(model, future)).runAsync(request));
      recorder.close();
      assertEquals(new RecorderStatus(0, 0, 0, 0, Optional.empty()), recorder.status());
      future.complete(Outputs.of(Map.of()));
      assertEquals(new RecorderStatus(0, 1, 0, 0, Optional.empty()), recorder.status());
    }
  }

  /** Says what comes of another process's recorder. */
  static final class Other {
    private Other() {}

    /** Takes the folder to record into. */
    public static void main(String[] arguments) {
      try {
        TraceRecorder.open(RecordedModels.model(), Path.of(arguments[0]), OPTIONS).close();
        System.out.println("opened");
      } catch (InfercException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void oneFolderHasOneRecorderAtATime() throws Exception {
    try (FunctionModel model = RecordedModels.model()) {
      try (TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS)) {
        assertEquals(0, recorder.status().written());
        InfercException e =
            assertThrows(InfercException.class, () -> TraceRecorder.open(model, folder, OPTIONS));
        assertTrue(e.getMessage().contains("another recorder"), e.getMessage());
        // What was refused must not have let others in.
        String other = ChildJvm.run(List.of(), Other.class, folder.toString()).output();
        assertTrue(other.contains("another recorder"), other);
      }
      TraceRecorder.open(model, folder, OPTIONS).close();
    }
    assertEquals(0, Trace.read(folder).events().size());
    assertEquals(List.of(), Trace.read(folder).notes());
  }

  @Test
  void aDiskThatFailsEndsRecordingAndNoRequest() throws Exception {
    // A folder where the next file would go makes opening it fail, for root, too.
    try (FunctionModel model = RecordedModels.model()) {
      TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS.rotating(4096, 8));
      String first = files().get(0).getFileName().toString();
      Files.createDirectory(folder.resolve(first.replace("-000001", "-000002")));
      long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      long runs = 0;
      try (recorder;
          InferenceSession session = recorder.record(model.newSession())) {
        while (recorder.status().problem().isEmpty() && System.nanoTime() < end) {
          RecordedModels.run(session, 0, 1, 1);
          runs++;
        }
        assertTrue(recorder.status().problem().orElseThrow().contains("000002"));
        RecordedModels.run(session, 0, 1, 1);
        assertEquals(runs + 1, model.runs());
      }
      RecorderStatus status = recorder.status();
      // Recording ended before the last two runs began, or before one, or after both.
      long counted = status.written() + status.dropped();
      assertTrue(counted >= runs - 1 && counted <= runs + 1, runs + " runs, " + status);
      int written = Trace.read(files().get(0)).events().size();
      assertTrue(written > 50, written + " requests");
      assertEquals(written, status.written());
    }
  }

  @Test
  void theLongestOfIntervalsIsOne() {
    RecordedModels.record(folder, OPTIONS.flushEvery(ChronoUnit.FOREVER.getDuration()), 100);
    assertEquals(100, Trace.read(folder).events().size());
  }

  @Test
  void aFolderThatIsNoneIsRefusedAtOnce() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    try (FunctionModel model = RecordedModels.model()) {
      assertThrows(InfercException.class, () -> TraceRecorder.open(model, file, OPTIONS));
    }
  }

  @Test
  void filesAreForTheirOwnerAlone() throws Exception {
    RecordedModels.record(folder, OPTIONS, 1);
    Path file = files().get(0);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void whatIsFlushedCanBeReadWhileRecordingGoesOn() {
    try (FunctionModel model = RecordedModels.model();
        TraceRecorder recorder =
            TraceRecorder.open(model, folder, OPTIONS.flushEvery(Duration.ofMillis(5)));
        InferenceSession session = recorder.record(model.newSession())) {
      RecordedModels.run(session, 0, 1, 1);
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (recorder.status().written() < 1 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      Trace trace = Trace.read(folder);
      assertEquals(1, trace.events().size());
      assertTrue(trace.notes().get(0).contains("has no end"), trace.notes().toString());
    }
  }

  @Test
  void anotherModelIsRefused() {
    try (FunctionModel model = RecordedModels.model();
        FunctionModel other =
            FunctionModel.named("other")
                .input("x", DataType.FLOAT32, "1")
                .output("y", DataType.FLOAT32, "1")
                .computing(inputs -> Map.of());
        TraceRecorder recorder = TraceRecorder.open(model, folder, OPTIONS)) {
      assertThrows(IllegalArgumentException.class, () -> recorder.record(other));
      assertThrows(
          IllegalArgumentException.class,
          () -> TraceRecorder.open(manyInputs(), folder.resolve("x"), OPTIONS.rotating(4096, 2)));
    }
  }

  private static List<TensorSpec> manyInputs() {
    return Stream.iterate(0, i -> i + 1)
        .limit(200)
        .map(i -> TensorSpec.of("input" + i, DataType.FLOAT32, 1))
        .toList();
  }

  @Test
  void wrappersLeaveNoMethodToAnInterfacesDefault() throws Exception {
    for (Class<?> wrapper : List.of(RecordedSession.class, RecordedModel.class)) {
      for (Method method : wrapper.getInterfaces()[0].getMethods()) {
        if (!Modifier.isStatic(method.getModifiers())) {
          Method own = wrapper.getMethod(method.getName(), method.getParameterTypes());
          assertEquals(wrapper, own.getDeclaringClass(), method.toString());
        }
      }
    }
  }

  @Test
  void boundsOutsideTheirRangesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.rotating(4095, 1));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.rotating((1L << 30) + 1, 1));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.rotating(4096, 0));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.queue(3));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.queue(1));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.payloadQueue(-1));
    assertThrows(IllegalArgumentException.class, () -> OPTIONS.flushEvery(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> PayloadSampling.every(0));
    assertThrows(IllegalArgumentException.class, () -> PayloadSampling.share(1.5, 0));
    assertThrows(IllegalArgumentException.class, () -> PayloadSampling.share(Double.NaN, 0));
  }
}
