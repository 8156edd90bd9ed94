package io.inferc;

import io.inferc.spi.Availability;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * A back end on the class path.
 *
 * @param name the name a {@link io.inferc.runtime.Target} asks for
 * @param displayName the name for a person
 * @param availability version and devices, or why it cannot work and what to do
 */
public record BackendInfo(String name, String displayName, Availability availability) {
  static List<BackendInfo> list(BackendRegistry registry) {
    List<BackendInfo> infos = new ArrayList<>();
    for (BackendProvider provider : registry.providers()) {
      infos.add(
          new BackendInfo(
              provider.name(), provider.displayName(), BackendRegistry.probe(provider)));
    }
    for (String failure : registry.failures()) {
      infos.add(
          new BackendInfo(
              "?",
              "A provider that failed to load",
              new Availability.Unavailable(
                  failure, "Repair or remove the jar that registers it.")));
    }
    return List.copyOf(infos);
  }

  /** Returns one line for a back end that cannot work, and one more for each device otherwise. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(displayName).append(" (").append(name).append(')');
    if (availability instanceof Availability.Unavailable u) {
      return text.append(": not available. ")
          .append(u.reason())
          .append(' ')
          .append(u.remedy())
          .toString();
    }
    Availability.Available available = (Availability.Available) availability;
    text.append(' ').append(available.version());
    for (Device device : available.devices()) {
      text.append(System.lineSeparator()).append("  ").append(device.id()).append(": ");
      text.append(device.description());
      if (device.memoryBytes().isPresent()) {
        text.append(String.format(", %.1f GiB", device.memoryBytes().getAsLong() / 0x1p30));
      }
      text.append(device.reference() ? ", reference implementation" : "");
    }
    return text.toString();
  }
}
