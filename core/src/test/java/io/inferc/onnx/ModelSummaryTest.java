package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSummaryTest {
  @TempDir Path folder;

  @Test
  void aRealModelIsCounted() {
    ModelSummary summary = OnnxModel.load(RealModels.MINILM.path()).summary();

    assertEquals(List.of("input_ids", "attention_mask", "token_type_ids"), names(summary.inputs()));
    assertEquals(Map.of("", 11), summary.opsets());
    assertEquals(6, summary.irVersion());
    assertEquals("Constant", summary.operators().get(0).operator());
    assertEquals(146, summary.operators().get(0).count());
    assertEquals(48, count(summary, "MatMul"));
    assertEquals(6, count(summary, "Softmax"));
    assertTrue(summary.parameters() > 22_000_000 && summary.parameters() < 23_000_000);
    assertTrue(summary.weightBytes() > 4 * summary.parameters());
    assertTrue(summary.producer().startsWith("pytorch"), summary.producer());
  }

  @Test
  void theTextNamesWhatAReaderLooksFor() {
    String text = OnnxModel.load(RealModels.MINILM.path()).summary().toString();

    for (String part :
        List.of(
            "input_ids: INT64[batch_size, sequence_length]",
            "opset ai.onnx 11",
            "MatMul 48",
            "parameters",
            "last_hidden_state")) {
      assertTrue(text.contains(part), part + " is not in:\n" + text);
    }
    assertTrue(text.lines().allMatch(line -> line.length() <= 120), text);
  }

  @Test
  void nodesInsideNodesAndTheirConstantsCount() {
    ModelSummary summary = SmallModels.branches().summary();

    assertEquals(3, summary.nodes());
    assertEquals(2, summary.subgraphs());
    assertEquals(1, count(summary, "Add"));
    assertEquals(1, count(summary, "If"));
    assertTrue(summary.toString().contains("2 subgraphs"), summary.toString());
  }

  @Test
  void weightsCountWhereverTheyLie() {
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 1);
    Path path = folder.resolve("m.onnx");
    model.save(path, SaveOptions.externalData());

    ModelSummary inside = model.summary();
    ModelSummary outside = OnnxModel.load(path).summary();

    assertEquals(32 * 64 + 64 + 64 * 8 + 8, inside.parameters());
    assertEquals(4 * inside.parameters(), inside.weightBytes());
    assertEquals(inside, outside);
  }

  private static int count(ModelSummary summary, String operator) {
    return summary.operators().stream()
        .filter(o -> o.operator().equals(operator))
        .mapToInt(ModelSummary.OperatorCount::count)
        .sum();
  }

  private static List<String> names(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::name).toList();
  }
}
