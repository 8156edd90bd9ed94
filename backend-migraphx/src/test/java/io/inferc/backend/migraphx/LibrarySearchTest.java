package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  @TempDir Path root;

  private Path library(String folder, String name) throws IOException {
    Path file = Files.createDirectories(root.resolve(folder)).resolve(name);
    return Files.writeString(file, "").toRealPath();
  }

  private LibrarySearch search(String named, Map<String, String> environment) {
    return LibrarySearch.of(root, named, environment::get);
  }

  @Test
  void whatThePropertyNamesIsTakenAsAFileOrAFolder() throws IOException {
    Path file = library("own", "libmigraphx_c.so.3");
    library("opt/rocm/lib", "libmigraphx_c.so.3");
    assertEquals(Optional.of(file), search(file.toString(), Map.of()).find());
    assertEquals(Optional.of(file), search(file.getParent().toString(), Map.of()).find());
  }

  @Test
  void whereThePropertyIsWrongNothingElseIsTakenInstead() throws IOException {
    library("opt/rocm/lib", "libmigraphx_c.so.3");
    LibrarySearch search = search(root.resolve("nowhere").toString(), Map.of());
    assertEquals(Optional.empty(), search.find());
    assertTrue(search.places().contains("nowhere"), search.places());
    assertTrue(search.places().contains(LibrarySearch.PROPERTY), search.places());
  }

  @Test
  void rocmPathComesBeforeOptAndOptBeforeTheSystem() throws IOException {
    Path system = library("usr/lib/x86_64-linux-gnu", "libmigraphx_c.so.3");
    assertEquals(Optional.of(system), search(null, Map.of()).find());
    Path opt = library("opt/rocm/lib", "libmigraphx_c.so.3");
    assertEquals(Optional.of(opt), search(null, Map.of()).find());
    Path own = library("home/rocm/lib", "libmigraphx_c.so");
    String rocm = own.getParent().getParent().toString();
    assertEquals(Optional.of(own), search(null, Map.of("ROCM_PATH", rocm)).find());
  }

  @Test
  void theNewestOfSeveralVersionsOfRocmIsTaken() throws IOException {
    library("opt/rocm-6.4.9/lib", "libmigraphx_c.so.3");
    Path newest = library("opt/rocm-6.10.0/lib", "libmigraphx_c.so.3");
    library("opt/rocm-6.2.0/lib", "libmigraphx_c.so.3");
    assertEquals(Optional.of(newest), search(null, Map.of()).find());
  }

  @Test
  void theLoadersPathIsLookedThrough() throws IOException {
    Path file = library("lib-a", "libmigraphx_c.so.3");
    String path = root.resolve("lib-b") + "::" + file.getParent();
    assertEquals(Optional.of(file), search(null, Map.of("LD_LIBRARY_PATH", path)).find());
  }

  @Test
  void allPlacesAreNamedWhereThereIsNone() {
    String places = search(null, Map.of("ROCM_PATH", "/somewhere/rocm")).places();
    assertTrue(places.startsWith("/somewhere/rocm/lib, "), places);
    assertTrue(places.contains(root.resolve("opt/rocm/lib").toString()), places);
    assertTrue(places.contains(root.resolve("usr/lib64").toString()), places);
  }

  @Test
  void anAbsentLibraryIsUnusableWithThePlacesAndAWayToInstallIt() {
    var e =
        assertThrows(
            MigraphxLibrary.UnusableException.class,
            () -> MigraphxLibrary.find(search(root.resolve("nowhere").toString(), Map.of())));
    assertTrue(e.reason().contains("nowhere"), e.reason());
    assertTrue(e.remedy().contains("libmigraphx-c3"), e.remedy());
    assertTrue(e.remedy().contains("ROCM_PATH"), e.remedy());
  }

  @Test
  void aFileThatIsNoLibraryIsUnusableWithItsName() throws IOException {
    Path file = library("broken", "libmigraphx_c.so.3");
    Files.writeString(file, "this is no library");
    var e =
        assertThrows(
            MigraphxLibrary.UnusableException.class,
            () -> MigraphxLibrary.load(search(file.toString(), Map.of())));
    assertTrue(e.reason().contains(file.toString()), e.reason());
  }
}
