package io.inferc.rewrite;

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
}
