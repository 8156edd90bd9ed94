package io.inferc.backend.migraphx;

import java.io.Serial;

/**
 * A call of MIGraphX's C interface, or of the GPU runtime below it, that did not succeed; whoever
 * knows what it was for says so.
 */
final class MigraphxCallException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String function;
  private final int status;

  MigraphxCallException(String function, int status) {
    this(function, status, meaning(status));
  }

  /** A call of the GPU's runtime, whose statuses mean something else. */
  MigraphxCallException(String function, int status, String meaning) {
    super(function + " returned the status " + status + " (" + meaning + ")");
    this.function = function;
    this.status = status;
  }

  String function() {
    return function;
  }

  int status() {
    return status;
  }

  /** What the header says of a status. */
  static String meaning(int status) {
    return switch (status) {
      case 0 -> "success";
      case 1 -> "bad parameter";
      case 3 -> "unknown target";
      case 4 -> "unknown error, which any exception inside MIGraphX becomes";
      default -> "a status that MIGraphX's header does not name";
    };
  }
}
