package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerLimitsTest {
  @TempDir Path folder;

  @Test
  void aModelThatIsCompiledFromAFileIsHeldToTheCompilersLimits() {
    Path file = folder.resolve("branches.onnx");
    SmallModels.branches().save(file);
    Compiler strict =
        Compiler.forTarget(Target.onnxRuntime())
            .limits(ModelLimits.defaults().withGraphDepth(1))
            .build();
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> strict.compile(file).close());
    assertTrue(e.getMessage().contains("the limit is 1"), e.getMessage());
    try (CompiledModel model =
        Compiler.forTarget(Target.onnxRuntime())
            .limits(ModelLimits.defaults().withGraphDepth(2))
            .build()
            .compile(file)) {
      assertEquals("branches", model.name());
    }
  }
}
