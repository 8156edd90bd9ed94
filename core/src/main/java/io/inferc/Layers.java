package io.inferc;

import io.inferc.rewrite.layer.Block;
import io.inferc.rewrite.layer.LayerSelector;
import java.util.Objects;

/**
 * Selects layers of a model, for rules about their precision.
 *
 * <pre>{@code
 * LayerSelector sensitive =
 *     Layers.firstAndLast().or(Layers.named("/encoder/layer.5/*")).or(Layers.softmax());
 * }</pre>
 */
public final class Layers {
  private Layers() {}

  /**
   * Selects the first and the last layer that can be quantized, which are often the most sensitive.
   *
   * @return the selector
   */
  public static LayerSelector firstAndLast() {
    return LayerSelector.firstAndLast();
  }

  /**
   * Selects the first layers that can be quantized, in the order of the graph.
   *
   * @param count how many, 1 or more
   * @return the selector
   * @throws IllegalArgumentException if it is less
   */
  public static LayerSelector first(int count) {
    return LayerSelector.first(count);
  }

  /**
   * Selects the last layers that can be quantized, in the order of the graph.
   *
   * @param count how many, 1 or more
   * @return the selector
   * @throws IllegalArgumentException if it is less
   */
  public static LayerSelector last(int count) {
    return LayerSelector.last(count);
  }

  /**
   * Selects nodes by name.
   *
   * @param patterns names, in which {@code *} stands for any characters, slashes included, and
   *     {@code ?} for one
   * @return the selector
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public static LayerSelector named(String... patterns) {
    Objects.requireNonNull(patterns, "patterns");
    return LayerSelector.named(patterns);
  }

  /**
   * Selects nodes by operator.
   *
   * @param opTypes operator types as ONNX writes them, for example {@code "Conv"}
   * @return the selector
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public static LayerSelector ofType(String... opTypes) {
    Objects.requireNonNull(opTypes, "opTypes");
    return LayerSelector.ofType(opTypes);
  }

  /**
   * Selects the nodes of all blocks of a kind.
   *
   * @param block the kind
   * @return the selector
   */
  public static LayerSelector block(Block block) {
    Objects.requireNonNull(block, "block");
    return LayerSelector.inBlock(block);
  }

  /**
   * Selects scaled dot-product attention: from the product of query and key over its Softmax to the
   * product with the value.
   *
   * @return the selector
   */
  public static LayerSelector attention() {
    return block(Block.ATTENTION);
  }

  /**
   * Selects layer normalization, as one operator or spelled out.
   *
   * @return the selector
   */
  public static LayerSelector layerNorms() {
    return block(Block.LAYER_NORM);
  }

  /**
   * Selects softmax, inside and outside of attention.
   *
   * @return the selector
   */
  public static LayerSelector softmax() {
    return block(Block.SOFTMAX);
  }

  /**
   * Selects all nodes that another selector does not.
   *
   * @param selector the other selector
   * @return the selector
   */
  public static LayerSelector not(LayerSelector selector) {
    Objects.requireNonNull(selector, "selector");
    return selector.not();
  }
}
