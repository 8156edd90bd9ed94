package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoxesTest {
  private static final BoxLayout LAYOUT =
      BoxLayout.separate("boxes", "scores").labels("labels").count("num");

  private static Map<String, Tensor> separate(float[] boxes, float[] scores, long[] labels) {
    return new LinkedHashMap<>(
        Map.of(
            "boxes", Tensor.of(boxes, 1, boxes.length / 4, 4),
            "scores", Tensor.of(scores, 1, scores.length),
            "labels", Tensor.of(labels, 1, labels.length),
            "num", Tensor.of(new long[] {scores.length}, 1)));
  }

  private static double f1(
      BoxLayout layout, Map<String, Tensor> original, Map<String, Tensor> compiled) {
    BoxMeasure measure = new BoxMeasure(layout, 0.25, 0.05, 0.5);
    measure.add(0, original, compiled);
    return measure.result(Map.of()).metric(Metric.BOX_F1).orElseThrow();
  }

  private static final Map<String, Tensor> TWO =
      separate(
          new float[] {0, 0, 10, 10, 20, 20, 30, 30}, new float[] {0.9f, 0.8f}, new long[] {1, 2});

  @Test
  void boxesMatchWhateverTheirOrderAndExactPlace() {
    assertEquals(1, f1(LAYOUT, TWO, TWO));
    Map<String, Tensor> turned =
        separate(
            new float[] {20, 21, 30, 30, 0, 1, 10, 11},
            new float[] {0.7f, 0.6f},
            new long[] {2, 1});
    assertEquals(1, f1(LAYOUT, TWO, turned));
  }

  @Test
  void boxesOfAnotherClassPlaceOrNumberDoNotMatch() {
    float[] places = {0, 0, 10, 10, 20, 20, 30, 30};
    float[] scores = {0.9f, 0.8f};
    assertEquals(0.5, f1(LAYOUT, TWO, separate(places, scores, new long[] {1, 3})));
    float[] moved = {0, 0, 10, 10, 26, 20, 36, 30};
    assertEquals(0.5, f1(LAYOUT, TWO, separate(moved, scores, new long[] {1, 2})));
    Map<String, Tensor> one =
        separate(new float[] {0, 0, 10, 10}, new float[] {0.9f}, new long[] {1});
    assertEquals(2 / 3.0, f1(LAYOUT, TWO, one), 1e-9);
    Map<String, Tensor> none = separate(new float[0], new float[0], new long[0]);
    assertEquals(0, f1(LAYOUT, TWO, none));
    assertEquals(0, f1(LAYOUT, none, TWO));
    assertEquals(1, f1(LAYOUT, none, none));
  }

  @Test
  void oneBoxMatchesOneBox() {
    Map<String, Tensor> twice =
        separate(
            new float[] {0, 0, 10, 10, 0, 0, 10, 9}, new float[] {0.9f, 0.8f}, new long[] {1, 1});
    Map<String, Tensor> once =
        separate(new float[] {0, 0, 10, 10}, new float[] {0.9f}, new long[] {1});
    assertEquals(2 / 3.0, f1(LAYOUT, once, twice), 1e-9);
  }

  @Test
  void aBoxThatFallsJustBelowTheThresholdIsNotLost() {
    float[] places = {0, 0, 10, 10};
    long[] labels = {1};
    Map<String, Tensor> above = separate(places, new float[] {0.27f}, labels);
    assertEquals(1, f1(LAYOUT, above, separate(places, new float[] {0.23f}, labels)));
    assertEquals(1, f1(LAYOUT, above, separate(new float[0], new float[0], new long[0])));
    Map<String, Tensor> sure = separate(places, new float[] {0.6f}, labels);
    assertEquals(0, f1(LAYOUT, sure, separate(places, new float[] {0.1f}, labels)));
  }

  @Test
  void rowsBeyondTheNumberOfBoxesArePadding() {
    Map<String, Tensor> padded =
        separate(
            new float[] {0, 0, 10, 10, 20, 20, 30, 30},
            new float[] {0.9f, 0.8f},
            new long[] {1, 2});
    padded.put("num", Tensor.of(new long[] {1}, 1));
    assertEquals(2 / 3.0, f1(LAYOUT, TWO, padded), 1e-9);
  }

  @Test
  void rowsMayHaveTheirColumnsInAnyOrder() {
    BoxLayout layout = BoxLayout.rows("y").columns(3, 2, 1).imageColumn(0);
    Map<String, Tensor> two =
        Map.of("y", Tensor.of(new float[] {0, 5, 0.9f, 0, 0, 4, 4, 1, 5, 0.9f, 0, 0, 4, 4}, 2, 7));
    Map<String, Tensor> other = Map.of("y", Tensor.of(new float[] {1, 5, 0.9f, 0, 0, 4, 4}, 1, 7));
    assertEquals(1, f1(layout, two, two));
    assertEquals(2 / 3.0, f1(layout, two, other), 1e-9);
    List<DetectedBox> read = layout.read(two, 0);
    assertEquals(new DetectedBox(1, 5, 0.9f, 0, 0, 4, 4), read.get(1));
    assertThrows(InfercException.class, () -> BoxLayout.rows("y").read(scalar(), 0));
    assertThrows(IllegalStateException.class, () -> BoxLayout.rows("y").labels("z"));
  }

  private static Map<String, Tensor> scalar() {
    return Map.of("y", Tensor.of(new float[] {1}));
  }

  @Test
  void theHeadOfAYoloIsDecodedAndSuppressed() {
    // Two classes, three places: two of them see one object of class 1.
    float[] head = {
      10,
      11,
      50, // x
      10,
      10,
      50, // y
      8,
      8,
      4, // width
      8,
      8,
      4, // height
      0.1f,
      0.2f,
      0.7f,
      0.9f,
      0.8f,
      0.1f // scores of both classes
    };
    BoxLayout layout = BoxLayout.head("y", 2);
    List<DetectedBox> boxes = layout.read(Map.of("y", Tensor.of(head, 1, 6, 3)), 0.25);
    assertEquals(
        List.of(
            new DetectedBox(0, 1, 0.9f, 6, 6, 14, 14), new DetectedBox(0, 0, 0.7f, 48, 48, 52, 52)),
        boxes);
    // The same with one place a row, and a score of an object before those of the classes.
    float[] rows = {10, 10, 8, 8, 0.5f, 0.1f, 0.9f, 50, 50, 4, 4, 1, 0.7f, 0.1f};
    List<DetectedBox> scored = layout.read(Map.of("y", Tensor.of(rows, 1, 2, 7)), 0.25);
    assertEquals(0.7f, scored.get(0).score());
    assertEquals(0.45, scored.get(1).score(), 1e-7);
  }

  @Test
  void formatsOfBoxesAreRead() {
    BoxLayout layout = BoxLayout.separate("boxes", "scores").format(BoxFormat.CORNER_AND_SIZE);
    Map<String, Tensor> outputs =
        Map.of(
            "boxes", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4),
            "scores", Tensor.of(new float[] {0.1f, 0.2f, 0.9f}, 1, 3));
    assertEquals(List.of(new DetectedBox(0, 2, 0.9f, 1, 2, 4, 6)), layout.read(outputs, 0.5));
  }

  @Test
  void theLimitIsKeptOrMissedByTheF1() {
    Tolerance tolerance = Tolerance.boxes(LAYOUT);
    Comparisons comparisons = new Comparisons(tolerance, 5);
    comparisons.add(0, TWO, TWO);
    List<OutputAccuracy> same = comparisons.results();
    assertEquals(List.of(), comparisons.violations(same));
    Map<String, Tensor> one =
        separate(new float[] {0, 0, 10, 10}, new float[] {0.9f}, new long[] {1});
    comparisons.add(1, TWO, one);
    List<String> violations = comparisons.violations(comparisons.results());
    assertEquals(1, violations.size(), violations::toString);
    assertTrue(violations.get(0).contains("box F1"), violations::toString);
    assertTrue(violations.get(0).contains("sample 1 with 0.666667"), violations::toString);
    assertFalse(violations.get(0).contains("another shape"), violations::toString);
  }
}
