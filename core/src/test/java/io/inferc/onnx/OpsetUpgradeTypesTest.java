package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that were attributes, always in single precision, and become inputs of a type. */
class OpsetUpgradeTypesTest {
  private static final Node.Builder CLIP =
      Node.builder("Clip")
          .name("clip")
          .attribute(Attribute.of("min", -0.25f))
          .attribute(Attribute.of("max", 0.5f));
  private static final Node.Builder PAD =
      Node.builder("Pad")
          .name("pad")
          .attribute(Attribute.ofInts("pads", 0, 1, 0, 0))
          .attribute(Attribute.of("value", 0.125f));

  private static Node cast(String from, String to, DataType type) {
    return Node.builder("Cast")
        .inputs(from)
        .outputs(to)
        .attribute(Attribute.of("to", type.onnxCode()))
        .build();
  }

  /** Clips and pads in a type that nothing declares. */
  private static OnnxModel inside(DataType type) {
    Graph graph =
        Graph.builder("inside")
            .input(TensorSpec.of("x", DataType.FLOAT32, "1, 4"))
            .node(cast("x", "inner", type))
            .node(Node.of("Neg", List.of("inner"), List.of("negated")))
            .node(CLIP.inputs("negated").outputs("clipped").build())
            .node(PAD.inputs("clipped").outputs("padded").build())
            .node(cast("padded", "y", DataType.FLOAT32))
            .output(TensorSpec.of("y", DataType.FLOAT32, "1, 5"))
            .build();
    return OnnxModel.of(graph, 10);
  }

  private static DataType inputType(OnnxModel model, String operator, int input) {
    Node node =
        model.graph().nodes().stream()
            .filter(n -> n.opType().equals(operator))
            .findFirst()
            .orElseThrow();
    return model.graph().nodes().stream()
        .filter(n -> n.outputs().contains(node.inputs().get(input)))
        .findFirst()
        .flatMap(n -> n.attribute("value"))
        .orElseThrow()
        .asTensor()
        .type();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT16", "FLOAT32", "FLOAT64"})
  void boundsAndFillTakeTheTypeOfWhatTheyAreUsedWith(DataType type) throws OrtException {
    OnnxModel upgraded = inside(type).upgradeOpset(13);
    assertEquals(type, inputType(upgraded, "Clip", 1));
    assertEquals(type, inputType(upgraded, "Clip", 2));
    assertEquals(type, inputType(upgraded, "Pad", 2));
    assertEquals(List.of(), upgraded.check());
    Map<String, OrtRunner.Value> inputs = Map.of("x", OrtRunner.floats(3, 1, 4));
    double[] expected = OrtRunner.run(inside(DataType.FLOAT32), inputs).get("y").values();
    double[] found = OrtRunner.run(upgraded, inputs).get("y").values();
    assertEquals(5, found.length);
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i], found[i], 1e-3);
    }
  }

  @Test
  void aTypeThatCannotBeKnownIsRefused() {
    for (Node node :
        List.of(
            CLIP.inputs("hidden").outputs("y").build(),
            PAD.inputs("hidden").outputs("y").build())) {
      Graph graph =
          Graph.builder("hidden")
              .input(TensorSpec.of("x", DataType.FLOAT32, "1, 4"))
              .node(Node.builder("Mystery").domain("other").inputs("x").outputs("hidden").build())
              .node(node)
              .output(ValueInfo.untyped("y"))
              .build();
      OnnxModel model = OnnxModel.of(graph, 10).withOpset("other", 1);
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> model.upgradeOpset(11));
      assertTrue(e.getMessage().contains("'" + node.name() + "'"), e::getMessage);
      assertTrue(e.getMessage().contains("element type of 'hidden'"), e::getMessage);
    }
  }

  @Test
  void whatTheGraphDeclaresOfTheResultTellsTheTypeToo() {
    Graph graph =
        Graph.builder("declared")
            .input(TensorSpec.of("x", DataType.FLOAT32, "1, 4"))
            .node(Node.builder("Mystery").domain("other").inputs("x").outputs("hidden").build())
            .node(CLIP.inputs("hidden").outputs("y").build())
            .output(TensorSpec.of("y", DataType.FLOAT16, "1, 4"))
            .build();
    OnnxModel model = OnnxModel.of(graph, 10).withOpset("other", 1);
    assertEquals(DataType.FLOAT16, inputType(model.upgradeOpset(11), "Clip", 1));
  }

  @Test
  void aClipWithoutBoundsNeedsNoType() {
    Graph graph =
        Graph.builder("unbounded")
            .input(TensorSpec.of("x", DataType.FLOAT32, "1, 4"))
            .node(Node.builder("Mystery").domain("other").inputs("x").outputs("hidden").build())
            .node(Node.of("Clip", List.of("hidden"), List.of("y")))
            .output(ValueInfo.untyped("y"))
            .build();
    OnnxModel model = OnnxModel.of(graph, 10).withOpset("other", 1);
    assertEquals(11, model.upgradeOpset(11).opset());
  }
}
