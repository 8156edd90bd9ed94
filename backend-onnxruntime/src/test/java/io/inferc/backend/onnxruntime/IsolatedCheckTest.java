package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Isolation;
import io.inferc.Precision;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Models are tried in another process before they are compiled in this one. */
class IsolatedCheckTest {
  private static Compiler.Builder compiler() {
    return Compiler.forTarget(Target.onnxRuntime()).isolation(Isolation.untrusted());
  }

  @Test
  void aModelThatIsFineIsCompiled() {
    try (CompiledModel model =
        compiler()
            .precision(Precision.int8Dynamic())
            .profile(ShapeProfile.named("p").range("batch", 1, 2, 4))
            .build()
            .compile(SmallModels.perceptron(16, 32, 4, 1))) {
      assertEquals("INT8_DYNAMIC", model.precision());
    }
  }

  /** Divides the smallest integer by -1 when it runs on zeros. */
  private static GraphBuilder deadly() {
    return Graph.builder("deadly")
        .input(TensorSpec.of("x", DataType.INT32, 1))
        .initializer(Initializer.longs("m", DataType.INT32, new long[] {Integer.MIN_VALUE}, 1))
        .initializer(Initializer.longs("one", DataType.INT32, new long[] {-1}, 1))
        .node(Node.of("Add", List.of("x", "m"), List.of("a")))
        .node(Node.of("Add", List.of("x", "one"), List.of("b")))
        .node(Node.of("Div", List.of("a", "b"), List.of("y")))
        .output(TensorSpec.of("y", DataType.INT32, 1));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDivisionThatEndsTheRuntimeEndsTheOtherProcessAlone() {
    OnnxModel deadly = OnnxModel.of(deadly().build(), 17);
    InfercException e =
        assertThrows(InfercException.class, () -> compiler().build().compile(deadly));
    assertTrue(e.getMessage().contains("SIGFPE"), e.getMessage());
    assertTrue(e.remedy().contains("unharmed"), e.remedy());
  }

  /** A process that holds the model to lower limits would refuse it there, untried. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void theOtherProcessHoldsTheModelToTheLimitsOfTheBuilder() {
    GraphBuilder large =
        deadly()
            .initializer(Initializer.longs("many", new long[] {1L << 35}, 1))
            .node(Node.of("Expand", List.of("y", "many"), List.of("unread")));
    OnnxModel model = OnnxModel.of(large.build(), 17);
    Compiler raised =
        compiler().limits(ModelLimits.defaults().withTensorElements(1L << 36)).build();
    InfercException tried = assertThrows(InfercException.class, () -> raised.compile(model));
    assertTrue(tried.getMessage().contains("SIGFPE"), tried.getMessage());
    InfercException isolated =
        assertThrows(InfercException.class, () -> compiler().build().compile(model));
    InfercException here =
        assertThrows(
            InfercException.class,
            () -> Compiler.forTarget(Target.onnxRuntime()).build().compile(model));
    assertEquals(here.getMessage(), isolated.getMessage());
    assertTrue(here.remedy().contains("withTensorElements"), here.remedy());
  }

  @Test
  void filesAreHeldToTheLimitsOfTheBuilderBeforeTheOtherProcessStarts(@TempDir Path folder) {
    Path file = folder.resolve("deep.onnx");
    SmallModels.branches().save(file);
    ModelLimits low = ModelLimits.defaults().withGraphDepth(1);
    InfercException isolated =
        assertThrows(InfercException.class, () -> compiler().limits(low).build().compile(file));
    InfercException here =
        assertThrows(
            InfercException.class,
            () -> Compiler.forTarget(Target.onnxRuntime()).limits(low).build().compile(file));
    assertEquals(here.getMessage(), isolated.getMessage());
    assertTrue(here.getMessage().contains("limit is 1"), here.getMessage());
    compiler().limits(low.withGraphDepth(2)).build().compile(file).close();
  }

  @Test
  void aModelThatIsRefusedIsRefusedHere() {
    OnnxModel wrong =
        OnnxModel.of(
            Graph.builder("wrong")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .node(Node.of("NoSuchOperator", List.of("x"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, 2))
                .build(),
            17);
    InfercException e =
        assertThrows(InfercException.class, () -> compiler().build().compile(wrong));
    assertTrue(e.getMessage().contains("NoSuchOperator"), e.getMessage());
  }

  @Test
  void cancellingEndsTheCheck() {
    Cancellation cancelled = new Cancellation();
    Compiler compiler = compiler().cancellation(cancelled).build();
    cancelled.cancel();
    assertThrows(
        CancelledException.class, () -> compiler.compile(SmallModels.perceptron(2, 2, 2, 1)));
  }
}
