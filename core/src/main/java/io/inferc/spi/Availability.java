package io.inferc.spi;

import java.util.List;

/** What a probe found. */
public sealed interface Availability {
  /**
   * The back end can work.
   *
   * @param version the runtime's own version text
   * @param devices what can be compiled for, the default first; at least one
   */
  record Available(String version, List<Device> devices) implements Availability {
    public Available {
      devices = List.copyOf(devices);
      if (devices.isEmpty()) {
        throw new IllegalArgumentException(
            "Tried to report a back end as available without any device; report it as unavailable"
                + " with the reason.");
      }
    }
  }

  /**
   * The back end cannot work here.
   *
   * @param reason what is missing, as a whole sentence
   * @param remedy what to do about it, as a whole sentence
   */
  record Unavailable(String reason, String remedy) implements Availability {}

  /**
   * Tells whether the back end can work.
   *
   * @return true for {@link Available}
   */
  default boolean isAvailable() {
    return this instanceof Available;
  }
}
