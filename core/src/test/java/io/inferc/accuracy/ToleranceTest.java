package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ToleranceTest {
  private static final float[] LOST = {0.9f, 0.1f, 0.2f, 0.1f};

  /** A model that returns one set of outputs for each sample. */
  @SafeVarargs
  private static FunctionModel model(Supplier<Map<String, Tensor>>... samples) {
    FunctionModel.Builder model = FunctionModel.named("model").input("i", DataType.INT64, "1");
    samples[0]
        .get()
        .forEach(
            (name, t) -> {
              StringBuilder shape = new StringBuilder();
              for (int i = 0; i < t.rank(); i++) {
                shape.append(i == 0 ? "" : ", ").append("d").append(i);
              }
              model.output(name, t.type(), shape.toString());
            });
    return model.computing(in -> samples[(int) in.get("i").toLongArray()[0]].get());
  }

  private static Map<String, Tensor> outputs(Object... namesAndTensors) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTensors.length; i += 2) {
      outputs.put((String) namesAndTensors[i], (Tensor) namesAndTensors[i + 1]);
    }
    return outputs;
  }

  private static Dataset samples(int count) {
    return Dataset.generated(count, i -> Map.of("i", Tensor.of(new long[] {i}, 1)));
  }

  private static AccuracyReport compare(
      Tolerance tolerance,
      Supplier<Map<String, Tensor>> original,
      Supplier<Map<String, Tensor>> compiled) {
    return Accuracy.compare(model(original), model(compiled), samples(1), tolerance);
  }

  private static Tensor floats(long[] shape, float... values) {
    return Tensor.of(values, shape);
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  /** Outputs of every kind that models have. */
  private static Map<String, Tensor> everyKind() {
    return outputs(
        "scores", floats(shape(2, 3), 1, 2, 3, 3, 2, 1),
        "single", floats(shape(2, 1), 0.3f, 0.6f),
        "batch", floats(shape(3), 1, 2, 3),
        "scalar", floats(shape(), 4),
        "masked", floats(shape(1, 3), Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, Float.NaN),
        "silence", floats(shape(1, 4), 0, 0, 0, 0),
        "nothing", floats(shape(0, 4)),
        "labels", Tensor.of(new long[] {1, 7}, 2),
        "bytes", Tensor.ofBytes(DataType.UINT8, new byte[] {1, 2}, 2, 1),
        "flags", Tensor.of(new boolean[] {true, false}, 2),
        "names", Tensor.ofStrings(List.of("cat", "dog"), 2));
  }

  @Test
  void aModelComparedWithItselfPassesEveryPreset() {
    Tolerance custom = Tolerance.custom().limit(Metric.MIN_COSINE, 0.9).build();
    for (Tolerance tolerance :
        List.of(
            Tolerance.classification(),
            Tolerance.regression(),
            Tolerance.embedding(),
            Tolerance.detection(),
            Tolerance.tokenLogits(),
            Tolerance.quantizedTokenLogits(),
            Tolerance.exact(),
            Tolerance.decisions(0.5),
            Tolerance.ctcText(0),
            custom)) {
      AccuracyReport report =
          compare(tolerance, ToleranceTest::everyKind, ToleranceTest::everyKind);
      assertTrue(report.passed(), report::toString);
      assertEquals(11, report.outputs().size());
    }
  }

  @Test
  void labelsOfABatchAreNotTheScoresOfOneSample() {
    Supplier<Map<String, Tensor>> right =
        () -> outputs("label", Tensor.of(new long[] {1, 7, 3}, 3));
    Supplier<Map<String, Tensor>> wrong =
        () -> outputs("label", Tensor.of(new long[] {2, 7, 3}, 3));
    assertTrue(compare(Tolerance.classification(), right, right).passed());
    AccuracyReport report = compare(Tolerance.classification(), right, wrong);
    assertEquals(
        List.of(
            "The exact match of the output 'label' is 0.666667, below the limit 0.990000 by"
                + " 0.323333; worst is sample 0 with 0.666667."),
        report.violations());
  }

  @Test
  void wrongOutputsOfEveryKindFail() {
    Map<String, Tensor> changed =
        outputs(
            "scores", floats(shape(2, 3), 3, 2, 1, 3, 2, 1),
            "single", floats(shape(2, 1), 0.9f, 0.6f),
            "batch", floats(shape(3), 1, 2, 9),
            "scalar", floats(shape(), 5),
            "masked", floats(shape(1, 3), Float.NaN, 1, Float.NaN),
            "silence", floats(shape(1, 4), 0, 1, 0, 0),
            "labels", Tensor.of(new long[] {1, 8}, 2),
            "bytes", Tensor.ofBytes(DataType.UINT8, new byte[] {1, 3}, 2, 1),
            "flags", Tensor.of(new boolean[] {true, true}, 2),
            "names", Tensor.ofStrings(List.of("cat", "cow"), 2));
    changed.forEach(
        (name, tensor) -> {
          AccuracyReport report =
              compare(
                  Tolerance.classification(),
                  ToleranceTest::everyKind,
                  () -> {
                    Map<String, Tensor> outputs = everyKind();
                    outputs.put(name, tensor.copy());
                    return outputs;
                  });
          assertFalse(report.passed(), name);
          assertTrue(report.violations().stream().allMatch(v -> v.contains("'" + name + "'")));
        });
  }

  @Test
  void infinitiesThatMoveFailThoughTheirNumberStays() {
    float far = Float.NEGATIVE_INFINITY;
    AccuracyReport report =
        compare(
            Tolerance.custom().limit(Metric.MAX_ABSOLUTE_ERROR, 10).build(),
            () -> outputs("y", floats(shape(1, 3), far, 1, 2)),
            () -> outputs("y", floats(shape(1, 3), 1, far, 2)));
    assertFalse(report.passed());
    assertEquals(1, report.outputs().get(0).strayed());
  }

  @Test
  void nothingButRoundingBesideSilenceIsSilence() {
    AccuracyReport report =
        compare(
            Tolerance.regression(),
            () -> outputs("y", floats(shape(1, 2), 0, 0)),
            () -> outputs("y", floats(shape(1, 2), 1e-9f, -1e-8f)));
    assertTrue(report.passed(), report::toString);
  }

  @Test
  void decisionsCountRarePositivesAsMuchAsAllElse() {
    Tolerance decisions = Tolerance.decisions(0.5);
    Supplier<Map<String, Tensor>> speech = () -> outputs("y", floats(shape(4, 1), LOST));
    // Other numbers, the same decisions: an SQNR of 8 dB.
    AccuracyReport same =
        compare(decisions, speech, () -> outputs("y", floats(shape(4, 1), 0.6f, 0.2f, 0.3f, 0)));
    assertTrue(same.passed(), same::toString);
    AccuracyReport lost =
        compare(decisions, speech, () -> outputs("y", floats(shape(4, 1), 0.4f, 0.1f, 0.2f, 0.1f)));
    assertEquals(0, lost.outputs().get(0).metric(Metric.DECISION_AGREEMENT).orElseThrow());
    assertFalse(lost.passed());
    AccuracyReport invented =
        compare(decisions, speech, () -> outputs("y", floats(shape(4, 1), 0.9f, 0.7f, 0.2f, 0)));
    assertEquals(
        2 / 3.0, invented.outputs().get(0).metric(Metric.DECISION_AGREEMENT).orElseThrow(), 1e-9);
  }

  @Test
  void decisionsThatWereCloseAreNotCounted() {
    Supplier<Map<String, Tensor>> close = () -> outputs("y", floats(shape(2), 0.52f, 0.1f));
    Supplier<Map<String, Tensor>> other = () -> outputs("y", floats(shape(2), 0.48f, 0.1f));
    assertTrue(compare(Tolerance.decisions(0.5), close, other).passed());
    assertFalse(compare(Tolerance.decisions(0.5, 0.01), close, other).passed());
    assertThrows(IllegalArgumentException.class, () -> Tolerance.decisions(0.5, -1));
    assertThrows(IllegalArgumentException.class, () -> Tolerance.decisions(Double.NaN));
  }

  /** Scores whose best classes are given. */
  private static Tensor steps(int... best) {
    float[] scores = new float[4 * best.length];
    for (int i = 0; i < best.length; i++) {
      scores[4 * i + best[i]] = 1;
    }
    return floats(shape(1, best.length, 4), scores);
  }

  @Test
  void textIsWhatDecodingMakesOfScores() {
    Supplier<Map<String, Tensor>> original = () -> outputs("y", steps(0, 1, 1, 0, 1, 2));
    // The same text from other steps: repetitions collapse, blanks are dropped.
    AccuracyReport same =
        compare(Tolerance.ctcText(0), original, () -> outputs("y", steps(1, 0, 1, 2, 2, 0)));
    assertTrue(same.passed(), same::toString);
    AccuracyReport other =
        compare(Tolerance.ctcText(0), original, () -> outputs("y", steps(0, 1, 1, 1, 1, 2)));
    OutputAccuracy y = other.outputs().get(0);
    assertEquals(0, y.metric(Metric.TEXT_MATCH).orElseThrow());
    assertEquals(1 / 3.0, y.metric(Metric.CHARACTER_ERROR_RATE).orElseThrow(), 1e-9);
    assertFalse(other.passed());
    // With the last class as the blank, the zeros are letters.
    assertFalse(
        compare(Tolerance.ctcText(-1), original, () -> outputs("y", steps(1, 0, 1, 2, 2, 0)))
            .passed());
  }

  @Test
  void theEditDistanceIsThatOfLevenshtein() {
    assertEquals(3, CtcMeasure.distance("kitten".chars().toArray(), "sitting".chars().toArray()));
    assertEquals(2, CtcMeasure.distance(new int[0], new int[] {1, 2}));
    assertEquals(0, CtcMeasure.distance(new int[] {1}, new int[] {1}));
  }

  @Test
  void eachOutputHasLimitsOfItsOwn() {
    Supplier<Map<String, Tensor>> original =
        () ->
            outputs(
                "speech", floats(shape(2), 0.9f, 0.1f),
                "text", steps(1, 2),
                "features", floats(shape(1, 2), 1, 2),
                "rest", floats(shape(1, 2), 1, 2));
    Supplier<Map<String, Tensor>> compiled =
        () ->
            outputs(
                "speech", floats(shape(2), 0.6f, 0.3f),
                "text", steps(1, 2),
                "features", floats(shape(1, 2), Float.NaN, -7),
                "rest", floats(shape(1, 2), 1, 2.001f));
    Tolerance tolerance =
        Tolerance.perOutput()
            .output("speech", Tolerance.decisions(0.5))
            .output("text", Tolerance.ctcText(0))
            .ignore("features")
            .others(Tolerance.regression())
            .build();
    AccuracyReport report = compare(tolerance, original, compiled);
    assertTrue(report.passed(), report::toString);
    assertEquals(Map.of(Metric.DECISION_AGREEMENT, 0.99), report.outputs().get(0).limits());
    assertEquals(Map.of(), report.outputs().get(2).limits());
    assertTrue(tolerance.toString().contains("without features"), tolerance.toString());
    Tolerance strict =
        Tolerance.perOutput().output("rest", Tolerance.exact()).ignore("features").build();
    AccuracyReport failed = compare(strict, original, compiled);
    assertEquals(1, failed.violations().size(), failed::toString);
    assertTrue(failed.violations().get(0).contains("'rest'"), failed::toString);
  }

  @Test
  void outputsThatAreNotThereCannotBeJudged() {
    Supplier<Map<String, Tensor>> one = () -> outputs("y", floats(shape(1, 2), 1, 2));
    Tolerance wrong = Tolerance.perOutput().output("z", Tolerance.exact()).build();
    InfercException e = assertThrows(InfercException.class, () -> compare(wrong, one, one));
    assertTrue(e.getMessage().contains("[z]") && e.getMessage().contains("[y]"), e.getMessage());
    assertThrows(IllegalStateException.class, () -> Tolerance.perOutput().ignore("y").build());
    assertThrows(
        IllegalArgumentException.class,
        () -> Tolerance.perOutput().output("y", Tolerance.boxes(BoxLayout.rows("y"))));
    assertThrows(
        IllegalArgumentException.class, () -> Tolerance.custom().limit(Metric.BOX_F1, 0.9));
  }

  @Test
  void outputsOfAnotherSizeFailWithoutEndingTheComparison() {
    AccuracyReport report =
        compare(
            Tolerance.regression(),
            () -> outputs("y", floats(shape(2, 4), 1, 1, 9, 9, 5, 5, 8, 8)),
            () -> outputs("y", floats(shape(1, 4), 1, 1, 9, 9)));
    assertEquals(1, report.outputs().get(0).otherShapes());
    assertTrue(report.violations().get(0).contains("another shape"), report::toString);
    assertTrue(report.violations().get(0).contains("Tolerance.boxes"), report::toString);
  }

  @Test
  void limitsThatNoResultCanKeepAreRefused() {
    assertImpossible(Metric.MEAN_COSINE, 1.01);
    assertImpossible(Metric.MIN_COSINE, Double.POSITIVE_INFINITY);
    assertImpossible(Metric.TOP1_AGREEMENT, 99);
    assertImpossible(Metric.EXACT_MATCH, 1.0001);
    assertImpossible(Metric.MAX_ABSOLUTE_ERROR, -0.1);
    assertImpossible(Metric.RMSE, Double.NEGATIVE_INFINITY);
    for (Metric metric : Metric.values()) {
      assertImpossible(metric, Double.NaN);
    }
    BoxLayout layout = BoxLayout.separate("boxes", "scores");
    for (double f1 : new double[] {95, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> Tolerance.boxes(layout, 0.5, f1));
    }
  }

  private static void assertImpossible(Metric metric, double limit) {
    Tolerance.Builder custom = Tolerance.custom();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> custom.limit(metric, limit));
    assertTrue(e.getMessage().contains(metric.label()), e.getMessage());
  }

  @Test
  void theBestThatThereIsMayBeAskedFor() {
    Tolerance best =
        Tolerance.custom()
            .limit(Metric.SQNR_DB, Double.POSITIVE_INFINITY)
            .limit(Metric.MEAN_COSINE, 1)
            .limit(Metric.MAX_ABSOLUTE_ERROR, 0)
            .build();
    Supplier<Map<String, Tensor>> same = () -> outputs("y", floats(shape(1, 2), 1, 2));
    assertTrue(compare(best, same, same).passed());
  }
}
