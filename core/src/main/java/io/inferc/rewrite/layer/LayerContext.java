package io.inferc.rewrite.layer;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.EmbeddingTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What selectors must know of a model. Not thread-safe. */
final class LayerContext {
  private final OnnxModel model;
  private final Map<String, Integer> positions = new HashMap<>();
  private @Nullable Map<String, Set<Block>> blocks;

  LayerContext(OnnxModel model, Set<String> candidates) {
    this.model = model;
    for (Node node : model.graph().nodes()) {
      // A table is no layer: what is first in a network is a computation.
      if (candidates.contains(node.name()) && !EmbeddingTable.is(node)) {
        positions.put(node.name(), positions.size());
      }
    }
  }

  /** Returns the place of a node among the layers that can be quantized, or -1. */
  int position(String node) {
    return positions.getOrDefault(node, -1);
  }

  int layerCount() {
    return positions.size();
  }

  boolean isIn(Block block, String node) {
    Map<String, Set<Block>> found = blocks;
    if (found == null) {
      found = BlockFinder.find(model);
      blocks = found;
    }
    return found.getOrDefault(node, Set.of()).contains(block);
  }
}
