package io.inferc.rewrite;

<<<<<<< HEAD
/** A part of a network that rules can name, whether it is one operator or several. */
public enum Block {
  /** Scaled dot-product attention: both products, and what stands between them. */
  ATTENTION("attention"),
  /** Layer normalization, as one operator or spelled out. */
  LAYER_NORM("layer normalization"),
  /** Softmax, inside and outside of attention. */
  SOFTMAX("softmax"),
  /** The Gaussian error linear unit, as one operator or spelled out. */
  GELU("GELU"),
  /** A look-up of rows of a constant table. */
  EMBEDDING("embedding");

  private final String text;

  Block(String text) {
    this.text = text;
  }

  /** Returns for example {@code layer normalization}. */
  @Override
  public String toString() {
    return text;
  }
=======
/** A part of a network that rules about precision can name, whatever nodes it is made of. */
public enum Block {
  /**
   * Scaled dot-product attention without its Softmax: from the product of query and key to the
   * product with the value, or one operator that does it all.
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
>>>>>>> half
}
