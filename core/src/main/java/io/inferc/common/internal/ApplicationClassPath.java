package io.inferc.common.internal;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The class path on which a second JVM sees what this application sees: what its class loaders were
 * given (as in a build tool that runs a main class inside its own JVM), what the class path has,
 * and what the module path has. Modules' jars work on a class path too.
 *
 * <p>A loader that reads jars inside of a jar shows no place that another JVM could read; what only
 * it sees is missing.
 */
public final class ApplicationClassPath {
  private ApplicationClassPath() {}

  /**
   * Puts the class path together, the nearest loader's part first.
   *
   * @param loader the loader that sees the application's classes
   * @return folders and jars, as {@code CLASSPATH} takes them
   */
  public static String of(@Nullable ClassLoader loader) {
    Set<String> places = new LinkedHashSet<>();
    for (ClassLoader next = loader; next != null; next = next.getParent()) {
      if (next instanceof URLClassLoader urls) {
        Stream.of(urls.getURLs()).flatMap(ApplicationClassPath::files).forEach(places::add);
      }
    }
    places.addAll(parts("java.class.path"));
    for (String part : parts("jdk.module.path")) {
      addModules(Path.of(part), places);
    }
    return String.join(File.pathSeparator, places);
  }

  private static List<String> parts(String property) {
    return Stream.of(System.getProperty(property, "").split(File.pathSeparator))
        .filter(p -> !p.isEmpty())
        .toList();
  }

  private static Stream<String> files(URL url) {
    try {
      return Stream.of(Path.of(url.toURI()).toString());
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      return Stream.empty();
    }
  }

  /** An entry of a module path is a module, or a folder of modules. */
  private static void addModules(Path entry, Collection<String> places) {
    if (!Files.isDirectory(entry) || Files.exists(entry.resolve("module-info.class"))) {
      places.add(entry.toString());
      return;
    }
    try (Stream<Path> modules = Files.list(entry)) {
      modules
          .filter(m -> Files.isDirectory(m) || m.toString().endsWith(".jar"))
          .map(Path::toString)
          .sorted()
          .forEach(places::add);
    } catch (IOException e) {
      // The JVM that reads the class path passes over what it cannot read, too.
      places.add(entry.toString());
    }
  }
}
