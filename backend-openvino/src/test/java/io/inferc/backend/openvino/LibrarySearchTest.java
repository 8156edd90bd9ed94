package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  private static final String WHEEL = "openvino/libs/libopenvino_c.so.2641";

  @TempDir Path folder;
  private Path root;
  private Path home;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectory(folder.toRealPath().resolve("root"));
    home = Files.createDirectory(folder.toRealPath().resolve("home"));
  }

  private static Path put(Path place) {
    try {
      Files.createDirectories(place.getParent());
      return Files.writeString(place, "");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<Path> find() {
    return LibrarySearch.of(root, home, null, environment::get).find();
  }

  @Test
  void everyPlaceIsSearchedInTheDocumentedOrder() throws IOException {
    Path install = folder.toRealPath().resolve("install");
    Path intel = folder.toRealPath().resolve("intel");
    Path virtual = folder.toRealPath().resolve("venv");
    Path python = put(folder.toRealPath().resolve("python/bin/python3"));
    environment.put("OPENVINO_INSTALL_DIR", install.toString());
    environment.put("INTEL_OPENVINO_DIR", intel.toString());
    Path conda = folder.toRealPath().resolve("conda");
    environment.put("VIRTUAL_ENV", virtual.toString());
    environment.put("CONDA_PREFIX", conda.toString());
    environment.put("PATH", python.getParent() + File.pathSeparator + "relative");
    environment.put("LD_LIBRARY_PATH", root.resolve("loader").toString());
    List<Path> inOrder =
        List.of(
            install.resolve("runtime/lib/intel64/libopenvino_c.so.2460"),
            intel.resolve("runtime/lib/aarch64/libopenvino_c.so.2460"),
            virtual.resolve("lib/python3.12/site-packages/" + WHEEL),
            conda.resolve("lib/python3.10/site-packages/" + WHEEL),
            home.resolve(".local/lib/python3.12/site-packages/" + WHEEL),
            folder.toRealPath().resolve("python/lib/python3.11/site-packages/" + WHEEL),
            home.resolve(".pyenv/versions/3.11.7/lib/python3.11/site-packages/" + WHEEL),
            root.resolve("usr/local/lib/python3.12/dist-packages/" + WHEEL),
            root.resolve("usr/lib/python3/dist-packages/" + WHEEL),
            root.resolve("opt/intel/openvino_2025.4/runtime/lib/intel64/libopenvino_c.so.2540"),
            root.resolve("loader/libopenvino_c.so"),
            root.resolve("usr/local/lib/libopenvino_c.so.2540"),
            root.resolve("usr/local/lib64/libopenvino_c.so.2540"),
            root.resolve("usr/lib/x86_64-linux-gnu/libopenvino_c.so.2025.4.0"),
            root.resolve("usr/lib/aarch64-linux-gnu/libopenvino_c.so.2025.4.0"),
            root.resolve("usr/lib64/libopenvino_c.so.2025.4.0"),
            root.resolve("usr/lib/libopenvino_c.so.2025.4.0"));
    for (int i = inOrder.size() - 1; i >= 0; i--) {
      put(inOrder.get(i));
      assertEquals(Optional.of(inOrder.get(i)), find(), "those after it are there too");
    }
  }

  @Test
  void pyenvLiesWhereItsVariableSays() throws IOException {
    Path elsewhere = folder.toRealPath().resolve("pythons");
    environment.put("PYENV_ROOT", elsewhere.toString());
    Path library = put(elsewhere.resolve("versions/3.12.1/lib/python3.12/site-packages/" + WHEEL));
    assertEquals(Optional.of(library), find());
  }

  @Test
  void aPythonThatIsALinkLeadsToThePackagesBesideIt() throws IOException {
    Path real = put(folder.toRealPath().resolve("opt-python/bin/python3.11"));
    Path bin = Files.createDirectories(folder.toRealPath().resolve("links"));
    Files.createSymbolicLink(bin.resolve("python3"), real);
    environment.put("PATH", bin.toString());
    Path library = put(real.resolve("../../lib/python3.11/site-packages/" + WHEEL).normalize());
    assertEquals(Optional.of(library), find());
  }

  @Test
  void ofSeveralVersionsTheNewestIsTaken() {
    put(root.resolve("opt/intel/openvino_2024/runtime/lib/intel64/libopenvino_c.so.2460"));
    Path newest =
        put(root.resolve("opt/intel/openvino_2026/runtime/lib/intel64/libopenvino_c.so.2641"));
    put(root.resolve("opt/intel/openvino_2026/runtime/lib/intel64/libopenvino_c.so.999"));
    put(root.resolve("opt/intel/openvino_2026/runtime/lib/intel64/libopenvino_c.so"));
    assertEquals(Optional.of(newest), find());
  }

  @Test
  void otherLibrariesOfOpenVinoAreNotTakenForTheCInterface() {
    put(root.resolve("usr/lib/libopenvino.so.2641"));
    put(root.resolve("usr/lib/libopenvino_c_extras.so.1"));
    put(root.resolve("usr/lib/libopenvino_c.so.txt"));
    assertEquals(Optional.empty(), find());
  }

  @Test
  void thePropertyNamesAFileOrAFolderAndThenNothingElseCounts() {
    put(root.resolve("usr/lib/libopenvino_c.so.2641"));
    Path chosen = put(folder.toAbsolutePath().resolve("mine/openvino/libs/libopenvino_c.so.2540"));
    for (String named :
        List.of(
            chosen.toString(), chosen.getParent().toString(), folder.resolve("mine").toString())) {
      LibrarySearch search = LibrarySearch.of(root, home, named, environment::get);
      assertEquals(chosen.getFileName(), search.find().orElseThrow().getFileName(), named);
    }
    LibrarySearch nowhere =
        LibrarySearch.of(root, home, folder.resolve("void").toString(), environment::get);
    assertEquals(Optional.empty(), nowhere.find());
    assertTrue(nowhere.places().contains(LibrarySearch.PROPERTY), nowhere.places());
    assertEquals(Optional.empty(), LibrarySearch.of(root, home, "\0", environment::get).find());
  }

  @Test
  void wherePlacesAreMissingOrSpelledWronglyNothingIsFoundAndAllAreListed() {
    environment.put("OPENVINO_INSTALL_DIR", "\0");
    environment.put("PATH", "");
    LibrarySearch search = LibrarySearch.of(root, home, null, environment::get);
    assertEquals(Optional.empty(), search.find());
    assertTrue(search.places().contains(root.resolve("usr/lib").toString()), search.places());
  }
}
