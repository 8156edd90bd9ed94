package io.inferc.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.OnnxModel;
import io.inferc.testing.RealModels;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blocks of a transformer whose exporter spelt them out. */
class BlockFinderTest {
  @Test
  void theBlocksOfATransformerOfSixLayersAreFound() {
    OnnxModel model =
        new UniqueNames().apply(OnnxModel.load(RealModels.MINILM.path()), new RewriteLog());
    Map<String, Block> blocks = BlockFinder.find(model);
    // Layer normalization: the embeddings' and two a layer. GELU: one a layer, of five nodes.
    assertEquals(13 * 9, Collections.frequency(blocks.values(), Block.LAYER_NORM));
    assertEquals(6 * 5, Collections.frequency(blocks.values(), Block.GELU));
    assertEquals(3, Collections.frequency(blocks.values(), Block.EMBEDDING));
    assertEquals(
        6,
        model.graph().nodes().stream()
            .filter(n -> n.opType().equals("Softmax"))
            .filter(n -> blocks.get(n.name()) == Block.ATTENTION)
            .count());
    assertEquals(
        12,
        model.graph().nodes().stream()
            .filter(n -> n.opType().equals("MatMul"))
            .filter(n -> blocks.get(n.name()) == Block.ATTENTION)
            .count());
  }
}
