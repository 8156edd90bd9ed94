package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ImportedModel;
import io.inferc.Inferc;
import io.inferc.Models;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelFormatException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of other formats, made by the tools they come from; see src/test/python. */
class ForeignModelsTest {
  private static final Path MODELS = Path.of("src", "test", "resources", "models");

  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @ParameterizedTest
  @CsvSource({
    "dense.xml, OPENVINO_IR",
    "frozen.pb, TENSORFLOW_FROZEN",
    "saved-model, TENSORFLOW_SAVED_MODEL",
    "saved-model/saved_model.pb, TENSORFLOW_SAVED_MODEL",
    "dense.tflite, TENSORFLOW_LITE",
    "dense.pdmodel, PADDLE"
  })
  void everyFormatIsRecognizedCompiledRunAndSaved(String file, ForeignModel.Format format) {
    Path path = MODELS.resolve(file);
    ImportedModel.Foreign imported =
        assertInstanceOf(ImportedModel.Foreign.class, Models.importModel(path));
    assertEquals(format, imported.model().format());
    assertEquals(List.of(Target.OPENVINO), imported.readers());
    assertRight(path, List.of());
    String input;
    try (CompiledModel model = Compiler.forTarget(Target.openVino()).build().compile(path)) {
      input = model.inputs().get(0).name();
      model.save(folder.resolve("saved"));
    }
    ShapeProfile rows = ShapeProfile.named("p").input(input, new Range(1, 2, 4), Range.exactly(3));
    assertRight(path, List.of(rows));
    try (CompiledModel loaded = Inferc.load(folder.resolve("saved"))) {
      assertRight(loaded);
    }
  }

  private static void assertRight(Path path, List<ShapeProfile> profiles) {
    Compiler.Builder builder = Compiler.forTarget(Target.openVino());
    profiles.forEach(builder::profile);
    try (CompiledModel model = builder.build().compile(path)) {
      assertRight(model);
    }
  }

  private static void assertRight(CompiledModel model) {
    assertEquals(1, model.inputs().size());
    assertTrue(model.inputs().get(0).toString().endsWith(": FLOAT32[?, 3]"), model::toString);
    float[] values = {1, -2, 0.5f, 0, 3, 1};
    try (Tensor x = Tensor.of(values, 2, 3);
        Tensor y = model.run(Map.of(model.inputs().get(0).name(), x)).values().iterator().next()) {
      assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense.xml", "saved-model", "dense.tflite", "dense.pdmodel"})
  void aModelInAnArchiveIsCopiedWithAllThatBelongsToIt(String file) throws IOException {
    try (FileSystem archive =
        FileSystems.newFileSystem(folder.resolve("models.zip"), Map.of("create", "true"))) {
      try (Stream<Path> files = Files.walk(MODELS)) {
        for (Path f : files.toList()) {
          Path inside = archive.getPath("/in").resolve(MODELS.relativize(f).toString());
          if (Files.isDirectory(f)) {
            Files.createDirectories(inside);
          } else {
            Files.copy(f, inside);
          }
        }
      }
      assertRight(archive.getPath("/in", file), List.of());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"frozen.pb", "dense.tflite"})
  void aStreamOfOneFileIsCompiled(String file) throws IOException {
    try (InputStream in = Files.newInputStream(MODELS.resolve(file));
        CompiledModel model = Compiler.forTarget(Target.openVino()).build().compile(in, "dense")) {
      assertEquals("dense", model.name());
      assertRight(model);
    }
  }

  @Test
  void whatTheFileHoldsCountsNotItsName() throws IOException {
    Path misnamed = Files.copy(MODELS.resolve("dense.tflite"), folder.resolve("model.onnx"));
    assertRight(misnamed, List.of());
  }

  @Test
  void rewritingIsRefused() {
    List<Map<String, Tensor>> samples = TestModels.samples(1, 2, 3);
    Precision int8 = Precision.int8(Dataset.of(samples));
    InfercException e =
        assertThrows(
            ModelFormatException.class,
            () ->
                Compiler.forTarget(Target.openVino())
                    .precision(int8)
                    .build()
                    .compile(MODELS.resolve("dense.tflite")));
    assertTrue(e.getMessage().contains("TensorFlow Lite"), e.getMessage());
    assertTrue(e.getMessage().contains("INT8"), e.getMessage());
    samples.forEach(s -> s.values().forEach(Tensor::close));
  }

  @Test
  void aBackEndThatReadsOnnxAloneRefusesThemAndSaysWhatTheyAre() {
    InfercException e =
        assertThrows(
            ModelFormatException.class,
            () ->
                Compiler.forTarget(Target.onnxRuntime())
                    .build()
                    .compile(MODELS.resolve("frozen.pb")));
    assertTrue(e.getMessage().contains("frozen TensorFlow"), e.getMessage());
    assertTrue(e.getMessage().contains("onnxruntime"), e.getMessage());
  }

  /** A refusal, not the end of the JVM. */
  @ParameterizedTest
  @ValueSource(strings = {"dense.tflite", "frozen.pb", "dense.pdmodel", "dense.xml"})
  void aModelCutShortIsRefused(String file) throws IOException {
    for (String beside : List.of("dense.bin", "dense.pdiparams")) {
      Files.copy(MODELS.resolve(beside), folder.resolve(beside));
    }
    byte[] whole = Files.readAllBytes(MODELS.resolve(file));
    Path part = folder.resolve(file);
    for (int keep : new int[] {16, whole.length / 2, whole.length - 10}) {
      Files.write(part, Arrays.copyOf(whole, keep));
      InfercException e =
          assertThrows(
              InfercException.class,
              () -> Compiler.forTarget(Target.openVino()).build().compile(part).close(),
              () -> keep + " bytes of " + file);
      assertTrue(e.getMessage().contains("dense") || e.getMessage().contains("frozen"));
    }
  }

  @Test
  void anOnnxModelIsImportedAsOne() {
    Path file = folder.resolve("dense.pb");
    ContractModels.dense().save(file);
    assertInstanceOf(ImportedModel.Onnx.class, Models.importModel(file));
  }
}
