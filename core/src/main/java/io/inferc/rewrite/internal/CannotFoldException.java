package io.inferc.rewrite.internal;

/** Says that the value of a node cannot be told, or not exactly. It never leaves this package. */
public final class CannotFoldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CannotFoldException(String reason) {
    // Many nodes are tried, and nobody looks at the stack.
    super(reason, null, false, false);
  }
}
