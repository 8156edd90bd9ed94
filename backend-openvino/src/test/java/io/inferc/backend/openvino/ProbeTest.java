package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.ChildJvm;
import io.inferc.testing.FacadeProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process sees that has not loaded OpenVINO yet. */
class ProbeTest {
  @TempDir Path folder;

  private static String probe(String library) throws IOException {
    ChildJvm.Result result =
        ChildJvm.run(
            List.of("-D" + LibrarySearch.PROPERTY + "=" + library), FacadeProbe.class, "openvino");
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
      // Copies: by a link the library would find itself, and its plugins, in the other folder.
      for (Path file : files.filter(f -> f.getFileName().toString().contains(".so.")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    assertSays(probe(folder.toString()), "OpenVINO (openvino):");
  }

  @Test
  void theLibraryThatWasChosenIsTheOneThatIsUsed() throws IOException {
    TestLibrary.require();
    String output = probe(OpenVinoRuntime.get().file().toString());
    assertSays(output, "compiler built", OpenVinoRuntime.get().version());
  }
}
