package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.OperatorTypes;
import io.inferc.rewrite.internal.TensorTypes;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RandomNetworks;
import java.util.List;
import java.util.Map;

/**
 * Compares models in half precision with what they were. ONNX Runtime has hardly a bfloat16 kernel
 * on CPUs, so such models run in single precision with every tensor rounded to bfloat16 and back.
 */
public final class HalfChecks {
  private HalfChecks() {}

  public static void requireSound(OnnxModel before, OnnxModel after, long seed) {
    assertEquals(List.of(), after.check());
    assertEquals(before.graph().requiredInputs(), after.graph().requiredInputs());
    assertEquals(before.graph().outputs(), after.graph().outputs());
    assertSame(after, HalfPrecision.bf16().build().apply(after, new RewriteLog()));
    requireAlike(before, rounded(after), seed, 0.3);
  }

  /**
   * Runs two models on random inputs. Whole outputs are compared: where a row of a small network is
   * nearly flat, a normalization makes single values of it twenty times as wrong as all others.
   *
   * @param tolerance the largest norm of the difference, relative to that of the output
   */
  public static void requireAlike(OnnxModel before, OnnxModel after, long seed, double tolerance) {
    Map<String, Tensor> inputs = RandomNetworks.inputs(before.graph(), seed);
    Map<String, Output> expected = run(before, inputs);
    Map<String, Output> actual = run(after, inputs);
    inputs.values().forEach(Tensor::close);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, e) -> {
          double error = relativeError(e.values(), actual.get(name).values());
          assertTrue(error <= tolerance, name + " differs by " + error);
        });
  }

  private static double relativeError(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length);
    double error = 0;
    // Outputs that are zero but for rounding must not be measured by themselves.
    double size = 0.01 * expected.length;
    for (int i = 0; i < expected.length; i++) {
      error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
      size += expected[i] * expected[i];
    }
    return Math.sqrt(error / size);
  }

  private static Map<String, Output> run(OnnxModel model, Map<String, Tensor> inputs) {
    try {
      return OrtRunner.run(model, OrtRunner.of(inputs));
    } catch (OrtException e) {
      throw new AssertionError("ONNX Runtime cannot run " + model, e);
    }
  }

  /** The same model in single precision, each bfloat16 tensor rounded where it is made. */
  public static OnnxModel rounded(OnnxModel model) {
    OperatorTypes operators = new OperatorTypes();
    Graph graph = model.graph();
    Map<String, DataType> types = TensorTypes.of(graph, operators, model.opset());
    GraphEditor editor = graph.edit();
    for (Initializer constant : graph.initializers()) {
      if (constant.type() == DataType.BFLOAT16) {
        editor.putInitializer(
            Initializer.floats(constant.name(), constant.floats(), constant.dims()));
      }
    }
    for (ValueInfo info : graph.valueInfos()) {
      info.tensor()
          .filter(t -> t.type() == DataType.BFLOAT16)
          .ifPresent(
              t -> editor.putValueInfo(new TensorSpec(t.name(), DataType.FLOAT32, t.shape())));
    }
    for (Node node : graph.nodes()) {
      Node.Builder copy = node.toBuilder();
      for (Attribute a : node.attributes()) {
        if (a.kind() == Attribute.Kind.TENSOR && a.asTensor().type() == DataType.BFLOAT16) {
          Initializer t = a.asTensor();
          copy.attribute(Attribute.of(a.name(), Initializer.floats("", t.floats(), t.dims())));
        } else if (a.kind() == Attribute.Kind.INT
            && List.of("to", "dtype").contains(a.name())
            && a.asInt() == DataType.BFLOAT16.onnxCode()) {
          copy.attribute(Attribute.of(a.name(), (long) DataType.FLOAT32.onnxCode()));
        }
      }
      Node single = copy.build();
      editor.replace(node, single);
      for (String output : node.outputs()) {
        if (types.get(output) == DataType.BFLOAT16) {
          round(editor, single, output);
        }
      }
    }
    return model.withGraph(editor.build());
  }

  private static void round(GraphEditor editor, Node node, String tensor) {
    String code = editor.freshName(tensor + "_code");
    String back = editor.freshName(tensor + "_rounded");
    editor.replaceUses(tensor, back);
    editor.insertAfter(node, cast(tensor, code, DataType.BFLOAT16));
    editor.append(cast(code, back, DataType.FLOAT32));
  }

  private static Node cast(String from, String to, DataType type) {
    return Node.builder("Cast")
        .inputs(from)
        .outputs(to)
        .attribute(Attribute.of("to", (long) type.onnxCode()))
        .build();
  }
}
