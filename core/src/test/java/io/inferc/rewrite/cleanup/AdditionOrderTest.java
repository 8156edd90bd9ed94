package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.positive;
import static io.inferc.testing.TestGraphs.weights;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdditionOrderTest {
  private static final String WHOLE = "batch, length, 12";

  private static TensorSpec spec(String name, String shape) {
    return TensorSpec.of(name, DataType.FLOAT32, shape);
  }

  /** Words, types and positions, summed and normalized. */
  private static OnnxModel sum(String positions, String reader, boolean declared) {
    GraphBuilder graph =
        Graph.builder("embeddings")
            .input(spec("words", WHOLE))
            .input(spec("types", WHOLE))
            .input(spec("row", positions))
            .node(node("positions", "Tanh", List.of("row")))
            .node(node("texts", "Add", List.of("words", "types")))
            .node(node("sum", "Add", List.of("texts", "positions")))
            .output(spec("y", WHOLE));
    if (declared) {
      graph.valueInfo(spec("positions", positions)).valueInfo(spec("sum", WHOLE));
    }
    if (reader.equals("LayerNormalization")) {
      graph
          .initializer(positive("scale", 12))
          .initializer(weights("shift", 12))
          .node(node("y", reader, List.of("sum", "scale", "shift")));
    } else {
      graph.node(node("y", reader, List.of("sum")));
    }
    return OnnxModel.of(graph.build(), 17);
  }

  private static PassFixture fixture(OnnxModel model) {
    return PassFixture.of(new AdditionOrder()).model(model);
  }

  @Test
  void whatIsSpreadIsAddedFirst() {
    fixture(sum("1, length, 12", "LayerNormalization", true))
        .check(
            """
            const scale: FLOAT32[12]
            const shift: FLOAT32[12]
            positions: Tanh(row) -> positions
            texts: Add(words, positions) -> texts
            sum: Add(texts, types) -> sum
            y: LayerNormalization(sum, scale, shift) -> y
            return y
            """)
        .checkNote("sum", RewriteNote.Kind.CHANGED, "added first")
        .checkSound(1e-5);
  }

  @Test
  void otherSumsStay() {
    fixture(sum(WHOLE, "LayerNormalization", true)).checkUnchanged();
    fixture(sum("1, length, 12", "LayerNormalization", false)).checkUnchanged();
    fixture(sum("1, length, 12", "Relu", true)).checkUnchanged();
  }
}
