package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenVINO leaves out inputs that it does not look at; who runs the model need not know. */
class UnreadInputsTest {
  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static TensorSpec spec(String name, String shape) {
    return TensorSpec.of(name, DataType.FLOAT32, shape);
  }

  private static OnnxModel model(GraphBuilder graph, String... outputs) {
    for (String output : outputs) {
      graph.output(spec(output, "n"));
    }
    return OnnxModel.of(graph.build(), 17);
  }

  /** Two inputs that count between two that do not: one unread, one read for nothing. */
  private static OnnxModel differences() {
    return model(
        Graph.builder("g")
            .input(spec("unread", "m, 3"))
            .input(spec("b", "n"))
            .input(TensorSpec.of("forNothing", DataType.INT64, "k"))
            .input(spec("a", "n"))
            .node(Node.of("Abs", List.of("forNothing"), List.of("nobody")))
            .node(Node.of("Sub", List.of("a", "b"), List.of("y"))),
        "y");
  }

  private static final Map<String, Tensor> REQUEST =
      Map.of(
          "unread", Tensor.of(new float[6], 2, 3),
          "forNothing", Tensor.of(new long[] {1, 2}, 2),
          "a", Tensor.of(new float[] {5, 7}, 2),
          "b", Tensor.of(new float[] {1, 2}, 2));

  private static CompiledModel compile(OnnxModel model, ShapeProfile... profiles) {
    Compiler.Builder compiler = Compiler.forTarget(Target.openVino());
    for (ShapeProfile profile : profiles) {
      compiler.profile(profile);
    }
    return compiler.build().compile(model);
  }

  private static void assertDifferences(CompiledModel model) {
    assertEquals(
        List.of("unread", "b", "forNothing", "a"),
        model.inputs().stream().map(TensorSpec::name).toList());
    try (Tensor y = model.run(REQUEST).get("y")) {
      assertArrayEquals(new float[] {4, 5}, y.toFloatArray());
    }
    try (InferenceSession session = model.newSession()) {
      session.input("unread", 1, 3);
      session.input("forNothing", 1);
      session.input("a", 2).floats().put(0, new float[] {5, 7});
      session.input("b", 2).floats().put(0, new float[] {1, 2});
      session.run();
      assertArrayEquals(new float[] {4, 5}, session.output("y").toFloatArray());
    }
  }

  @Test
  void theyAreTakenAndChecked() {
    try (CompiledModel model = compile(differences())) {
      assertDifferences(model);
      assertThrows(
          IllegalArgumentException.class,
          () -> model.run(Map.of("a", REQUEST.get("a"), "b", REQUEST.get("b"))));
    }
  }

  @Test
  void profilesMayBindThem() {
    try (CompiledModel model =
        compile(
            differences(),
            ShapeProfile.named("p").range("m", 1, 1, 4).range("n", 1, 2, 4).range("k", 1, 1, 2))) {
      assertDifferences(model);
    }
  }

  @Test
  void aSavedModelKnowsThem() {
    try (CompiledModel model = compile(differences())) {
      model.save(folder.resolve("saved"));
    }
    try (CompiledModel model = Inferc.load(folder.resolve("saved"))) {
      assertDifferences(model);
    }
  }

  @Test
  void kernelsAreListed() {
    try (CompiledModel model = compile(differences())) {
      assertEquals(model.kernels().size(), model.kernels(REQUEST).size());
    }
  }

  @Test
  void anInputThatItsOperatorNeedNotLookAtIsTaken() {
    OnnxModel dropout =
        model(
            Graph.builder("g")
                .input(spec("x", "n"))
                .input(TensorSpec.of("ratio", DataType.FLOAT32))
                .input(TensorSpec.of("training", DataType.BOOL))
                .node(Node.of("Dropout", List.of("x", "ratio"), List.of("kept")))
                .node(Node.of("Neg", List.of("kept"), List.of("y"))),
            "y");
    try (CompiledModel model = compile(dropout);
        Tensor y =
            model
                .run(
                    Map.of(
                        "x", Tensor.of(new float[] {1, 2}, 2),
                        "ratio", Tensor.of(new float[] {0.5f}),
                        "training", Tensor.allocate(DataType.BOOL)))
                .get("y")) {
      assertArrayEquals(new float[] {-1, -2}, y.toFloatArray());
    }
    OnnxModel resize =
        OnnxModel.of(
            Graph.builder("g")
                .input(spec("roi", "r"))
                .input(spec("x", "1, 1, 2, 2"))
                .initializer(Initializer.floats("scales", new float[] {1, 1, 2, 2}, 4))
                .node(
                    Node.builder("Resize")
                        .inputs("x", "roi", "scales")
                        .outputs("y")
                        .attribute(Attribute.of("mode", "nearest"))
                        .build())
                .output(spec("y", "1, 1, 4, 4"))
                .build(),
            17);
    try (CompiledModel model = compile(resize);
        Tensor y =
            model
                .run(
                    Map.of(
                        "x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2),
                        "roi", Tensor.of(new float[0], 0)))
                .get("y")) {
      assertArrayEquals(
          new float[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, y.toFloatArray());
    }
  }
}
