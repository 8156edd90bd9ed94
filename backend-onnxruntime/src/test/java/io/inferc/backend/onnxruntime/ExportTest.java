package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rewritten models as files that other programs read. */
class ExportTest {
  private static final int ROWS = 4;

  @TempDir Path folder;

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  private static Precision int8() {
    return Precision.int8(Dataset.generated(60, i -> Map.of("x", input(i))));
  }

  private static Tensor input(long seed) {
    return Tensor.of(
        PrecisionTest.random(seed, ROWS * PrecisionTest.WIDTH, 1), ROWS, PrecisionTest.WIDTH);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void integersRunInOnnxRuntimeWithoutInferc(boolean external) throws IOException, OrtException {
    Path source = folder.resolve("model.onnx");
    PrecisionTest.network()
        .save(source, external ? SaveOptions.externalData() : SaveOptions.defaults());
    Path file = folder.resolve("out/model-int8.onnx");

    compiler(int8()).export(source, file);

    OnnxModel written = OnnxModel.load(file);
    assertEquals(List.of(), written.check());
    assertTrue(
        written.graph().nodes().stream().map(Node::opType).anyMatch("QuantizeLinear"::equals));
    assertEquals(external, Files.exists(folder.resolve("out/model-int8.onnx.data")));
    assertTrue(bytes(folder.resolve("out")) < 0.4 * bytes(folder), "a quarter, and scales");
    float[] answer;
    try (CompiledModel compiled = compiler(int8()).compile(source);
        Tensor x = input(100);
        Outputs outputs = compiled.run(Map.of("x", x))) {
      answer = outputs.tensor("y").toFloatArray();
    }
    assertArrayEquals(answer, bare(file), 1e-5f);
  }

  private static long bytes(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  /** Runs a model as an application without inferc does. */
  private static float[] bare(Path file) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (Tensor x = input(100);
        OrtSession session = environment.createSession(file.toString());
        OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(x.toFloatArray()),
                new long[] {ROWS, PrecisionTest.WIDTH});
        OrtSession.Result result = session.run(Map.of("x", tensor))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[y.remaining()];
      y.get(values);
      return values;
    }
  }

  @Test
  void aModelInMemoryIsExportedToo() throws OrtException {
    Path file = folder.resolve("model-dynamic.ONNX");
    compiler(Precision.int8Dynamic()).export(PrecisionTest.network(), file);
    assertTrue(
        OnnxModel.load(file).graph().nodes().stream()
            .anyMatch(n -> n.opType().equals("DynamicQuantizeLinear")));
    assertEquals(ROWS * PrecisionTest.WIDTH, bare(file).length);
  }

  @Test
  void thisRuntimesPortableFormatIsOnnx() {
    Path file = folder.resolve("model.xml");
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> compiler(Precision.fp32()).export(PrecisionTest.network(), file));
    assertTrue(e.getMessage().contains("onnxruntime"), e.getMessage());
    assertTrue(e.getMessage().contains(".onnx"), e.getMessage());
    assertFalse(Files.exists(file));
  }
}
