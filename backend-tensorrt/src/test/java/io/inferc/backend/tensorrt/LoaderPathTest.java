package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderPathTest {
  private static final TensorRtVersion V10 = new TensorRtVersion(10, 6, 0);
  private static final String WHOLE = "libnvinfer_builder_resource.so.10.6.0";
  private static final String SM90 = "libnvinfer_builder_resource_sm90.so.10.6.0";

  @TempDir Path searched;
  @TempDir Path beside;

  private BuilderResource find(String... cached) {
    LoaderPath path = new LoaderPath(List.of(searched), List.of(cached)::contains, List.of(beside));
    return path.find(LoaderPath.resourceNames(V10, FakeLibraries.H200));
  }

  @Test
  void aLibraryInAFolderOfTheLoaderIsKnownByItsName() throws IOException {
    Files.createFile(searched.resolve(WHOLE));
    assertEquals(new BuilderResource(WHOLE, true, Optional.empty()), find());
  }

  @Test
  void aLibraryInTheLoadersCacheIsKnownByItsName() {
    assertEquals(new BuilderResource(SM90, true, Optional.empty()), find(SM90));
  }

  @Test
  void aLibraryBesideTensorRtIsFoundWithItsFolder() throws IOException {
    Files.createFile(beside.resolve(SM90));
    assertEquals(new BuilderResource(SM90, false, Optional.of(beside)), find());
  }

  @Test
  void whatTheLoaderKnowsGoesBeforeWhatLiesBeside() throws IOException {
    Files.createFile(beside.resolve(WHOLE));
    Files.createFile(searched.resolve(SM90));
    assertTrue(find().onLoaderPath());
    assertEquals(SM90, find().name());
  }

  @Test
  void theCompilerOfPtxAloneDoesNotServe() throws IOException {
    Files.createFile(searched.resolve("libnvinfer_builder_resource_ptx.so.10.6.0"));
    assertFalse(find().found());
  }

  @Test
  void aLibraryOfAnotherVersionDoesNotServe() throws IOException {
    Files.createFile(searched.resolve("libnvinfer_builder_resource.so.10.7.0"));
    assertFalse(find().found());
    assertEquals(SM90, find().name(), "the one to look for is named");
  }

  @Test
  void aGpuIsServedByEarlierStepsOfItsGenerationAndNoLaterOnes() {
    GpuInfo l4 = new GpuInfo(0, "NVIDIA L4", 8, 9, 1);
    List<String> names = LoaderPath.resourceNames(V10, l4);
    assertTrue(names.contains("libnvinfer_builder_resource_sm80.so.10.6.0"));
    assertTrue(names.contains("libnvinfer_builder_resource_sm89.so.10.6.0"));
    assertFalse(names.contains(SM90));
  }

  @Test
  void theLoaderOfThisProcessNamesTheFoldersItWasGiven() throws IOException {
    Files.createFile(searched.resolve(WHOLE));
    LoaderPath path = LoaderPath.ofThisProcess("/nowhere::" + searched);
    assertTrue(path.find(List.of(WHOLE)).onLoaderPath());
    assertFalse(LoaderPath.ofThisProcess(null).find(List.of("libno-such.so.0")).found());
  }
}
