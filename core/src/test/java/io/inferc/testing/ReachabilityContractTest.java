package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a module says in {@code reachability-metadata.json}, so that an application can be compiled
 * to a native executable by GraalVM: of the form that GraalVM reads, true, and whole.
 */
public abstract class ReachabilityContractTest {
  private static final String FILE = "reachability-metadata.json";

  /** What code that we do not call, native or reflective, looks into. */
  private static final Set<String> LOOKED_INTO =
      Set.of(
          "com.sun.jna.Callback",
          "com.sun.jna.Library",
          "com.sun.jna.Structure",
          "org.bytedeco.javacpp.Pointer",
          "com.google.protobuf.GeneratedMessage",
          "com.google.protobuf.GeneratedMessage$Builder",
          "com.google.protobuf.ProtocolMessageEnum");

  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "file", Set.of("reflection", "resources"),
          "type",
              Set.of(
                  "type",
                  "methods",
                  "fields",
                  "jniAccessible",
                  "unsafeAllocated",
                  "allDeclaredConstructors",
                  "allPublicConstructors",
                  "allDeclaredMethods",
                  "allPublicMethods",
                  "allDeclaredFields",
                  "allPublicFields"),
          "proxy", Set.of("proxy"),
          "method", Set.of("name", "parameterTypes"),
          "field", Set.of("name"),
          "resource", Set.of("glob"));

  private Path root = Path.of("");
  private Path file = Path.of("");
  private JsonNode metadata = new ObjectMapper().createObjectNode();

  /** A class of the module. */
  protected abstract Class<?> anchor();

  @BeforeEach
  void read() throws IOException, URISyntaxException {
    root = Path.of(anchor().getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Path> found = files(root.resolve("META-INF/native-image/io.inferc"));
    assertEquals(1, found.size(), found::toString);
    file = found.get(0);
    assertEquals(FILE, file.getFileName().toString());
    metadata = new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void theFormIsWhatGraalVmReads() {
    requireKeys(metadata, "file");
    for (JsonNode entry : metadata.path("reflection")) {
      requireKeys(entry, "type");
      JsonNode type = entry.path("type");
      if (type.isObject()) {
        requireKeys(type, "proxy");
        assertTrue(type.path("proxy").isArray() && !type.path("proxy").isEmpty(), entry::toString);
      } else {
        assertTrue(type.isTextual(), entry::toString);
      }
      entry.path("methods").forEach(m -> requireKeys(m, "method"));
      entry.path("fields").forEach(f -> requireKeys(f, "field"));
      entry
          .properties()
          .forEach(
              p -> {
                if (!Set.of("type", "methods", "fields").contains(p.getKey())) {
                  assertTrue(p.getValue().isBoolean(), entry::toString);
                }
              });
    }
    for (JsonNode entry : metadata.path("resources")) {
      requireKeys(entry, "resource");
      assertTrue(entry.path("glob").isTextual(), entry::toString);
    }
  }

  private static void requireKeys(JsonNode object, String kind) {
    assertTrue(object.isObject(), object::toString);
    Iterator<String> names = object.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      assertTrue(KEYS.get(kind).contains(name), () -> kind + " has " + name + ": " + object);
    }
  }

  @Test
  void whatIsNamedIsThere() throws ClassNotFoundException {
    for (String name : named("type")) {
      load(name);
    }
    for (String name : named("proxy")) {
      assertTrue(load(name).isInterface(), name);
    }
    for (JsonNode entry : metadata.path("reflection")) {
      for (JsonNode method : entry.path("methods")) {
        requireMethod(load(entry.path("type").asText()), method);
      }
    }
  }

  private void requireMethod(Class<?> type, JsonNode method) {
    List<String> parameters = new ArrayList<>();
    method.path("parameterTypes").forEach(p -> parameters.add(p.asText()));
    String name = method.path("name").asText();
    Stream<Class<?>[]> candidates =
        name.equals("<init>")
            ? Arrays.stream(type.getDeclaredConstructors()).map(c -> c.getParameterTypes())
            : Arrays.stream(type.getDeclaredMethods())
                .filter(m -> m.getName().equals(name))
                .map(Method::getParameterTypes);
    assertTrue(
        candidates.anyMatch(c -> Arrays.stream(c).map(Class::getName).toList().equals(parameters)),
        () -> type + " has no " + method);
  }

  @Test
  void allThatOthersLookIntoIsNamed() throws IOException, ClassNotFoundException {
    Set<String> types = named("type");
    Set<String> missing = new TreeSet<>();
    for (Path path : files(root)) {
      String name = root.relativize(path).toString().replace('/', '.').replace('\\', '.');
      if (!name.startsWith("io.inferc.") || !name.endsWith(".class") || isNoType(name)) {
        continue;
      }
      Class<?> type = load(name.substring(0, name.length() - ".class".length()));
      boolean library = ancestors(type).contains("com.sun.jna.Library");
      boolean listed =
          library ? named("proxy").contains(type.getName()) : types.contains(type.getName());
      if (!listed && (hasNativeMethods(type) || !disjoint(ancestors(type), LOOKED_INTO))) {
        missing.add(type.getName());
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean isNoType(String name) {
    return name.endsWith("package-info.class") || name.endsWith("module-info.class");
  }

  private static boolean disjoint(Set<String> a, Set<String> b) {
    return a.stream().noneMatch(b::contains);
  }

  private static boolean hasNativeMethods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .anyMatch(m -> Modifier.isNative(m.getModifiers()));
  }

  /** The names of what a class extends and implements, but for interfaces of what is generated. */
  private static Set<String> ancestors(Class<?> type) {
    Set<String> names = new LinkedHashSet<>();
    for (Class<?> c = type.getSuperclass(); c != null; c = c.getSuperclass()) {
      names.add(c.getName());
      names.addAll(ancestors(c));
    }
    for (Class<?> c : type.getInterfaces()) {
      names.add(c.getName());
      names.addAll(ancestors(c));
    }
    return names;
  }

  @Test
  void theResourcesAreThoseOfTheJar() throws IOException {
    List<PathMatcher> globs = new ArrayList<>();
    Set<String> unmatched = new TreeSet<>();
    List<Path> resources =
        files(root).stream()
            .map(root::relativize)
            .filter(p -> !p.toString().endsWith(".class") && !p.startsWith("META-INF"))
            .toList();
    for (JsonNode entry : metadata.path("resources")) {
      PathMatcher glob =
          FileSystems.getDefault().getPathMatcher("glob:" + entry.path("glob").asText());
      globs.add(glob);
      assertTrue(resources.stream().anyMatch(glob::matches), () -> "nothing is " + entry);
    }
    for (Path resource : resources) {
      if (globs.stream().noneMatch(g -> g.matches(resource))) {
        unmatched.add(resource.toString());
      }
    }
    assertEquals(Set.of(), unmatched);
  }

  /** The types of entries, or the interfaces of proxies. */
  private Set<String> named(String kind) {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode entry : metadata.path("reflection")) {
      JsonNode type = entry.path("type");
      if (kind.equals("type") && type.isTextual()) {
        names.add(type.asText());
      } else if (kind.equals("proxy")) {
        type.path("proxy").forEach(p -> names.add(p.asText()));
      }
    }
    return names;
  }

  private Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, false, anchor().getClassLoader());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
