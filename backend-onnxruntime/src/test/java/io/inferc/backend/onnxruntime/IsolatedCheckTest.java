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
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

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

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDivisionThatEndsTheRuntimeEndsTheOtherProcessAlone() {
    OnnxModel deadly =
        OnnxModel.of(
            Graph.builder("deadly")
                .input(TensorSpec.of("x", DataType.INT32, 1))
                .initializer(
                    Initializer.longs("m", DataType.INT32, new long[] {Integer.MIN_VALUE}, 1))
                .initializer(Initializer.longs("one", DataType.INT32, new long[] {-1}, 1))
                .node(Node.of("Add", List.of("x", "m"), List.of("a")))
                .node(Node.of("Add", List.of("x", "one"), List.of("b")))
                .node(Node.of("Div", List.of("a", "b"), List.of("y")))
                .output(TensorSpec.of("y", DataType.INT32, 1))
                .build(),
            17);
    InfercException e =
        assertThrows(InfercException.class, () -> compiler().build().compile(deadly));
    assertTrue(e.getMessage().contains("SIGFPE"), e.getMessage());
    assertTrue(e.remedy().contains("unharmed"), e.remedy());
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
