package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Target;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user reads when ONNX Runtime refuses a model. */
class OnnxRuntimeRefusalTest {
  private static InfercException refusal(OnnxModel model, Target target) {
    try (ModelSource source = ModelSource.of(model)) {
      CompileRequest request = CompileRequest.of(source, "odd", target.choices().get(0));
      InfercException e =
          assertThrows(
              InfercException.class,
              () -> new OnnxRuntimeProvider().open().compile(request).close());
      assertEquals(Stage.COMPILE, e.stage());
      assertTrue(e.problem().contains("the model odd"), e.problem());
      assertFalse(e.getMessage().contains("ONNXRuntimeError"), e.getMessage());
      assertFalse(e.getMessage().contains("/model.onnx"), "a temporary file: " + e.getMessage());
      return e;
    }
  }

  private static InfercException refusal(OnnxModel model) {
    return refusal(model, Target.onnxRuntime());
  }

  private static OnnxModel unary(String operator, DataType in, DataType out, int opset) {
    return OnnxModel.of(
        Graph.builder("unary")
            .input(TensorSpec.of("x", in, "n"))
            .node(Node.builder(operator).name("here").inputs("x").outputs("y").build())
            .output(TensorSpec.of("y", out, "n"))
            .build(),
        opset);
  }

  private static void assertSays(String text, String... words) {
    for (String word : words) {
      assertTrue(text.contains(word), () -> "'" + word + "' is not in: " + text);
    }
  }

  @Test
  void anUnknownOperatorIsNamedWithItsNode() {
    InfercException e = refusal(ContractModels.unknownOperator());
    assertSays(e.problem(), "Frobnicate", "odd-one");
    assertSays(e.remedy(), "no operator of that name");
  }

  @Test
  void anOpsetFromTheFutureAsksForAnOlderExport() {
    InfercException e = refusal(unary("Relu", DataType.FLOAT32, DataType.FLOAT32, 99));
    assertSays(e.remedy(), "older opset");
  }

  @Test
  void anOperatorWithoutAKernelForTheTypeAsksForAnotherType() {
    InfercException e = refusal(unary("Relu", DataType.INT16, DataType.INT16, 17));
    assertSays(e.problem(), "Relu", "here");
    assertSays(e.remedy(), "element types");
  }

  @Test
  void aWrongDeclarationIsNamed() {
    InfercException e = refusal(unary("Relu", DataType.FLOAT32, DataType.INT64, 17));
    assertSays(e.problem(), "(y)", "here");
    assertSays(e.remedy(), "contradicts the ONNX specification");
  }

  @Test
  void anOptionalOutputIsRefusedWithWhatToReturn() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("optional")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .node(Node.of("Optional", List.of("x"), List.of("pieces")))
                .output(ValueInfo.untyped("pieces"))
                .build(),
            17);
    InfercException e = refusal(model);
    assertSays(e.remedy(), "an optional value", "OptionalGetElement");
  }

  @Test
  void anElementTypeThatTheJavaApiLacksIsNamed() {
    InfercException e = refusal(unary("Identity", DataType.UINT16, DataType.UINT16, 17));
    assertSays(e.problem(), "input 'x'", "UINT16");
    assertSays(e.remedy(), "INT32");
  }

  @Test
  void anOptionThatOnnxRuntimeRefusesIsNotBlamedOnTheModel() {
    OnnxRuntimeOptions options =
        OnnxRuntimeOptions.builder().sessionConfig("k".repeat(2000), "1").build();
    InfercException e = refusal(ContractModels.dense(), Target.onnxRuntime().options(options));
    assertSays(e.problem(), "options of the model odd", "key");
  }

  @Test
  void aDeviceIsRefusedWithThoseThereAreAndWhatBringsIt() {
    for (String device : List.of("cuda", "cuda:1", "TensorRT:0", "no-such-device")) {
      IllegalArgumentException e = deviceRefusal(Target.onnxRuntime().device(device));
      assertSays(e.getMessage(), "'" + device + "'", "[cpu]");
    }
    assertSays(
        deviceRefusal(Target.onnxRuntime().device("cuda")).getMessage(),
        "com.microsoft.onnxruntime:onnxruntime_gpu");
    assertSays(deviceRefusal(Target.onnxRuntime().device("cpu:1")).getMessage(), "one device");
    assertSays(deviceRefusal(Target.onnxRuntime().device("cuda:first")).getMessage(), "'cuda:0'");
  }

  private static IllegalArgumentException deviceRefusal(Target target) {
    var backend = new OnnxRuntimeProvider().open();
    return assertThrows(
        IllegalArgumentException.class, () -> backend.capabilities(target.choices().get(0)));
  }
}
