package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  void aModelFromAStreamIsHeldToTheCompilersLimits() {
    Compiler strict =
        Compiler.forTarget(Target.onnxRuntime())
            .limits(ModelLimits.defaults().withGraphDepth(1))
            .build();
    byte[] bytes = SmallModels.branches().toBytes();
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> strict.compile(bytes, "b").close());
    assertTrue(e.getMessage().contains("the limit is 1"), e.getMessage());
  }

  @Test
  void aTensorThatNoMemoryHoldsIsRefusedUnlessTheLimitIsRaised() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("tiles")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .initializer(Initializer.longs("times", new long[] {10}, 1))
                .node(Node.of("Tile", List.of("x", "times"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, "?"))
                .build(),
            17);
    Compiler.Builder compiler = Compiler.forTarget(Target.onnxRuntime());
    InfercException e =
        assertThrows(
            InfercException.class,
            () ->
                compiler
                    .limits(ModelLimits.defaults().withTensorElements(19))
                    .build()
                    .compile(model)
                    .close());
    assertTrue(e.getMessage().contains("[20]") && e.getMessage().contains("19"), e.getMessage());
    compiler.limits(ModelLimits.defaults().withTensorElements(20)).build().compile(model).close();
  }
}
