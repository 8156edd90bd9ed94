package io.inferc.onnx;

import io.inferc.common.internal.Messages;
import java.util.Objects;

/**
 * One thing that is wrong with a model. Texts that repeat very long names of the model are cut in
 * the middle.
 *
 * @param severity how bad it is
 * @param location where it is: the path through graphs, functions and nodes, such as {@code graph
 *     'main' / node 12 'conv1' (Conv)}
 * @param field the field of the ONNX schema that is at fault, such as {@code input[0]}
 * @param message what is wrong, as whole sentences
 * @param remedy what to do about it, as whole sentences
 */
public record ModelProblem(
    Severity severity, String location, String field, String message, String remedy) {

  private static final int LONGEST = 1000;

  /** How bad a problem is. */
  public enum Severity {
    /** The specification advises against it; runtimes accept it. */
    WARNING,
    /** No runtime can run the model as its author meant it. */
    ERROR
  }

  /** Checks that nothing is missing. */
  public ModelProblem {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(remedy, "remedy");
    location = Messages.cut(location, LONGEST);
    field = Messages.cut(field, LONGEST);
    message = Messages.cut(message, LONGEST);
  }

  /**
   * Returns where the problem is and what it is, without severity and remedy.
   *
   * @return one line
   */
  public String describe() {
    return location + ", " + field + ": " + message;
  }

  /** Returns one line with everything. */
  @Override
  public String toString() {
    return severity + " " + location + ", " + field + ": " + message + " " + remedy;
  }
}
