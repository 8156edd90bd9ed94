package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static FunctionModel model(String name, FloatFunction function) {
    return FunctionModel.named(name)
        .input("x", DataType.FLOAT32, "rows, 4")
        .output("y", DataType.FLOAT32, "rows, 4")
        .computing(
            inputs -> {
              Tensor x = inputs.get("x");
              float[] values = x.toFloatArray();
              for (int i = 0; i < values.length; i++) {
                values[i] = function.apply(values[i]);
              }
              return Map.of("y", Tensor.of(values, x.shape()));
            });
  }

  private interface FloatFunction {
    float apply(float x);
  }

  private static Dataset rows(float[]... rows) {
    return Dataset.generated(
        rows.length, i -> Map.of("x", Tensor.of(rows[(int) i], rows[(int) i].length / 4, 4)));
  }

  private static OutputAccuracy compare(FloatFunction compiled, float[]... rows) {
    return Accuracy.compare(
            model("original", x -> x), model("compiled", compiled), rows(rows), Tolerance.exact())
        .outputs()
        .get(0);
  }

  private static double value(OutputAccuracy output, Metric metric) {
    return output.metric(metric).orElseThrow();
  }

  @Test
  void aModelComparedWithItselfIsPerfect() {
    AccuracyReport report =
        Accuracy.compare(
            model("a", x -> x),
            model("b", x -> x),
            rows(new float[] {1, 2, 3, 4}, new float[] {0, 0, 0, 0}),
            Tolerance.exact());
    assertTrue(report.passed(), report.toString());
    OutputAccuracy y = report.outputs().get(0);
    assertEquals(2, y.samples());
    assertEquals(8, y.elements());
    assertEquals(0, value(y, Metric.MAX_ABSOLUTE_ERROR));
    assertEquals(0, value(y, Metric.RMSE));
    assertEquals(Double.POSITIVE_INFINITY, value(y, Metric.SQNR_DB));
    assertEquals(1, value(y, Metric.MIN_COSINE), 1e-12);
    assertEquals(1, value(y, Metric.TOP1_AGREEMENT));
    assertEquals(1, value(y, Metric.EXACT_MATCH));
  }

  @Test
  void errorsAreThoseOfTheDefinitions() {
    OutputAccuracy y =
        compare(x -> x == 3 ? 5 : x, new float[] {1, 2, 3, 4}, new float[] {1, 1, 1, 1});
    assertEquals(2, value(y, Metric.MAX_ABSOLUTE_ERROR), 1e-6);
    assertEquals(2 / 8.0, value(y, Metric.MEAN_ABSOLUTE_ERROR), 1e-6);
    assertEquals(Math.sqrt(4 / 8.0), value(y, Metric.RMSE), 1e-6);
    assertEquals(10 * Math.log10(34 / 4.0), value(y, Metric.SQNR_DB), 1e-6);
    double cosine = (1 + 4 + 15 + 16) / Math.sqrt(30) / Math.sqrt(1 + 4 + 25 + 16);
    assertEquals(cosine, value(y, Metric.MIN_COSINE), 1e-6);
    assertEquals((cosine + 1) / 2, value(y, Metric.MEAN_COSINE), 1e-6);
    assertEquals(7 / 8.0, value(y, Metric.EXACT_MATCH));
    assertEquals(1 / 2.0, value(y, Metric.TOP1_AGREEMENT));
    assertEquals(0, y.worst().get(Metric.MAX_ABSOLUTE_ERROR).sample());
    assertEquals(0, y.worst().get(Metric.MIN_COSINE).sample());
  }

  @Test
  void theWorstSampleIsTheOneWithTheLargestError() {
    OutputAccuracy y =
        compare(
            x -> x > 10 ? x + 1 : x,
            new float[] {1, 2, 3, 4},
            new float[] {1, 2, 3, 11},
            new float[] {1, 2, 3, 5});
    assertEquals(1, y.worst().get(Metric.MAX_ABSOLUTE_ERROR).sample());
    assertEquals(1, y.worst().get(Metric.MAX_ABSOLUTE_ERROR).value(), 1e-6);
  }

  @Test
  void aZeroVectorIsLikeAnotherAndUnlikeEverythingElse() {
    float[] zeros = {0, 0, 0, 0};
    assertEquals(1, value(compare(x -> x, zeros), Metric.MIN_COSINE));
    assertEquals(0, value(compare(x -> x + 1, zeros), Metric.MIN_COSINE));
  }

  @Test
  void notANumberFailsUnderEveryToleranceUnlessTheOriginalHasIt() {
    AccuracyReport report =
        Accuracy.compare(
            model("original", x -> x),
            model("broken", x -> x == 2 ? Float.NaN : x == 4 ? Float.POSITIVE_INFINITY : x),
            rows(new float[] {1, 2, 3, 4}),
            Tolerance.custom().limit(Metric.MAX_ABSOLUTE_ERROR, 1e9).build());
    assertFalse(report.passed());
    assertEquals(1, report.outputs().get(0).compiledNotFinite().nan());
    assertEquals(1, report.outputs().get(0).compiledNotFinite().infinite());
    assertTrue(report.violations().get(0).contains("'y'"), report.violations().toString());
    OutputAccuracy same =
        Accuracy.compare(
                model("a", x -> Float.NaN),
                model("b", x -> Float.NaN),
                rows(new float[] {1, 2, 3, 4}),
                Tolerance.exact())
            .outputs()
            .get(0);
    assertEquals(1, value(same, Metric.EXACT_MATCH));
  }

  @Test
  void aViolationNamesMetricLimitAndWorstSample() {
    AccuracyReport report =
        Accuracy.compare(
            model("original", x -> x),
            model("compiled", x -> x > 3 ? -x : x),
            rows(new float[] {1, 1, 1, 1}, new float[] {1, 2, 3, 4}),
            Tolerance.embedding());
    assertFalse(report.passed());
    String text = report.toString();
    for (String word : List.of("FAILED", "min cosine", "0.975", "below", "sample 1")) {
      assertTrue(text.contains(word), text);
    }
  }

  @Test
  void theTopKIsComparedWithoutItsOrder() {
    AccuracyReport report =
        Accuracy.comparison(model("a", x -> x), model("b", x -> x == 4 ? 2.5f : x))
            .topK(2)
            .run(rows(new float[] {1, 2, 3, 4}), Tolerance.tokenLogits());
    OutputAccuracy y = report.outputs().get(0);
    assertEquals(0, value(y, Metric.TOP1_AGREEMENT));
    assertEquals(1, value(y, Metric.TOPK_AGREEMENT));
    assertThrows(
        IllegalArgumentException.class,
        () -> Accuracy.comparison(model("a", x -> x), model("b", x -> x)).topK(0));
  }

  @Test
  void flippedBestTokensAndDistantScoresEachFailWeightsThatWereQuantized() {
    float[] scores = new float[] {5, 5.05f, -3, 1};
    // As near as scores can be, but the best token is another.
    AccuracyReport flipped =
        Accuracy.comparison(model("a", x -> x), model("b", x -> x == 5 ? 5.1f : x))
            .topK(2)
            .run(rows(scores), Tolerance.quantizedTokenLogits());
    assertFalse(flipped.passed());
    assertTrue(flipped.violations().get(0).contains("top-1 agreement"), flipped::toString);
    assertEquals(1, flipped.violations().size(), flipped::toString);
    // The best tokens stay, and the scores do not.
    AccuracyReport distant =
        Accuracy.comparison(model("a", x -> x), model("b", x -> x < 2 ? x + 2 : x))
            .topK(2)
            .run(rows(scores), Tolerance.quantizedTokenLogits());
    assertFalse(distant.passed());
    assertFalse(distant.toString().contains("top-1 agreement of the output"), distant::toString);
    assertTrue(distant.violations().stream().anyMatch(v -> v.contains("SQNR")), distant::toString);
    assertTrue(
        Accuracy.comparison(model("a", x -> x), model("b", x -> x * 1.01f))
            .topK(2)
            .run(rows(scores), Tolerance.quantizedTokenLogits())
            .passed());
  }

  @Test
  void differentShapesOutputsAndNoSamplesAreErrors() {
    FunctionModel flat =
        FunctionModel.named("flat")
            .input("x", DataType.FLOAT32, "rows, 4")
            .output("y", DataType.FLOAT32, "n")
            .computing(in -> Map.of("y", Tensor.of(new float[] {1}, 1)));
    FunctionModel other =
        FunctionModel.named("other")
            .input("x", DataType.FLOAT32, "rows, 4")
            .output("z", DataType.FLOAT32, "n")
            .computing(in -> Map.of("z", Tensor.of(new float[] {1}, 1)));
    Dataset one = rows(new float[] {1, 2, 3, 4});
    for (FunctionModel wrong : List.of(flat, other)) {
      InfercException e =
          assertThrows(
              InfercException.class,
              () -> Accuracy.compare(model("a", x -> x), wrong, one, Tolerance.exact()));
      assertTrue(e.getMessage().contains("'y'") || e.getMessage().contains("[y]"), e.getMessage());
      assertEquals(0, wrong.openSessions());
    }
    InfercException empty =
        assertThrows(
            InfercException.class,
            () ->
                Accuracy.compare(
                    model("a", x -> x),
                    model("b", x -> x),
                    Dataset.of(List.of()),
                    Tolerance.exact()));
    assertTrue(empty.getMessage().contains("no samples"), empty.getMessage());
  }

  @Test
  void textIsComparedExactly() {
    FunctionModel a =
        FunctionModel.named("a")
            .input("x", DataType.STRING, "n")
            .output("y", DataType.STRING, "n")
            .computing(in -> Map.of("y", Tensor.ofStrings(List.of("one", "two"), 2)));
    FunctionModel b =
        FunctionModel.named("b")
            .input("x", DataType.STRING, "n")
            .output("y", DataType.STRING, "n")
            .computing(in -> Map.of("y", Tensor.ofStrings(List.of("one", "2"), 2)));
    Dataset data = Dataset.generated(1, i -> Map.of("x", Tensor.ofStrings(List.of("p", "q"), 2)));
    OutputAccuracy y = Accuracy.compare(a, b, data, Tolerance.exact()).outputs().get(0);
    assertEquals(0.5, value(y, Metric.EXACT_MATCH));
    assertEquals(Set.of(Metric.EXACT_MATCH), y.metrics().keySet());
  }

  @Test
  void progressIsReportedAndTheWorkCanBeCancelled() {
    List<Long> done = new ArrayList<>();
    Cancellation cancellation = new Cancellation();
    FunctionModel a = model("a", x -> x);
    FunctionModel b = model("b", x -> x);
    float[] row = {1, 2, 3, 4};
    assertThrows(
        CancelledException.class,
        () ->
            Accuracy.comparison(a, b)
                .cancellation(cancellation)
                .progress(
                    (stage, task, n, total) -> {
                      done.add(n);
                      assertEquals(4, total);
                      if (n == 2) {
                        cancellation.cancel();
                      }
                    })
                .run(rows(row, row, row, row), Tolerance.exact()));
    assertEquals(List.of(1L, 2L), done);
    assertEquals(0, a.openSessions() + b.openSessions());
  }

  @Test
  void aToleranceNeedsALimitThatIsANumber() {
    assertThrows(IllegalStateException.class, () -> Tolerance.custom().build());
    assertThrows(
        IllegalArgumentException.class, () -> Tolerance.custom().limit(Metric.RMSE, Double.NaN));
    assertEquals(0.99, Tolerance.classification().limits().get(Metric.TOP1_AGREEMENT));
  }
}
