package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputViewTest {
  private static final Dataset SAMPLES =
      Dataset.generated(3, i -> Map.of("x", Tensor.of(new float[] {i}, 1)));

  /** What the models returned, to see that all of it is closed. */
  private final List<Tensor> returned = new ArrayList<>();

  private FunctionModel model() {
    return FunctionModel.named("m")
        .input("x", DataType.FLOAT32, "1")
        .output("y", DataType.FLOAT32, "1")
        .computing(
            in -> {
              Tensor y = in.get("x").copy();
              returned.add(y);
              return Map.of("y", y);
            });
  }

  private AccuracyReport compare(OutputView view) {
    return Accuracy.comparison(model(), model()).view(view).run(SAMPLES, Tolerance.exact());
  }

  private static String refusal(OutputView view) {
    OutputViewTest test = new OutputViewTest();
    InfercException e = assertThrows(InfercException.class, () -> test.compare(view));
    assertTrue(test.returned.stream().allMatch(Tensor::isClosed));
    OutputViewTest kept = new OutputViewTest();
    InfercException recorded =
        assertThrows(
            InfercException.class,
            () -> {
              try (ReferenceOutputs reference =
                  ReferenceOutputs.record(kept.model(), SAMPLES, view, new Cancellation())) {
                reference.compare(kept.model(), Tolerance.exact());
              }
            });
    assertEquals(e.getMessage(), recorded.getMessage());
    assertTrue(kept.returned.stream().allMatch(Tensor::isClosed));
    return e.getMessage();
  }

  @Test
  void whatItMakesIsCompared() {
    assertTrue(compare((in, out) -> Map.of("z", out.get("y").copy())).passed());
    assertTrue(returned.stream().allMatch(Tensor::isClosed));
  }

  @Test
  void nothingIsNoResult() {
    assertEquals(
        "Tried to compare what the OutputView makes of sample 0, but it made no tensor of the"
            + " outputs [y]. Return at least one tensor, under the same names for each sample.",
        refusal((in, out) -> Map.of()));
  }

  @Test
  void nothingForOneSampleIsNoResultEither() {
    String message =
        refusal(
            (in, out) ->
                in.get("x").floats().get(0) == 1 ? Map.of() : Map.of("z", out.get("y").copy()));
    assertTrue(message.contains("sample 1"), message);
  }

  @Test
  void namesMustBeTheSameForEachSample() {
    String message =
        refusal((in, out) -> Map.of("z" + (int) in.get("x").floats().get(0), out.get("y").copy()));
    assertTrue(message.contains("[z0]") && message.contains("[z1]"), message);
  }

  @Test
  void emptyTensorsInAllSamplesFail() {
    AccuracyReport report = compare((in, out) -> Map.of("text", Tensor.ofStrings(List.of(), 0)));
    assertFalse(report.passed());
    assertTrue(report.violations().get(0).contains("nothing was compared"), report::toString);
    AccuracyReport some =
        compare(
            (in, out) -> {
              boolean first = in.get("x").floats().get(0) == 0;
              List<String> words = first ? List.of("word") : List.of();
              return Map.of("text", Tensor.ofStrings(words, words.size()));
            });
    assertTrue(some.passed(), some::toString);
  }
}
