package io.inferc.rewrite;

/**
 * One thing that a pass did, or decided not to do.
 *
 * @param pass the pass's name
 * @param node the node's name
 * @param kind whether it was changed
 * @param text what was done, or why nothing was: a whole sentence
 */
public record RewriteNote(String pass, String node, Kind kind, String text) {
  /** What happened to a node. */
  public enum Kind {
    /** The node was changed, replaced or removed. */
    CHANGED,
    /** The node was a candidate and was left alone. */
    LEFT_ALONE
  }
}
