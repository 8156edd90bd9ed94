package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.SmallModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles models from wherever an application keeps them. */
class ModelPlacesTest {
  private static final OnnxModel MODEL = SmallModels.perceptron(8, 64, 8, 3);

  @TempDir Path folder;

  @Test
  void fromAStreamAndFromBytes() {
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
    byte[] bytes = MODEL.toBytes();
    try (CompiledModel expected = compiler.compile(MODEL);
        CompiledModel streamed = compiler.compile(new ByteArrayInputStream(bytes), "streamed");
        CompiledModel held = compiler.compile(bytes, "held")) {
      assertEquals("streamed", streamed.name());
      assertEquals("held", held.name());
      assertEquals(answer(expected), answer(streamed));
      assertEquals(answer(expected), answer(held));
    }
  }

  @Test
  void fromAnArchiveWithExternalData() throws IOException {
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
    MODEL.save(folder.resolve("m.onnx"), SaveOptions.externalData());
    try (FileSystem archive =
        FileSystems.newFileSystem(folder.resolve("app.jar"), Map.of("create", "true"))) {
      Files.copy(folder.resolve("m.onnx"), archive.getPath("/m.onnx"));
      Files.copy(folder.resolve("m.onnx.data"), archive.getPath("/m.onnx.data"));
      try (CompiledModel expected = compiler.compile(MODEL);
          CompiledModel archived = compiler.compile(archive.getPath("/m.onnx"))) {
        assertEquals("m", archived.name());
        assertEquals(answer(expected), answer(archived));
      }
    }
  }

  @Test
  void anotherFormatInAStreamIsRefusedByName() {
    byte[] lite = {0x1c, 0, 0, 0, 'T', 'F', 'L', '3', 0, 0};
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> Compiler.forTarget(Target.onnxRuntime()).build().compile(lite, "lite"));
    assertTrue(e.getMessage().contains("a TensorFlow Lite model"), e.getMessage());
  }

  private static List<Float> answer(CompiledModel model) {
    try (Tensor x = Tensor.of(new float[] {1, -2, 3, -4, 5, -6, 7, -8}, 1, 8);
        Outputs outputs = model.run(Map.of(model.inputs().get(0).name(), x))) {
      float[] y = outputs.values().iterator().next().toFloatArray();
      Float[] boxed = new Float[y.length];
      Arrays.setAll(boxed, i -> y[i]);
      return List.of(boxed);
    }
  }
}
