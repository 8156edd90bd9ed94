package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.RequestMix;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.FunctionModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceRequestsTest {
  private static final GeneratedValues VALUES = GeneratedValues.seeded(7).integers("ids", 3, 9);

  @TempDir private Path folder;

  private Trace recorded(PayloadSampling sampling, int count) {
    RecordedModels.record(folder, TraceOptions.defaults().payloads(sampling), count);
    return Trace.read(folder);
  }

  private static Map<String, Tensor> inputs(Requests requests, long index) {
    return ((TensorRequest) requests.get(index)).inputs();
  }

  @Test
  void eachArrivalGetsTheRequestThatCameThen() {
    TraceRequests requests = recorded(PayloadSampling.every(1), 12).requests(VALUES);
    for (int i = 0; i < 24; i++) {
      Tensor ids = inputs(requests, i).get("ids");
      assertArrayEquals(new long[] {1, 1 + i % 12 % 5}, ids.shape());
      assertEquals(i % 12, ids.longs().get(0));
    }
    assertEquals(12, requests.recorded());
    assertEquals(0, requests.generated());
  }

  @Test
  void aRequestWithoutContentsBorrowsThoseOfItsShapes() {
    // The first of each three is recorded; the five lengths all come among the recorded.
    TraceRequests requests = recorded(PayloadSampling.every(3), 30).requests(VALUES);
    assertEquals(10, requests.recorded());
    assertEquals(20, requests.borrowed());
    assertEquals(0, requests.generated());
    for (int i = 0; i < 30; i++) {
      Tensor ids = inputs(requests, i).get("ids");
      assertArrayEquals(new long[] {1, 1 + i % 5}, ids.shape());
      assertEquals(0, ids.longs().get(0) % 3, "a recorded one");
    }
  }

  @Test
  void withoutRecordedContentsValuesAreMadeUpWithinTheirBounds() {
    Trace trace = recorded(PayloadSampling.share(0, 1), 10);
    TraceRequests requests = trace.requests(VALUES.floats("scale", 2, 2.5));
    assertEquals(10, requests.generated());
    for (int i = 0; i < 10; i++) {
      Map<String, Tensor> inputs = inputs(requests, i);
      assertArrayEquals(new long[] {1, 1 + i % 5}, inputs.get("ids").shape());
      for (int j = 0; j < inputs.get("ids").elementCount(); j++) {
        long id = inputs.get("ids").longs().get(j);
        assertTrue(id >= 3 && id <= 9, "id " + id);
      }
      float scale = inputs.get("scale").floats().get(0);
      assertTrue(scale >= 2 && scale < 2.5, "scale " + scale);
    }
    Tensor once = inputs(requests, 4).get("ids");
    Tensor again = inputs(trace.requests(VALUES), 4).get("ids");
    Tensor other =
        inputs(trace.requests(GeneratedValues.seeded(8).integers("ids", 3, 900)), 4).get("ids");
    assertEquals(once.longs(), again.longs());
    assertNotEquals(once.longs(), other.longs());
  }

  @Test
  void integersWithoutBoundsAreRefusedByName() {
    Trace trace = recorded(PayloadSampling.share(0, 1), 3);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> trace.requests(GeneratedValues.seeded(1)));
    assertTrue(e.getMessage().contains("'ids'"), e.getMessage());
    assertTrue(e.getMessage().contains("integers(\"ids\""), e.getMessage());
  }

  @Test
  void moreMemoryThanAllowedIsRefused() {
    Trace trace = recorded(PayloadSampling.every(1), 3);
    // Ids of 1, 2 and 3 elements, and two floats each, and the frames of three blocks in the file.
    long bytes = 6 * 8 + 3 * 2 * 4 + 3 * (21 + 2 * 4);
    assertEquals(3, trace.requests(VALUES.limitedTo(bytes)).recorded());
    InfercException e =
        assertThrows(InfercException.class, () -> trace.requests(VALUES.limitedTo(bytes - 1)));
    assertTrue(e.getMessage().contains("take " + bytes), e.getMessage());
  }

  @Test
  void moreTextThanAllowedIsRefused() {
    try (FunctionModel model =
            FunctionModel.named("words")
                .input("words", DataType.STRING, "n")
                .output("y", DataType.FLOAT32, "1")
                .computing(inputs -> Map.of("y", Tensor.of(new float[1], 1)));
        TraceRecorder recorder =
            TraceRecorder.open(
                model, folder, TraceOptions.defaults().payloads(PayloadSampling.every(1)))) {
      List<String> words = List.of("a".repeat(1000), "");
      recorder.record(model).run(Map.of("words", Tensor.ofStrings(words, 2))).close();
    }
    Trace trace = Trace.read(folder);
    long bytes = 21 + 4 + (4 + 1000) + 4 + 2 * 48;
    assertEquals(1, trace.requests(VALUES.limitedTo(bytes)).recorded());
    assertThrows(InfercException.class, () -> trace.requests(VALUES.limitedTo(bytes - 1)));
  }

  @Test
  void anEmptyTraceHasNothingToReplay() {
    Trace trace = recorded(PayloadSampling.every(1), 0);
    assertThrows(InfercException.class, () -> trace.requests(VALUES));
    assertEquals(0, trace.arrivals().length);
    assertFalse(trace.start().isPresent());
  }

  @Test
  void aReplayedTraceAsksAModelWhatProductionAsked() {
    TraceRequests requests = recorded(PayloadSampling.every(2), 20).requests(VALUES);
    try (FunctionModel model = RecordedModels.model();
        Subject.Caller caller = Subject.of(model).newCaller()) {
      for (int i = 0; i < 20; i++) {
        assertEquals("OK", caller.call(requests.get(i)).outcome().name());
      }
      assertEquals(20, model.runs());
    }
  }

  @Test
  void everyTypeIsFilledWithinItsBoundsOrRefused() {
    SplittableRandom random = new SplittableRandom(3);
    for (DataType type : DataType.values()) {
      TensorSpec spec = TensorSpec.of("x", type, 64);
      GeneratedValues values = GeneratedValues.seeded(1).integers("x", 1, 1).floats("x", 1, 1);
      ValueGenerator generator = new ValueGenerator(values);
      boolean wide = type.bitWidth() >= 8 && !type.name().startsWith("FLOAT8");
      if (!wide || type.name().startsWith("COMPLEX")) {
        assertThrows(IllegalArgumentException.class, () -> generator.require(spec), type.name());
        continue;
      }
      generator.require(spec);
      try (Tensor tensor = Tensor.allocate(type, 64)) {
        generator.fill(spec, tensor, random);
        if (type.isFloatingPoint()) {
          for (float value : tensor.toFloatArray()) {
            assertEquals(1, value, type.name());
          }
        } else if (type.isInteger()) {
          assertEquals(1, tensor.bytes().get(0), type.name());
        }
      }
    }
  }

  @Test
  void floatsStayWithinTheirBoundsWhenTheyAreRounded() {
    DataType[] types = {DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT32, DataType.FLOAT64};
    double[][] bounds = {{-1, 1}, {0.1, 0.2}, {-2, 0}, {0, 1e-7}, {-0.3, -0.1}, {1000.3, 1010.7}};
    for (DataType type : types) {
      for (double[] b : bounds) {
        FloatValues values = FloatValues.of(type, new GeneratedValues.Floats(b[0], b[1]));
        String what = type + " from " + b[0] + " to " + b[1];
        for (double drawn : new double[] {b[0], b[1], Math.nextDown(b[1]), (b[0] + b[1]) / 2}) {
          double value = values.nearest(drawn);
          assertTrue(value >= b[0] && value < b[1], what + ": " + value);
        }
      }
    }
    TensorSpec spec = TensorSpec.of("x", DataType.BFLOAT16, 20_000);
    try (Tensor tensor = Tensor.allocate(DataType.BFLOAT16, 20_000)) {
      new ValueGenerator(GeneratedValues.seeded(1)).fill(spec, tensor, new SplittableRandom(1));
      for (float value : tensor.toFloatArray()) {
        assertTrue(value >= -1 && value < 1, "value " + value);
      }
    }
  }

  @Test
  void boundsWithoutANumberOfTheTypeAreRefused() {
    TensorSpec spec = TensorSpec.of("x", DataType.FLOAT16, 1);
    GeneratedValues values = GeneratedValues.seeded(1);
    new ValueGenerator(values.floats("x", -65_504, 65_504)).require(spec);
    for (double[] b : new double[][] {{0, 100_000}, {-65_505, 0}, {1.0001, 1.0002}}) {
      ValueGenerator generator = new ValueGenerator(values.floats("x", b[0], b[1]));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> generator.require(spec));
      assertTrue(e.getMessage().contains("65504"), e.getMessage());
    }
  }

  /** Lengths 1 to 5 come as often as each other. */
  @Test
  void aFewRequestsStandForAll() {
    Trace trace = recorded(PayloadSampling.every(1), 50);
    RequestMix five = trace.mix(VALUES, 5);
    assertEquals(
        "1x1, 2 (20 %), 1x2, 2 (20 %), 1x3, 2 (20 %), 1x4, 2 (20 %), 1x5, 2 (20 %)",
        five.toString());
    assertEquals("1x3, 2", trace.mix(VALUES, 1).toString());
    assertThrows(IllegalArgumentException.class, () -> trace.mix(VALUES, 0));
  }

  @Test
  void boundsBeyondATypeAreRefused() {
    GeneratedValues values = GeneratedValues.seeded(1).integers("x", -1, 256);
    for (DataType type : new DataType[] {DataType.UINT8, DataType.INT8, DataType.UINT64}) {
      assertThrows(IllegalArgumentException.class, () -> values.boundsOf("x", type));
    }
    assertEquals(256, values.boundsOf("x", DataType.INT16).most());
    GeneratedValues all = GeneratedValues.seeded(1).integers("x", Long.MIN_VALUE, Long.MAX_VALUE);
    TensorSpec spec = TensorSpec.of("x", DataType.INT64, 100);
    try (Tensor tensor = Tensor.allocate(DataType.INT64, 100)) {
      new ValueGenerator(all).fill(spec, tensor, new SplittableRandom(1));
      assertNotEquals(tensor.longs().get(0), tensor.longs().get(1));
    }
    assertThrows(
        IllegalArgumentException.class, () -> GeneratedValues.seeded(1).integers("x", 2, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> GeneratedValues.seeded(1).floats("x", 0, Double.POSITIVE_INFINITY));
    assertThrows(
        IllegalArgumentException.class, () -> GeneratedValues.seeded(1).floats("x", Double.NaN, 1));
  }
}
