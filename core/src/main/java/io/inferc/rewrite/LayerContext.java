package io.inferc.rewrite;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What selectors must know of a model. Not thread-safe. */
final class LayerContext {
  // An operator that is a block by itself is one wherever it stands, inside a larger block too.
  private static final Map<Block, Set<String>> OPERATORS =
      Map.of(
          Block.SOFTMAX,
          Set.of("Softmax", "LogSoftmax"),
          Block.LAYER_NORM,
          Set.of("LayerNormalization", "SkipLayerNormalization", "SimplifiedLayerNormalization"),
          Block.GELU,
          Set.of("Gelu", "FastGelu", "BiasGelu", "QuickGelu"),
          Block.ATTENTION,
          Set.of("Attention", "MultiHeadAttention"));

  private final OnnxModel model;
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, String> operators = new HashMap<>();
  private @Nullable Map<String, Block> blocks;

  LayerContext(OnnxModel model, Set<String> candidates) {
    this.model = model;
    for (Node node : model.graph().nodes()) {
      operators.put(node.name(), node.opType());
      if (candidates.contains(node.name())) {
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
    Map<String, Block> found = blocks;
    if (found == null) {
      found = BlockFinder.find(model);
      blocks = found;
    }
    return found.get(node) == block
        || OPERATORS.getOrDefault(block, Set.of()).contains(operators.getOrDefault(node, ""));
  }
}
