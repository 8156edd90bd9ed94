package io.inferc.shape.internal;

/** What an operator's definition says of the shapes and values of its outputs. */
interface Rule {
  /**
   * Writes down what follows. What it has written when it throws {@link Unproved} or {@link
   * ArithmeticException} stands; all else stays unknown.
   */
  void prove(NodeProof node);
}
