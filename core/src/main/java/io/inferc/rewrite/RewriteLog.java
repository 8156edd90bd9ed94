package io.inferc.rewrite;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what passes do to a model, for the report: notes about nodes, and a record of each pass
 * that a pipeline ran.
 *
 * <p>Not thread-safe.
 */
public final class RewriteLog {
  private final List<RewriteNote> notes = new ArrayList<>();
  private final List<PassRecord> passes = new ArrayList<>();

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

  /** Records what a pass came to. */
  void ran(PassRecord pass) {
    passes.add(pass);
  }

  /**
   * Returns what each pass came to.
   *
   * @return a record of each pass that a pipeline ran or left out, in order
   */
  public List<PassRecord> passes() {
    return List.copyOf(passes);
  }
}
