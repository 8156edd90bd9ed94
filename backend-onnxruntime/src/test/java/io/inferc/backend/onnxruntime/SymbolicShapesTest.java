package io.inferc.backend.onnxruntime;

import static io.inferc.runtime.Range.exactly;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.ShapeDeclaration;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.shape.SymbolicShapes;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RealModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolicShapesTest {
  private static Map<String, TensorSpec> observe(OnnxModel model, ShapeProfile... profiles) {
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    return SymbolicShapes.observe(model, opened.backend(), opened.choice(), List.of(profiles));
  }

  private static OnnxModel flattening(String shape) {
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, shape))
            .output(TensorSpec.of("y", DataType.FLOAT32, "?, ?"))
            .initializer(Initializer.longs("two", new long[] {-1, 2}, 2))
            .node(Node.of("Relu", List.of("x"), List.of("same")))
            .node(Node.of("Reshape", List.of("same", "two"), List.of("pairs")))
            .node(Node.of("Neg", List.of("pairs"), List.of("y")))
            .build(),
        17);
  }

  @Test
  void dimensionsThatFollowASymbolAreThatSymbolAndOthersStayOpen() {
    Map<String, TensorSpec> shapes = observe(flattening("batch, seq, 4"));
    assertEquals("[batch, seq, 4]", shapes.get("same").shape().toString());
    assertEquals("[?, 2]", shapes.get("pairs").shape().toString());
  }

  @Test
  void aSymbolThatItsProfilesFixIsNotTakenForANumber() {
    Map<String, TensorSpec> shapes =
        observe(flattening("batch, seq, 4"), ShapeProfile.named("p").fixed("batch", 3));
    assertEquals("[?, seq, 4]", shapes.get("same").shape().toString());
  }

  @Test
  void anInputWithADimensionWithoutANameOrAProfileIsRefused() {
    InfercException e = assertThrows(InfercException.class, () -> observe(flattening("?, seq, 4")));
    assertTrue(e.getMessage().contains("dimension 0 of the input 'x'"), e.getMessage());
    assertTrue(e.getMessage().contains("input(name, Range...)"), e.getMessage());
  }

  @Test
  void aDimensionWithoutANameIsTriedWithinItsProfileAndStaysOpen() {
    ShapeProfile profile =
        ShapeProfile.named("p").input("x", new Range(1, 2, 8), new Range(4, 8, 64), exactly(4));
    Map<String, TensorSpec> shapes = observe(flattening("?, seq, 4"), profile);
    assertEquals("[?, seq, 4]", shapes.get("same").shape().toString());
    assertEquals("[?, 2]", shapes.get("pairs").shape().toString());
    assertEquals(
        "[?, ?, 4]",
        observe(flattening("?, ?, 4"), profile).get("same").shape().toString(),
        "two places without a name are not one symbol");
  }

  @Test
  void declaredSymbolsLetOnnxRuntimeFuseResidualLayerNormalization(@TempDir Path folder) {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    assertEquals(0, kernels(model, folder.resolve("a"), "SkipLayerNormalization"));
    ShapeDeclaration pass = new ShapeDeclaration(observe(model));
    OnnxModel declared = pass.apply(model, new RewriteLog());
    assertEquals(List.of(), declared.check());
    assertSame(declared, pass.apply(declared, new RewriteLog()));
    assertEquals(12, kernels(declared, folder.resolve("b"), "SkipLayerNormalization"));
  }

  private static long kernels(OnnxModel model, Path folder, String type) {
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      compiled.save(folder);
    }
    return OnnxModel.loadUnchecked(folder.resolve("payload/model.onnx")).graph().nodes().stream()
        .filter(n -> n.opType().equals(type))
        .count();
  }
}
