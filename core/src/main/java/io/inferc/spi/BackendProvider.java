package io.inferc.spi;

/**
 * The entry of a back end, found by {@link java.util.ServiceLoader}.
 *
 * <p>The constructor must be cheap and load no native code. Thread-safe.
 */
public interface BackendProvider {
  /**
   * Returns the name by which a {@link io.inferc.runtime.Target} asks for this back end.
   *
   * @return lower-case letters and digits, unique among the back ends of an application
   */
  String name();

  /**
   * Returns the name for a person.
   *
   * @return for example {@code "ONNX Runtime"}
   */
  String displayName();

  /**
   * Finds out whether the back end can work here. Never throws and never brings the JVM down: what
   * could is checked before native code is called. May take a second the first time, and may be
   * called again.
   *
   * @return what is there, or why it is not and what to do
   */
  Availability probe();

  /**
   * Loads the native code and makes the back end ready.
   *
   * @return the back end; it owns nothing that needs closing, the models it makes do
   * @throws BackendUnavailableException if it cannot work here
   */
  Backend open();
}
