package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs that are larger than the heap are compared, since they do not lie there. */
class LargeOutputsTest {
  private static final int CLASSES = 1000;
  private static final int ROWS = 12_000;

  @ParameterizedTest
  @ValueSource(strings = {"texts", "decisions", "head", "turned head", "scores"})
  void theHeapHoldsNoWholeOutput(String kind) throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(
            List.of("-Xmx48m", "-XX:MaxDirectMemorySize=1g"), LargeOutputsTest.class, kind);
    assertEquals(0, child.exitCode(), child::output);
  }

  /** Compares an output, of 48 MB in single precision, with itself. */
  public static void main(String[] args) {
    int width = args[0].endsWith("head") ? CLASSES + 4 : CLASSES;
    boolean turned = args[0].equals("turned head");
    try (Tensor output =
            turned
                ? Tensor.allocate(DataType.FLOAT32, 1, width, ROWS)
                : Tensor.allocate(DataType.FLOAT32, 1, ROWS, width);
        Tensor places = Tensor.allocate(DataType.FLOAT32, 1, ROWS, 4)) {
      // One of the last, which a block that begins in the wrong place would miss.
      int last = turned ? (width - 1) * ROWS + ROWS - 2 : (ROWS - 1) * width - 1;
      output.floats().put(last, 0.9f);
      switch (args[0]) {
        case "texts" -> compare(new CtcMeasure(0), output, Metric.TEXT_MATCH);
        case "decisions" ->
            compare(new DecisionMeasure(0.5, 0.1), output, Metric.DECISION_AGREEMENT);
        case "scores" ->
            compare(
                BoxLayout.separate("places", "output"), Map.of("places", places, "output", output));
        default -> compare(BoxLayout.head("output", CLASSES), Map.of("output", output));
      }
    }
    System.exit(0);
  }

  private static void compare(TaskMeasure measure, Tensor output, Metric metric) {
    measure.add(0, output, output, new WorstSamples());
    Map<Metric, Double> found = new EnumMap<>(Metric.class);
    measure.putInto(found);
    assertEquals(1, found.get(metric));
  }

  private static void compare(BoxLayout layout, Map<String, Tensor> outputs) {
    List<DetectedBox> boxes = layout.read(outputs, 0.5);
    assertEquals(1, boxes.size());
    assertEquals(0.9, boxes.get(0).score(), 1e-6);
    BoxMeasure measure = new BoxMeasure(layout, 0.5, 0.1, 0.5);
    measure.add(0, outputs, outputs);
    assertEquals(1, measure.result(Map.of()).metric(Metric.BOX_F1).orElseThrow());
  }
}
