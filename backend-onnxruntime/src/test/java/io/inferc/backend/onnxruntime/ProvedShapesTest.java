package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.inferc.Compiler;
import io.inferc.execution.internal.SavedModel;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.ShapeDeclaration;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.testing.RealModels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvedShapesTest {
  @Test
  void declaredSymbolsLetOnnxRuntimeFuseResidualLayerNormalization(@TempDir Path folder) {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    assertEquals(0, kernels(model, folder.resolve("a"), "SkipLayerNormalization"));
    ShapeDeclaration pass = new ShapeDeclaration(List.of());
    OnnxModel declared = pass.apply(model, new RewriteLog());
    assertEquals(List.of(), declared.check());
    assertSame(declared, pass.apply(declared, new RewriteLog()));
    assertEquals(12, kernels(declared, folder.resolve("b"), "SkipLayerNormalization"));
  }

  private static long kernels(OnnxModel model, Path folder, String type) {
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      compiled.save(folder);
    }
    return OnnxModel.loadUnchecked(SavedModel.payload(folder).resolve("model.onnx"))
        .graph()
        .nodes()
        .stream()
        .filter(n -> n.opType().equals(type))
        .count();
  }
}
