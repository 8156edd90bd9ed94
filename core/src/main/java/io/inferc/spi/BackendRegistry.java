package io.inferc.spi;

import io.inferc.runtime.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The back ends on a class path. A provider that fails to load is set aside with its reason and
 * never disturbs the others.
 *
 * <p>Immutable and thread-safe. Looking for back ends loads no native code; {@link #probe} and
 * {@link #open} do.
 */
public final class BackendRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(BackendRegistry.class);

  private static final Map<String, String> ARTIFACTS =
      Map.of(
          Target.ONNX_RUNTIME, "io.inferc:inferc-backend-onnxruntime",
          Target.TENSORRT, "io.inferc:inferc-backend-tensorrt",
          Target.OPENVINO, "io.inferc:inferc-backend-openvino",
          Target.MIGRAPHX, "io.inferc:inferc-backend-migraphx");

  private static final String SERVICES = "META-INF/services/" + BackendProvider.class.getName();
  private static final int MOST_FAILURES = 100;

  private final Map<String, List<BackendProvider>> providers;
  private final List<String> failures;

  private BackendRegistry(Map<String, List<BackendProvider>> providers, List<String> failures) {
    this.providers = providers;
    this.failures = failures;
  }

  /**
   * Looks for back ends with the calling thread's context class loader and with inferc's own: the
   * first sees what an application brings, the second is right on threads whose context knows
   * nothing of the application, as those of the common fork-join pool do under a loader of nested
   * jars.
   *
   * @return the registry
   */
  public static BackendRegistry discover() {
    return discover(
        Thread.currentThread().getContextClassLoader(), BackendRegistry.class.getClassLoader());
  }

  /**
   * Looks for back ends with class loaders, one after the other. A class that several find is taken
   * once.
   *
   * @param loaders where to look; null stands for the system's
   * @return the registry
   */
  public static BackendRegistry discover(@Nullable ClassLoader... loaders) {
    Map<String, BackendProvider> found = new LinkedHashMap<>();
    Set<String> failures = new LinkedHashSet<>();
    for (ClassLoader loader : new LinkedHashSet<>(Arrays.asList(loaders))) {
      find(loader, found, failures);
    }
    return of(List.copyOf(found.values()), failures);
  }

  private static void find(
      @Nullable ClassLoader loader, Map<String, BackendProvider> found, Set<String> failures) {
    var candidates = ServiceLoader.load(BackendProvider.class, loader).stream().iterator();
    // Where the list of services itself cannot be read, each look at it fails again.
    for (int failed = 0; failed < MOST_FAILURES; ) {
      try {
        if (!candidates.hasNext()) {
          return;
        }
        ServiceLoader.Provider<BackendProvider> candidate = candidates.next();
        if (!found.containsKey(candidate.type().getName())) {
          found.put(candidate.type().getName(), candidate.get());
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        failed++;
        if (failures.add(rootMessage(e))) {
          LOG.warn("A back end's provider could not be loaded and is left out", e);
        }
      }
    }
  }

  /**
   * Makes a registry of given providers.
   *
   * @param providers the providers
   * @return the registry
   */
  public static BackendRegistry of(List<? extends BackendProvider> providers) {
    return of(providers, List.of());
  }

  private static BackendRegistry of(
      List<? extends BackendProvider> providers, Collection<String> failures) {
    Map<String, List<BackendProvider>> byName = new TreeMap<>();
    for (BackendProvider provider : providers) {
      byName.computeIfAbsent(provider.name(), n -> new ArrayList<>()).add(provider);
    }
    return new BackendRegistry(Collections.unmodifiableMap(byName), List.copyOf(failures));
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root == e ? String.valueOf(e.getMessage()) : e.getMessage() + " (" + root + ")";
  }

  /**
   * Returns the providers, in the order of their names.
   *
   * @return all that could be loaded, also those of one name
   */
  public List<BackendProvider> providers() {
    return providers.values().stream().flatMap(List::stream).toList();
  }

  /**
   * Returns what kept providers from being loaded.
   *
   * @return one text for each that failed
   */
  public List<String> failures() {
    return failures;
  }

  /**
   * Finds the provider of a name.
   *
   * @param name the back end's name
   * @return the provider
   * @throws BackendUnavailableException if there is none, or more than one; the message lists what
   *     there is and names the artifact to add
   */
  public BackendProvider provider(String name) {
    List<BackendProvider> named = providers.getOrDefault(name, List.of());
    if (named.isEmpty()) {
      throw new BackendUnavailableException(
          "Tried to use the back end '"
              + name
              + "', but the class path has "
              + (providers.isEmpty() ? "no back end at all" : "only " + providers.keySet())
              + "."
              + (failures.isEmpty() ? "" : " Left out, since they failed to load: " + failures),
          ARTIFACTS.containsKey(name)
              ? remedy(ARTIFACTS.get(name))
              : "Correct the name, or add the artifact that brings it; inferc's own are "
                  + new TreeMap<>(ARTIFACTS)
                  + ".",
          null);
    }
    if (named.size() > 1) {
      throw new BackendUnavailableException(
          "Tried to use the back end '"
              + name
              + "', but "
              + named.size()
              + " providers have that name: "
              + named.stream().map(BackendRegistry::describe).collect(Collectors.joining(" and "))
              + ".",
          "Remove all but one from the class path.",
          null);
    }
    return named.get(0);
  }

  private static String remedy(String artifact) {
    return "Add the Maven artifact "
        + artifact
        + ". If it is inside a jar that was merged from several, its "
        + SERVICES
        + " has to be merged with the others' files of that name, line by line, as the shade"
        + " plugin's ServicesResourceTransformer does.";
  }

  private static String describe(BackendProvider provider) {
    var source = provider.getClass().getProtectionDomain().getCodeSource();
    return provider.getClass().getName()
        + (source == null || source.getLocation() == null ? "" : " in " + source.getLocation());
  }

  /**
   * Probes a provider, also one that breaks the rule that a probe never throws.
   *
   * @param provider the provider
   * @return what it found
   */
  public static Availability probe(BackendProvider provider) {
    try {
      return provider.probe();
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("The probe of the back end {} threw", provider.name(), e);
      return new Availability.Unavailable(
          "Its probe failed unexpectedly: " + e + ".",
          "Report this to the author of " + provider.getClass().getName() + ".");
    }
  }

  /**
   * Resolves a target to the first of its choices that is available, and opens it.
   *
   * @param target the target
   * @return the back end and the choice it was opened for
   * @throws BackendUnavailableException if none is available; the message has the reason for each
   */
  public Opened open(Target target) {
    List<String> reasons = new ArrayList<>();
    BackendUnavailableException first = null;
    for (Target.Choice choice : target.choices()) {
      try {
        Optional<String> refusal = refusal(choice, target.isAutomatic());
        if (refusal.isEmpty()) {
          return new Opened(provider(choice.backend()).open(), choice);
        }
        reasons.add(choice + ": " + refusal.get());
      } catch (BackendUnavailableException e) {
        if (target.choices().size() == 1) {
          throw e;
        }
        first = first == null ? e : first;
        reasons.add(choice + ": " + e.problem() + " " + e.remedy());
      }
    }
    throw new BackendUnavailableException(
        "Tried to use " + target + ", but none of it can work here: " + String.join(" | ", reasons),
        "Follow one of the remedies above, or choose another target.",
        first);
  }

  /**
   * Opens all choices of a target that are available.
   *
   * @param target the target
   * @return what was opened, in the target's order, and why the rest was not
   * @throws BackendUnavailableException if none is available; the message has the reason for each
   */
  public OpenedAll openAll(Target target) {
    Objects.requireNonNull(target, "target");
    List<Opened> opened = new ArrayList<>();
    Map<Target.Choice, String> refused = new LinkedHashMap<>();
    for (Target.Choice choice : target.choices()) {
      try {
        Optional<String> refusal = refusal(choice, target.isAutomatic());
        if (refusal.isEmpty()) {
          opened.add(new Opened(provider(choice.backend()).open(), choice));
        } else {
          refused.put(choice, refusal.get());
        }
      } catch (BackendUnavailableException e) {
        refused.put(choice, e.problem() + " " + e.remedy());
      }
    }
    if (opened.isEmpty()) {
      throw new BackendUnavailableException(
          "Tried to use "
              + target
              + ", but none of it can work here: "
              + refused.entrySet().stream()
                  .map(e -> e.getKey() + ": " + e.getValue())
                  .collect(Collectors.joining(" | ")),
          "Follow one of the remedies above, or choose another target.",
          null);
    }
    return new OpenedAll(List.copyOf(opened), Collections.unmodifiableMap(refused));
  }

  private Optional<String> refusal(Target.Choice choice, boolean automatic) {
    Availability availability = probe(provider(choice.backend()));
    if (availability instanceof Availability.Unavailable u) {
      return Optional.of(u.reason() + " " + u.remedy());
    }
    boolean referenceOnly =
        ((Availability.Available) availability).devices().stream().allMatch(Device::reference);
    return automatic && choice.device().isEmpty() && referenceOnly
        ? Optional.of("It has a reference implementation only. Ask for it by name to use that.")
        : Optional.empty();
  }

  /**
   * What was opened of several choices.
   *
   * @param opened the back ends that are available, in order, at least one
   * @param refused why the other choices are not, by choice
   */
  public record OpenedAll(List<Opened> opened, Map<Target.Choice, String> refused) {}

  /**
   * A back end that was opened.
   *
   * @param backend the back end
   * @param choice the choice of the target that it serves
   */
  public record Opened(Backend backend, Target.Choice choice) {}
}
