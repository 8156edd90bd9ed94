package io.inferc.rewrite.layer;

import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RealModels;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BlockFinderTest {
  @Test
  void attentionGoesFromScoresToValues() {
    OnnxModel model =
        model(
            17,
            "n, 4",
            g ->
                g.initializer(weights("w", 4, 4))
                    .initializer(scalar("two", 2))
                    .node(node("q", "MatMul", List.of("x", "w")))
                    .node(node("kt", "Transpose", List.of("x")))
                    .node(node("scores", "MatMul", List.of("q", "kt")))
                    .node(node("scaled", "Div", List.of("scores", "two")))
                    .node(node("masked", "Add", List.of("scaled", "two")))
                    .node(node("weights", "Softmax", List.of("masked")))
                    .node(node("kept", "Dropout", List.of("weights")))
                    .node(node("values", "MatMul", List.of("kept", "x")))
                    .node(node("y", "MatMul", List.of("values", "w"))));
    assertEquals(
        new TreeMap<>(
            Map.of(
                "scores", Set.of(Block.ATTENTION),
                "scaled", Set.of(Block.ATTENTION),
                "masked", Set.of(Block.ATTENTION),
                "weights", Set.of(Block.ATTENTION, Block.SOFTMAX),
                "kept", Set.of(Block.ATTENTION),
                "values", Set.of(Block.ATTENTION))),
        new TreeMap<>(BlockFinder.find(model)));
  }

  @Test
  void aClassifiersSoftmaxIsNoAttention() {
    OnnxModel model =
        model(
            17,
            "n, 4",
            g ->
                g.initializer(weights("w", 4, 4))
                    .node(node("logits", "MatMul", List.of("x", "w")))
                    .node(node("y", "Softmax", List.of("logits"))));
    assertEquals(Map.of("y", Set.of(Block.SOFTMAX)), BlockFinder.find(model));
  }

  @Test
  void lookingUpRowsOfATableIsAnEmbedding() {
    OnnxModel model =
        model(
            17,
            "n, 4",
            g ->
                g.input(TensorSpec.of("ids", DataType.INT64, "n"))
                    .initializer(weights("table", 9, 4))
                    .initializer(longs("one", 1))
                    .node(node("rows", "Gather", List.of("table", "ids")))
                    .node(
                        node("column", "Gather", List.of("table", "one"), Attribute.of("axis", 1)))
                    .node(node("fixed", "Gather", List.of("table", "one")))
                    .node(node("y", "Sum", List.of("x", "rows", "fixed"))));
    assertEquals(Map.of("rows", Set.of(Block.EMBEDDING)), BlockFinder.find(model));
  }

  @Test
  void singleOperatorsAreBlocksOfTheirOwn() {
    OnnxModel model =
        model(
            20,
            "n, 4",
            g ->
                g.initializer(weights("s", 4))
                    .node(node("norm", "LayerNormalization", List.of("x", "s")))
                    .node(node("gelu", "Gelu", List.of("norm")))
                    .node(Node.of("Softmax", List.of("gelu"), List.of("y"))));
    assertEquals(
        Map.of("norm", Set.of(Block.LAYER_NORM), "gelu", Set.of(Block.GELU)),
        BlockFinder.find(model));
  }

  @Test
  void ofATextEncoderAllBlocksAreFoundBeforeAndAfterFusion() {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    Map<Block, Long> pieces = counts(model);
    assertEquals(6L, pieces.get(Block.SOFTMAX));
    assertEquals(3L, pieces.get(Block.EMBEDDING));
    assertEquals(13 * 9L, pieces.get(Block.LAYER_NORM));
    assertEquals(6 * 5L, pieces.get(Block.GELU));
    // Scores, scaling, mask, Softmax and values in each of six layers.
    assertEquals(6 * 5L, pieces.get(Block.ATTENTION));
    OnnxModel fused = CleanUp.pipeline().apply(model.upgradeOpset(20), new RewriteLog());
    Map<Block, Long> whole = counts(fused);
    assertEquals(13L, whole.get(Block.LAYER_NORM));
    assertEquals(6L, whole.get(Block.GELU));
    assertEquals(6 * 5L, whole.get(Block.ATTENTION));
    assertEquals(6L, whole.get(Block.SOFTMAX));
    assertEquals(3L, whole.get(Block.EMBEDDING));
  }

  private static Map<Block, Long> counts(OnnxModel model) {
    OnnxModel named = new UniqueNames().apply(model, new RewriteLog());
    return BlockFinder.find(named).values().stream()
        .flatMap(Set::stream)
        .collect(Collectors.groupingBy(b -> b, Collectors.counting()));
  }
}
