package io.inferc.common;

import java.io.Serial;

/** Thrown when something that owns native memory is used after it was closed. */
public class ResourceClosedException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param asked what the caller tried, for example {@code "run an inference session"}
   * @param resource what was closed, for example {@code "the session of model all-minilm"}
   */
  public ResourceClosedException(String asked, String resource) {
    super(
        Stage.RUN,
        "Tried to " + asked + ", but " + resource + " is closed.",
        "Keep it open for as long as it is used; try-with-resources around the whole use does so.");
  }
}
