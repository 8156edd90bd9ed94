package io.inferc.spi;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a saved model depends on: stored with it, compared before it is loaded.
 *
 * @param backend the back end's name
 * @param backendVersion the runtime's version text
 * @param device the device it was compiled for
 * @param properties whatever else matters, for example CPU flags, driver version or options; sorted
 */
public record Fingerprint(
    String backend, String backendVersion, String device, SortedMap<String, String> properties) {
  public Fingerprint {
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(backendVersion, "backendVersion");
    Objects.requireNonNull(device, "device");
    properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
  }

  /**
   * Makes a fingerprint from unsorted properties.
   *
   * @param backend the back end's name
   * @param backendVersion the runtime's version text
   * @param device the device
   * @param properties whatever else matters
   * @return the fingerprint
   */
  public static Fingerprint of(
      String backend, String backendVersion, String device, Map<String, String> properties) {
    return new Fingerprint(backend, backendVersion, device, new TreeMap<>(properties));
  }
}
