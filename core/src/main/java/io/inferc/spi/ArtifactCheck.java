package io.inferc.spi;

/** Whether a saved model can be used here. */
public sealed interface ArtifactCheck {
  /** The saved model fits. */
  record Fits() implements ArtifactCheck {}

  /**
   * The saved model must not be loaded.
   *
   * @param reason what differs, with both values, as a whole sentence
   * @param remedy what to do, as a whole sentence
   */
  record Refused(String reason, String remedy) implements ArtifactCheck {}
}
