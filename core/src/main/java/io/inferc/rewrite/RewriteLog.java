package io.inferc.rewrite;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what passes do to a model, for the report.
 *
 * <p>Not thread-safe.
 */
public final class RewriteLog {
  private final List<RewriteNote> notes = new ArrayList<>();

  /** Creates an empty log. */
  public RewriteLog() {}

  /**
   * Notes that a node was changed, replaced or removed.
   *
   * @param pass the pass
   * @param node the node's name
   * @param text what was done, a whole sentence
   */
  public void changed(GraphPass pass, String node, String text) {
    notes.add(new RewriteNote(pass.name(), node, RewriteNote.Kind.CHANGED, text));
  }

  /**
   * Notes that a node was a candidate, but left alone.
   *
   * @param pass the pass
   * @param node the node's name
   * @param text why, a whole sentence
   */
  public void leftAlone(GraphPass pass, String node, String text) {
    notes.add(new RewriteNote(pass.name(), node, RewriteNote.Kind.LEFT_ALONE, text));
  }

  /**
   * Returns what was noted.
   *
   * @return the notes in order
   */
  public List<RewriteNote> notes() {
    return List.copyOf(notes);
  }
}
