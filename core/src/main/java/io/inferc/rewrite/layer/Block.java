package io.inferc.rewrite.layer;

/** A part of a network that rules about precision can name, whatever nodes it is made of. */
public enum Block {
  /**
   * Scaled dot-product attention: from the product of query and key over its Softmax to the product
   * with the value, or one operator that does it all. The products that make query, key and value
   * of its input are not part of it.
   */
  ATTENTION,
  /** Layer normalization, as one operator or written out; root mean square normalization too. */
  LAYER_NORM,
  /** Softmax and LogSoftmax, in attention or anywhere else. */
  SOFTMAX,
  /** Gelu, as one operator or written out, exact or approximated. */
  GELU,
  /** The look-up of rows of a constant table. */
  EMBEDDING
}
