package io.inferc.common.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplicationClassPathTest {
  @TempDir Path folder;

  private static List<String> parts(ClassLoader loader) {
    return List.of(ApplicationClassPath.of(loader).split(File.pathSeparator));
  }

  @Test
  void theNearestLoaderComesFirstAndTheClassPathLast() throws Exception {
    Path outer = Files.createDirectory(folder.resolve("outer folder"));
    Path inner = Files.createFile(folder.resolve("inner.jar"));
    try (URLClassLoader parent = new URLClassLoader(new URL[] {outer.toUri().toURL()});
        URLClassLoader child =
            new URLClassLoader(
                new URL[] {inner.toUri().toURL(), new URL("jar:file:/app.jar!/nested.jar")},
                parent)) {
      List<String> parts = parts(child);
      assertEquals(List.of(inner.toString(), outer.toString()), parts.subList(0, 2));
      assertEquals(parts(null), parts.subList(2, parts.size()));
    }
  }

  @Test
  void modulesAreThereOneByOne() throws Exception {
    Path module = Files.createFile(folder.resolve("a.jar"));
    Path exploded = Files.createDirectory(folder.resolve("b"));
    Files.createFile(exploded.resolve("module-info.class"));
    Files.createFile(folder.resolve("notes.txt"));
    String before = System.getProperty("jdk.module.path");
    System.setProperty("jdk.module.path", folder + File.pathSeparator + exploded);
    try {
      List<String> parts = parts(null);
      assertTrue(
          parts.containsAll(List.of(module.toString(), exploded.toString())), () -> "" + parts);
      assertEquals(1, parts.stream().filter(exploded.toString()::equals).count());
      assertTrue(parts.stream().noneMatch(p -> p.endsWith("notes.txt")), () -> "" + parts);
    } finally {
      if (before == null) {
        System.clearProperty("jdk.module.path");
      } else {
        System.setProperty("jdk.module.path", before);
      }
    }
  }
}
