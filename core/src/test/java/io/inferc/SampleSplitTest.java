package io.inferc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.Workload;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What a search makes of the user's samples: parts, as many as there is time for, requests. */
class SampleSplitTest {
  private static Dataset numbers(int count) {
    return Dataset.generated(count, i -> Map.of("x", Tensor.of(new float[] {i}, 1)));
  }

  private static List<Integer> seen(Dataset samples) {
    List<Integer> seen = new ArrayList<>();
    samples.forEach(
        (index, sample) -> {
          assertEquals(seen.size(), index);
          seen.add((int) sample.get("x").floats().get(0));
          return true;
        });
    return seen;
  }

  @Property(tries = 50)
  void eachSampleIsInOnePart(@ForAll @IntRange(min = 10, max = 300) int count) {
    SampleSplit split = SampleSplit.of(numbers(count), Optional.empty());
    List<Integer> all = new ArrayList<>(seen(split.calibrating()));
    all.addAll(seen(split.choosing()));
    all.addAll(seen(split.proving()));
    assertEquals(count, all.size());
    assertEquals(count, all.stream().distinct().count());
    assertEquals(OptionalLong.of(seen(split.proving()).size()), split.proving().size());
    assertTrue(seen(split.calibrating()).size() >= 2 * seen(split.proving()).size());
    assertTrue(seen(split.proving()).size() >= 2);
    for (Dataset part : List.of(split.choosing(), split.proving())) {
      List<Integer> first = seen(part.limit(2));
      assertEquals(List.of(0, 1), first.stream().map(i -> i / 5).toList(), "one of each five");
    }
  }

  @Test
  void ownSamplesToProveOnLeaveMoreToCalibrate() {
    SampleSplit split = SampleSplit.of(numbers(20), Optional.of(numbers(7)));
    assertEquals(15, seen(split.calibrating()).size());
    assertEquals(List.of(0, 1, 2, 3, 4), seen(split.choosing()).stream().map(i -> i / 4).toList());
    assertEquals(7, seen(split.proving()).size());
    assertThrows(InfercException.class, () -> SampleSplit.of(numbers(9), Optional.empty()));
    assertThrows(InfercException.class, () -> SampleSplit.of(numbers(20), Optional.of(numbers(0))));
  }

  /** Samples often come in turns of their kinds. */
  @Test
  void eachPartHasSamplesOfAllKindsThatTakeTurns() {
    SampleSplit split = SampleSplit.of(numbers(200), Optional.empty());
    for (Dataset part : List.of(split.calibrating(), split.choosing(), split.proving())) {
      assertEquals(5, seen(part).stream().map(i -> i % 5).distinct().count());
    }
  }

  @Test
  void asManySamplesAreVisitedAsThereIsTimeFor() {
    long[] now = {0};
    Dataset slow =
        Dataset.generated(
            100,
            i -> {
              now[0] += Duration.ofSeconds(1).toNanos();
              return Map.of("x", Tensor.of(new float[] {i}, 1));
            });
    TimedDataset timed = new TimedDataset(slow, 5, Duration.ofSeconds(20), () -> now[0]);
    assertEquals(List.of(0), seen(timed.limit(1)));
    assertEquals(OptionalLong.of(100), timed.size());
    // More than the least, but the visitor's end, not the time's.
    now[0] = 0;
    assertEquals(6, seen(timed.limit(6)).size());
    assertEquals(OptionalLong.of(100), timed.size());
    now[0] = 0;
    assertEquals(20, seen(timed).size());
    assertEquals(OptionalLong.of(20), timed.size());
    now[0] = 0;
    assertEquals(20, seen(timed).size());
    TimedDataset least = new TimedDataset(slow, 30, Duration.ofSeconds(1), () -> now[0]);
    assertEquals(30, seen(least).size());
  }

  private static OnnxModel model() {
    return OnnxModel.of(
        Graph.builder("two")
            .input(TensorSpec.of("ids", DataType.INT64, "batch, length"))
            .input(TensorSpec.of("scale", DataType.FLOAT32, "2"))
            .output(TensorSpec.of("y", DataType.INT64, "batch, length"))
            .node(Node.of("Identity", List.of("ids"), List.of("y")))
            .build(),
        17);
  }

  @Test
  void requestsHaveTheSizesThatProfilesAreBestAt() {
    Dataset samples =
        Dataset.of(
            List.of(
                Map.of(
                    "ids", Tensor.of(new long[] {1, 2, 3}, 1, 3),
                    "scale", Tensor.of(new float[] {7, 8}, 2))));
    ShapeProfile wide = ShapeProfile.named("wide").range("batch", 1, 2, 4).range("length", 1, 4, 9);
    ShapeProfile cut =
        ShapeProfile.named("cut").input("ids", new Range(1, 1, 1), new Range(1, 2, 9));
    RequestMix mix =
        TypicalRequests.of(model().graph().requiredInputs(), List.of(wide, cut), samples);
    Workload first = mix.parts().get(0).workload();
    assertArrayEquals(new long[] {2, 4}, first.inputs().get("ids").shape());
    assertArrayEquals(new long[] {1, 2, 3, 1, 1, 2, 3, 1}, first.inputs().get("ids").toLongArray());
    assertArrayEquals(new float[] {7, 8}, first.inputs().get("scale").toFloatArray());
    assertArrayEquals(
        new long[] {1, 2}, mix.parts().get(1).workload().inputs().get("ids").toLongArray());
    assertEquals(
        "1x3, 2",
        TypicalRequests.of(model().graph().requiredInputs(), List.of(), samples).toString());
  }
}
