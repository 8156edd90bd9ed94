package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.spi.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {
  @TempDir Path root;

  private Path file(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "");
  }

  private Targets beside(Path cLibrary, Path driver) {
    return Targets.find(Targets.TargetFiles.beside(cLibrary), driver);
  }

  private static List<String> ids(Targets targets) {
    return targets.devices().stream().map(Device::id).toList();
  }

  @Test
  void withoutADriverTheGpuIsAbsentAndTheReferenceTargetStays() throws IOException {
    Path library = file("lib/libmigraphx_c.so.3");
    file("lib/libmigraphx_gpu.so.2014000.0");
    file("lib/libmigraphx_ref.so.2014000.0");
    Path driver = root.resolve("kfd");
    Targets targets = beside(library, driver);
    assertEquals(List.of("ref"), ids(targets));
    assertTrue(targets.absence("gpu").orElseThrow().contains(driver.toString()));
    assertTrue(targets.absence("gpu:1").orElseThrow().contains(driver.toString()));
    assertEquals(Optional.empty(), targets.choose("gpu"));
    assertEquals("ref", targets.choose("ref").orElseThrow().name());
    assertEquals(Optional.empty(), targets.hip());
  }

  @Test
  void aGpuTargetThatCannotBeLoadedIsAbsentWithItsFile() throws IOException {
    Path library = file("lib/libmigraphx_c.so.3");
    Path gpu = file("lib/libmigraphx_gpu.so");
    file("lib/libmigraphx_ref.so");
    Targets targets = beside(library, file("kfd"));
    assertEquals(List.of("ref"), ids(targets));
    assertTrue(targets.absence("gpu").orElseThrow().contains(gpu.toString()));
  }

  @Test
  void theCpuTargetIsListedWhereItWasBuilt() throws IOException {
    Path library = file("lib/libmigraphx_c.so.3");
    file("lib/libmigraphx_cpu.so.2014000.0");
    file("lib/libmigraphx_ref.so.2014000.0");
    Targets targets = beside(library, root.resolve("kfd"));
    assertEquals(List.of("cpu", "ref"), ids(targets));
    assertEquals("cpu", targets.choose("cpu").orElseThrow().name());
    assertTrue(targets.absence("gpu").orElseThrow().contains("without its GPU target"));
    assertEquals(Optional.empty(), targets.absence("cpu"));
  }

  @Test
  void rocmKeepsTargetsBelowItsLibraryFolder() throws IOException {
    Path library = file("rocm/lib/libmigraphx_c.so.3");
    file("rocm/lib/migraphx/lib/libmigraphx_ref.so.2014000.0");
    assertEquals(List.of("ref"), ids(beside(library, root.resolve("kfd"))));
  }

  @Test
  void anUnknownNameIsNeitherThereNorAbsent() throws IOException {
    Targets targets = beside(file("lib/libmigraphx_c.so.3"), root.resolve("kfd"));
    assertEquals(List.of(), ids(targets));
    assertEquals(Optional.empty(), targets.choose("tpu"));
    assertEquals(Optional.empty(), targets.absence("tpu"));
    assertTrue(targets.absence("ref").isPresent());
  }
}
