package io.inferc.onnx;

import io.inferc.common.internal.ResourceLines;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The names of the standard operators, and the opsets they belong to. */
final class OperatorTable {
  /** The newest default operator set in the table. */
  static final int NEWEST_OPSET = 28;

  /** The newest set of operators for classical machine learning. */
  static final int NEWEST_ML_OPSET = 5;

  private static final String RESOURCE = "operators.txt";
  private static final int NEVER = Integer.MAX_VALUE;

  private record Life(int since, int withdrawn) {}

  private final Map<String, Life> lives = new HashMap<>();

  OperatorTable() {
    for (String line : ResourceLines.of(OperatorTable.class, RESOURCE)) {
      List<String> words = List.of(line.split(" ", -1));
      int withdrawn = words.size() > 3 ? Integer.parseInt(words.get(3)) : NEVER;
      lives.put(
          Entries.domain(words.get(0)) + "/" + words.get(1),
          new Life(Integer.parseInt(words.get(2)), withdrawn));
    }
  }

  /** Says why an operator cannot be used at an opset, if it cannot. */
  Optional<String> objection(String domain, String opType, int opset) {
    if (!domain.isEmpty() && !domain.equals("ai.onnx.ml")) {
      return Optional.empty();
    }
    String set = domain.isEmpty() ? "ai.onnx" : domain;
    Life life = lives.get(domain + "/" + opType);
    if (life == null) {
      return Optional.of("There is no operator '" + opType + "' in " + set + ".");
    }
    if (opset < life.since()) {
      return Optional.of(
          "The operator '"
              + opType
              + "' came with opset "
              + life.since()
              + " of "
              + set
              + ", and the model imports "
              + opset
              + ".");
    }
    return opset >= life.withdrawn()
        ? Optional.of(
            "The operator '"
                + opType
                + "' was withdrawn with opset "
                + life.withdrawn()
                + " of "
                + set
                + ", and the model imports "
                + opset
                + ".")
        : Optional.empty();
  }
}
