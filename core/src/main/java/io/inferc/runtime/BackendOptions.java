package io.inferc.runtime;

import java.util.SortedMap;

/**
 * The options that one back end understands, as a typed value of that back end's module.
 *
 * <p>Implementations are immutable.
 */
public interface BackendOptions {
  /**
   * Returns the name of the back end these options are for.
   *
   * @return for example {@code "onnxruntime"}
   */
  String backend();

  /**
   * Describes every setting that differs from its default, as stable text: for reports, and for the
   * fingerprint that decides whether a saved model still fits.
   *
   * @return setting names and values, sorted
   */
  SortedMap<String, String> describe();
}
