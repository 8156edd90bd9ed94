package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Inferc;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.common.InfercException;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.NumpyFiles;
import io.inferc.testing.SmallModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Pipes, devices and folders where a file is expected are refused before they are opened. */
class NoFilesTest {
  private static final Path DEVICE = Path.of("/dev/zero");

  @TempDir Path folder;

  private Path pipe;

  @BeforeEach
  void makePipe() throws Exception {
    pipe = pipe(folder.resolve("pipe"));
  }

  private static Path pipe(Path at) throws Exception {
    Process made = new ProcessBuilder("mkfifo", at.toString()).start();
    Assumptions.assumeTrue(made.waitFor() == 0, "this system has no pipes with names");
    return at;
  }

  private List<Path> noFiles() {
    List<Path> paths = new ArrayList<>(List.of(pipe, folder));
    if (Files.exists(DEVICE)) {
      paths.add(DEVICE);
    }
    return paths;
  }

  private static void refused(Executable action, String... words) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          InfercException e = assertThrows(InfercException.class, action);
          assertTrue(List.of(words).stream().anyMatch(e.getMessage()::contains), e.getMessage());
        });
  }

  @Test
  void modelsTablesAndTensors() {
    for (Path path : noFiles()) {
      String[] words = {"it is a folder", "it is a pipe"};
      refused(() -> OnnxModel.load(path), words);
      refused(() -> CalibrationTable.load(path), words);
      refused(() -> NumpyFiles.read(path), words);
      refused(() -> NumpyFiles.readArchive(path), words);
      refused(() -> TensorFile.open(path), words);
    }
  }

  @Test
  void samples() throws Exception {
    Files.createDirectory(folder.resolve("samples"));
    pipe(folder.resolve("samples/0.npz"));
    Dataset archives = SampleFolder.open(folder.resolve("samples"));
    refused(() -> archives.forEach((index, sample) -> true), "it is a pipe");
    Path tensors = Files.createDirectories(folder.resolve("more/0"));
    Path array = pipe(tensors.resolve("x.npy"));
    Dataset arrays = SampleFolder.open(folder.resolve("more"));
    refused(() -> arrays.forEach((index, sample) -> true), "it is a pipe");
    Files.delete(array);
    pipe(tensors.resolve("input_0.pb"));
    refused(() -> arrays.forEach((index, sample) -> true), "it is a pipe");
    refused(() -> SampleFolder.open(pipe), "it is no folder");
  }

  @Test
  void savedModels() throws Exception {
    refused(() -> Inferc.load(pipe), "there is no compiled-model.json");
    pipe(folder.resolve("compiled-model.json"));
    refused(() -> Inferc.load(folder), "there is no compiled-model.json");
  }

  @Test
  void nothingTakesThePlaceOfAPipe() {
    refused(() -> SmallModels.addConstant(4).save(pipe), "it is a pipe");
    CalibrationTable table = CalibrationTable.builder("digest", "min-max", 1).build();
    refused(() -> table.save(pipe), "it is a pipe");
    assertTrue(Files.exists(pipe) && !Files.isRegularFile(pipe));
  }
}
