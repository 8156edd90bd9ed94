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
  private final boolean ofHip;

  MigraphxCallException(String function, int status) {
    this(function, status, meaning(status), false);
  }

  private MigraphxCallException(String function, int status, String meaning, boolean ofHip) {
    super(function + " returned the status " + status + " (" + meaning + ")");
    this.function = function;
    this.status = status;
    this.ofHip = ofHip;
  }

  /**
   * A call of HIP, whose statuses mean something else.
   *
   * @param name what HIP calls the status
   */
  static MigraphxCallException ofHip(String function, int status, String name) {
    return new MigraphxCallException(function, status, name, true);
  }

  /** Whose call it was and what it returned, for the middle of a sentence. */
  String call() {
    return (ofHip ? "HIP's " : "MIGraphX's ") + getMessage();
  }

  /** Where the library's own words are, as a sentence. */
  String words() {
    return ofHip
        ? " HIP says more on the standard error stream of this process if AMD_LOG_LEVEL is set."
        : " MIGraphX wrote its own words to the standard error stream of this process.";
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
