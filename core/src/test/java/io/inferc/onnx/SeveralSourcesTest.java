package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a model whose values lie in the files of several models, and in memory. */
class SeveralSourcesTest {
  // Large enough to be left in the file when a model is read.
  private static final int SIZE = 512;

  @TempDir Path folder;

  private static float[] filled(float value) {
    float[] values = new float[SIZE];
    Arrays.fill(values, value);
    return values;
  }

  private Initializer stored(float value, SaveOptions options) {
    Graph graph =
        Graph.builder("g")
            .initializer(Initializer.floats("w", filled(value), SIZE))
            .node(node("Identity", "y", "w"))
            .output(TensorSpec.of("y", DataType.FLOAT32, SIZE))
            .build();
    Path path = folder.resolve("m" + value + ".onnx");
    OnnxModel.of(graph, 17).save(path, options);
    return OnnxModel.load(path).graph().initializer("w").orElseThrow();
  }

  private static Initializer direct(float value) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(SIZE * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(filled(value));
    return Initializer.wrap("w", DataType.FLOAT32, bytes, SIZE);
  }

  private static Node node(String type, String output, String... inputs) {
    return Node.builder(type).name("make_" + output).inputs(inputs).outputs(output).build();
  }

  /** One constant of each kind, worth 1, 2, 3 and so on. */
  private List<Initializer> sources() {
    List<Initializer> constants = new ArrayList<>();
    constants.add(stored(1, SaveOptions.defaults()));
    constants.add(stored(2, SaveOptions.externalData()));
    constants.add(stored(3, SaveOptions.externalData()));
    constants.add(direct(4));
    constants.add(Initializer.floats("w", filled(5), SIZE));
    constants.add(
        Initializer.computed(
            "w", DataType.FLOAT32, () -> Initializer.floats("", filled(6), SIZE), SIZE));
    return constants;
  }

  private static Graph branch(String name, List<Initializer> constants, Graph inside) {
    GraphBuilder graph = Graph.builder(name);
    String sum = "x";
    for (int i = 0; i < constants.size(); i++) {
      String constant = name + "_c" + i;
      String next = name + "_s" + i;
      if (i % 2 == 0) {
        graph.initializer(constants.get(i).withName(constant));
      } else {
        graph.node(
            Node.builder("Constant")
                .outputs(constant)
                .attribute(Attribute.of("value", constants.get(i)))
                .build());
      }
      graph.node(node("Add", next, sum, constant));
      sum = next;
    }
    if (inside != null) {
      graph.node(choice(name + "_inner", inside, inside));
      graph.node(node("Add", name + "_y", sum, name + "_inner"));
    } else {
      graph.node(node("Identity", name + "_y", sum));
    }
    return graph.output(TensorSpec.of(name + "_y", DataType.FLOAT32, SIZE)).build();
  }

  private static Node choice(String output, Graph yes, Graph no) {
    return Node.builder("If")
        .inputs("on")
        .outputs(output)
        .attribute(Attribute.of("then_branch", yes))
        .attribute(Attribute.of("else_branch", no))
        .build();
  }

  private OnnxModel model() {
    List<Initializer> constants = sources();
    List<Initializer> reversed = new ArrayList<>(constants);
    Collections.reverse(reversed);
    Graph inner = branch("inner", reversed, null);
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, SIZE))
            .input(TensorSpec.of("on", DataType.BOOL, ""))
            .node(choice("y", branch("yes", constants, inner), branch("no", reversed, null)))
            .output(TensorSpec.of("y", DataType.FLOAT32, SIZE))
            .build();
    return OnnxModel.of(graph, 17);
  }

  private static List<Float> values(Graph graph) {
    List<Float> found = new ArrayList<>();
    graph.initializers().forEach(i -> found.add(i.floats()[SIZE - 1]));
    for (Node node : graph.nodes()) {
      node.attribute("value").ifPresent(a -> found.add(a.asTensor().floats()[SIZE - 1]));
      node.subgraphs().forEach(g -> found.addAll(values(g)));
    }
    return found;
  }

  @Test
  void branchesHoldConstantsOfSeveralFilesAndOfMemory() {
    List<Float> yes = List.of(1f, 3f, 5f, 2f, 4f, 6f);
    List<Float> no = List.of(6f, 4f, 2f, 5f, 3f, 1f);
    List<Float> all = new ArrayList<>(yes);
    all.addAll(no);
    all.addAll(no);
    all.addAll(no);

    assertEquals(all, values(model().graph()));
  }

  @Test
  void theyAreSavedAndReadAgainInEitherForm() {
    OnnxModel model = model();
    for (SaveOptions options : List.of(SaveOptions.defaults(), SaveOptions.externalData())) {
      Path path = folder.resolve("all.onnx");
      model.save(path, options);

      OnnxModel loaded = OnnxModel.load(path);

      assertEquals(values(model.graph()), values(loaded.graph()));
      assertTrue(
          loaded.check().stream().noneMatch(p -> p.severity() == ModelProblem.Severity.ERROR));
    }
    assertEquals(model, OnnxModel.read(model.toBytes()));
  }

  @Test
  void aNodeHoldsTensorsOfSeveralFilesInItsAttributes() {
    List<Initializer> constants = sources();
    Node.Builder builder = Node.builder("Custom").domain("test").outputs("y");
    for (int i = 0; i < constants.size(); i++) {
      builder.attribute(Attribute.of("a" + i, constants.get(i)));
    }
    builder.attribute(Attribute.of("a1", constants.get(0)));

    Node node = builder.build().toBuilder().name("copy").build();

    for (int i = 0; i < constants.size(); i++) {
      float expected = i == 1 ? 1 : i + 1;
      assertArrayEquals(
          filled(expected), node.attribute("a" + i).orElseThrow().asTensor().floats());
    }
  }

  @Test
  void aComputedConstantInOtherDimensionsIsNotRead() {
    Initializer computed =
        Initializer.computed(
            "w",
            DataType.FLOAT32,
            () -> {
              throw new IllegalStateException("read");
            },
            SIZE);

    assertArrayEquals(new long[] {2, SIZE / 2}, computed.withDims(2, SIZE / 2).dims());
  }
}
