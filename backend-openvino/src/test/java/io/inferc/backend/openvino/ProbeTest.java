package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.runtime.Target;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process sees that has not loaded OpenVINO yet. */
class ProbeTest {
  @TempDir Path folder;

  /** Lists back ends, then tries to compile. */
  static final class Probe {
    private Probe() {}

    /** Prints what the facade says. */
    public static void main(String[] arguments) {
      Inferc.backends().forEach(System.out::println);
      try {
        Compiler.forTarget(Target.openVino()).build();
        System.out.println("compiler built");
      } catch (InfercException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  private static String probe(String library) throws IOException {
    ChildJvm.Result result =
        ChildJvm.run(List.of("-D" + LibrarySearch.PROPERTY + "=" + library), Probe.class);
    assertEquals(0, result.exitCode(), result.output());
    return result.output();
  }

  private static void assertSays(String output, String... words) {
    for (String word : words) {
      assertTrue(output.contains(word), () -> "'" + word + "' is not in: " + output);
    }
  }

  @Test
  void aMissingLibraryIsReportedWithWhereItWasSoughtAndHowToInstallIt() throws IOException {
    String nowhere = folder.resolve("nowhere").toString();
    assertSays(
        probe(nowhere),
        "OpenVINO (openvino): not available.",
        "refused: ",
        nowhere,
        LibrarySearch.PROPERTY,
        "pip install openvino");
  }

  @Test
  void aFileThatIsNoLibraryIsReportedAndDoesNoHarm() throws IOException {
    Path file = Files.writeString(folder.resolve("libopenvino_c.so.2641"), "not a library at all");
    assertSays(probe(file.toString()), "not available.", "cannot be loaded", file.toString());
  }

  @Test
  void anotherLibraryUnderItsNameIsReportedAndDoesNoHarm() throws IOException {
    TestLibrary.require();
    Path other = OpenVinoRuntime.get().file().resolveSibling("libtbb.so.12");
    Path file = Files.copy(other, folder.resolve("libopenvino_c.so.2641"));
    assertSays(probe(file.toString()), "not available.", "refused: ", file.toString());
  }

  @Test
  void aLibraryWithoutWhatItNeedsBesideItIsReportedAndDoesNoHarm() throws IOException {
    TestLibrary.require();
    Path library = OpenVinoRuntime.get().file();
    Path alone = Files.copy(library, folder.resolve(library.getFileName()));
    assertSays(probe(alone.toString()), "not available.", "cannot be loaded", "beside");
  }

  @Test
  void aLibraryWithoutPluginsIsReportedAndDoesNoHarm() throws IOException {
    TestLibrary.require();
    Path libraries = OpenVinoRuntime.get().file().getParent();
    try (var files = Files.list(libraries)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (Files.isRegularFile(file) && !name.contains("_plugin")) {
          Files.createSymbolicLink(folder.resolve(name), file);
        }
      }
    }
    Path copy = folder.resolve(OpenVinoRuntime.get().file().getFileName());
    Files.delete(copy);
    Files.copy(OpenVinoRuntime.get().file(), copy);
    Path core = folder.resolve("copies");
    Files.createDirectory(core);
    assertSays(probe(folder.toString()), "OpenVINO (openvino):");
  }

  @Test
  void theLibraryThatWasChosenIsTheOneThatIsUsed() throws IOException {
    TestLibrary.require();
    String output = probe(OpenVinoRuntime.get().file().toString());
    assertSays(output, "compiler built", OpenVinoRuntime.get().version());
  }
}
