package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelFormatException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models converted to OpenVINO IR, and what comes of it. */
class IrExportTest {
  private static final Path MODELS = Path.of("src", "test", "resources", "models");
  private static final int LAYERS = 2;
  private static final int WIDTH = 512;

  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.openVino()).precision(precision).build();
  }

  private static List<String> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertDense(Path file) {
    float[] values = {1, -2, 0.5f, 0, 3, 1};
    try (CompiledModel model = compiler(Precision.fp32()).compile(file);
        Tensor x = Tensor.of(values, 2, 3);
        Tensor y = model.run(Map.of(model.inputs().get(0).name(), x)).values().iterator().next()) {
      assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense.xml", "frozen.pb", "saved-model", "dense.tflite", "dense.pdmodel"})
  void everyFormatBecomesIrThatComputesTheSame(String source) throws IOException {
    Path file = folder.resolve("out/größer als zuvor.xml");
    compiler(Precision.fp32()).export(MODELS.resolve(source), file);
    assertEquals(
        new ForeignModel(ForeignModel.Format.OPENVINO_IR, file),
        ForeignModel.recognize(file).orElseThrow());
    assertEquals(
        List.of("größer als zuvor.bin", "größer als zuvor.xml"), filesIn(file.getParent()));
    assertDense(file);
  }

  @Test
  void anOnnxModelBecomesIrInPlaceOfAnOlderFile() throws IOException {
    Path source = folder.resolve("dense.onnx");
    ContractModels.dense().save(source);
    Path file = Files.writeString(folder.resolve("model.xml"), "an older one");
    compiler(Precision.fp32()).export(source, file);
    assertDense(file);
  }

  @Test
  void integersStayInTheIrAndReachTheKernels() {
    var capabilities =
        new OpenVinoBackend(OpenVinoRuntime.get()).capabilities(Target.openVino().choices().get(0));
    Assumptions.assumeTrue(
        capabilities.precisions().containsKey(NumericPrecision.INT8), "no INT8 here");
    List<Map<String, Tensor>> samples = TestModels.samples(8, 4, WIDTH);
    Path source = folder.resolve("layers.onnx");
    TestModels.layers(LAYERS, WIDTH).save(source);
    Path file = folder.resolve("layers.xml");
    compiler(Precision.int8(Dataset.of(samples))).export(source, file);
    samples.forEach(s -> s.values().forEach(Tensor::close));
    Compiler asIs =
        Compiler.forTarget(Target.openVino()).profile(TestModels.input("x", 4, WIDTH)).build();
    try (CompiledModel model = asIs.compile(file)) {
      long integer =
          model.kernels().stream()
              .filter(k -> k.type().startsWith("FullyConnected"))
              .filter(k -> k.precision().filter("INT8"::equals).isPresent())
              .count();
      assertEquals(LAYERS, integer, model.kernels().toString());
    }
  }

  @Test
  void aModelThatCannotBeReadLeavesWhatWasThereAndNothingElse() throws IOException {
    byte[] whole = Files.readAllBytes(MODELS.resolve("dense.tflite"));
    Path part = Files.write(folder.resolve("part.tflite"), Arrays.copyOf(whole, whole.length / 2));
    Path file = Files.writeString(folder.resolve("model.xml"), "an older one");
    InfercException e =
        assertThrows(InfercException.class, () -> compiler(Precision.fp32()).export(part, file));
    assertTrue(e.getMessage().contains("model.xml"), e.getMessage());
    assertEquals("an older one", Files.readString(file));
    assertEquals(List.of("model.xml", "part.tflite"), filesIn(folder));
  }

  @Test
  void whatIrCannotHoldIsRefused() {
    Path source = MODELS.resolve("dense.tflite");
    Path file = folder.resolve("model.xml");
    assertThrows(
        IllegalArgumentException.class,
        () -> compiler(Precision.fp32()).export(source, folder.resolve("model.bin")));
    ModelFormatException onnx =
        assertThrows(
            ModelFormatException.class,
            () -> compiler(Precision.fp32()).export(source, folder.resolve("model.onnx")));
    assertTrue(onnx.getMessage().contains("TensorFlow Lite"), onnx.getMessage());
    List<Map<String, Tensor>> samples = TestModels.samples(1, 2, 3);
    Compiler int8 = compiler(Precision.int8(Dataset.of(samples)));
    assertThrows(ModelFormatException.class, () -> int8.export(source, file));
    samples.forEach(s -> s.values().forEach(Tensor::close));
    InfercException none =
        assertThrows(
            InfercException.class,
            () -> Compiler.forTarget(Target.onnxRuntime()).build().export(source, file));
    assertTrue(none.getMessage().contains("onnxruntime"), none.getMessage());
    var capabilities =
        new OpenVinoBackend(OpenVinoRuntime.get()).capabilities(Target.openVino().choices().get(0));
    if (capabilities.precisions().containsKey(NumericPrecision.BF16)) {
      InfercException hint =
          assertThrows(
              InfercException.class, () -> compiler(Precision.bf16()).export(source, file));
      assertTrue(hint.getMessage().contains("hint"), hint.getMessage());
    }
  }

  @Test
  void itCanBeCancelled() {
    Cancellation cancellation = new Cancellation();
    Compiler compiler = Compiler.forTarget(Target.openVino()).cancellation(cancellation).build();
    cancellation.cancel();
    Path file = folder.resolve("model.xml");
    assertThrows(
        CancelledException.class, () -> compiler.export(MODELS.resolve("frozen.pb"), file));
    assertTrue(Files.notExists(file));
  }
}
