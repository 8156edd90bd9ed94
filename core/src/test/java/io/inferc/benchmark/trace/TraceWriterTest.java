package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceWriterTest {
  private static final List<TensorSpec> INPUTS = List.of(TensorSpec.of("x", DataType.INT64, "n"));
  private static final TraceOptions OPTIONS =
      TraceOptions.defaults().queue(1 << 17).flushEvery(Duration.ofHours(1));
  private static final long CLOSE_MILLIS = 120_000;

  @TempDir private Path folder;

  private static Recording recording(TraceOptions options) {
    return new Recording(INPUTS, options, 1 << 20, 1 << 20);
  }

  private TraceWriter writer(Recording recording, TraceOptions options) throws IOException {
    TraceHeader header = new TraceHeader(UUID.randomUUID(), 1, 0, ByteOrder.nativeOrder(), INPUTS);
    return new TraceWriter(TraceFolder.lock(folder, 1), recording, options, header, 0);
  }

  private static ShapeSet shape(long size) {
    return new ShapeSet(new long[][] {{size}}, 0);
  }

  @Test
  void whatAnErrorMeetsIsCounted() throws Exception {
    Tensor[] request = {Tensor.of(new long[3], 3)};
    long bytes = Payload.byteSize(INPUTS, request);
    TraceOptions options = OPTIONS.payloads(PayloadSampling.every(1)).payloadQueue(bytes);
    Recording recording = recording(options);
    TraceWriter writer = writer(recording, options);
    ShapeSet good = shape(3);
    // Nobody makes shapes like that; writing them fails by a NullPointerException.
    ShapeSet bad = shape(3);
    bad.sizes[0] = null;
    for (int i = 0; i < 10; i++) {
      recording.add(i, 1, good, false, null);
    }
    Payload payload = recording.payload(request);
    assertNotNull(payload);
    assertNull(recording.payload(request), "there is room for one");
    recording.add(10, 1, bad, false, payload);
    for (int i = 0; i < 5; i++) {
      recording.add(11 + i, 1, good, false, null);
    }
    writer.start();
    assertTrue(writer.close(CLOSE_MILLIS));
    assertTrue(writer.problem().orElseThrow().contains("NullPointerException"));
    assertEquals(0, writer.flushed());
    assertEquals(16, recording.status(0, writer.problem()).dropped());

    Payload late = recording.payload(request);
    assertNotNull(late, "the room of the first is free again");
    recording.add(20, 1, good, false, late);
    assertEquals(17, recording.status(0, writer.problem()).dropped());
    assertNotNull(recording.payload(request));
  }

  @Test
  void whatWasGatheredWhenTheDiskFailsIsCounted() throws Exception {
    Recording recording = recording(OPTIONS);
    TraceWriter writer = writer(recording, OPTIONS);
    for (int i = 0; i < 100; i++) {
      recording.add(i, 1, shape(3), false, null);
    }
    writer.start();
    // Its file is closed as it writes.
    thread().interrupt();
    assertTrue(writer.close(CLOSE_MILLIS));
    assertTrue(writer.problem().isPresent());
    assertEquals(0, writer.flushed());
    assertEquals(100, recording.status(0, writer.problem()).dropped());
  }

  private Thread thread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("inferc-trace-" + folder.getFileName()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aFileEndsBeforeItsShapesAreTooManyToRead() throws Exception {
    int count = TraceFile.MOST_COMBINATIONS + 5000;
    Recording recording = recording(OPTIONS);
    TraceWriter writer = writer(recording, OPTIONS);
    for (int i = 0; i < count; i++) {
      recording.add(i, 1, shape(i), false, null);
    }
    writer.start();
    assertTrue(writer.close(CLOSE_MILLIS));
    assertEquals(count, writer.flushed());
    List<Path> files = TraceFolder.files(folder);
    assertEquals(2, files.size());
    assertEquals(TraceFile.MOST_COMBINATIONS, Trace.read(files.get(0)).shapes(true).size());
    Trace all = Trace.read(folder);
    assertEquals(count, all.shapes(true).size());
    assertEquals(List.of(), all.notes());
  }
}
