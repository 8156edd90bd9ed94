package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.OutputValues;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.runtime.Value;
import io.inferc.runtime.ValueSpec;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that return more than tensors. */
class OtherValuesTest {
  @TempDir Path folder;

  private static CompiledModel compile(OnnxModel model) {
    return Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
  }

  /** Two trees of one decision each, x[0] or x[1] above 0, that vote for the classes 7 and 9. */
  private static Node forest() {
    return Node.builder("TreeEnsembleClassifier")
        .domain("ai.onnx.ml")
        .name("trees")
        .inputs("x")
        .outputs("label", "scores")
        .attribute(Attribute.ofInts("nodes_treeids", 0, 0, 0, 1, 1, 1))
        .attribute(Attribute.ofInts("nodes_nodeids", 0, 1, 2, 0, 1, 2))
        .attribute(Attribute.ofInts("nodes_featureids", 0, 0, 0, 1, 0, 0))
        .attribute(
            Attribute.ofStrings(
                "nodes_modes", List.of("BRANCH_GT", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF")))
        .attribute(Attribute.ofFloats("nodes_values", 0, 0, 0, 0, 0, 0))
        .attribute(Attribute.ofInts("nodes_truenodeids", 1, 0, 0, 1, 0, 0))
        .attribute(Attribute.ofInts("nodes_falsenodeids", 2, 0, 0, 2, 0, 0))
        .attribute(Attribute.ofInts("class_treeids", 0, 0, 1, 1))
        .attribute(Attribute.ofInts("class_nodeids", 1, 2, 1, 2))
        .attribute(Attribute.ofInts("class_ids", 2, 0, 2, 0))
        .attribute(Attribute.ofFloats("class_weights", 0.5f, 0.5f, 0.5f, 0.5f))
        .attribute(Attribute.ofInts("classlabels_int64s", 7, 8, 9))
        .build();
  }

  private static OnnxModel classifier() {
    Graph graph =
        Graph.builder("trees")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 2"))
            .node(forest())
            .node(
                Node.builder("ZipMap")
                    .domain("ai.onnx.ml")
                    .inputs("scores")
                    .outputs("probabilities")
                    .attribute(Attribute.ofInts("classlabels_int64s", 7, 8, 9))
                    .build())
            .output(TensorSpec.of("label", DataType.INT64, "n"))
            .output(ValueInfo.untyped("probabilities"))
            .build();
    return OnnxModel.of(graph, 15).withOpset("ai.onnx.ml", 1);
  }

  @Test
  void theProbabilitiesOfAZipMapAreATensor() {
    try (CompiledModel model = compile(classifier());
        Tensor x = Tensor.of(new float[] {1, 1, -1, 1, -1, -1}, 3, 2)) {
      assertEquals(
          List.of("label", "probabilities"),
          model.outputs().stream().map(TensorSpec::name).toList());
      assertEquals(List.of(), model.otherOutputs());
      assertEquals(1, model.warnings().size());
      assertTrue(
          model.warnings().get(0).contains("the 3 classes: 7, 8, 9"), model.warnings().get(0));
      assertTrue(model.warnings().get(0).contains("zipmap=False"), model.warnings().get(0));
      Map<String, Tensor> outputs = model.run(Map.of("x", x));
      Tensor probabilities = outputs.get("probabilities");
      assertArrayEquals(new long[] {3, 3}, probabilities.shape());
      assertArrayEquals(
          new float[] {0, 0, 1, 0.5f, 0, 0.5f, 1, 0, 0}, probabilities.toFloatArray());
      long[] labels = outputs.get("label").toLongArray();
      assertEquals(9, labels[0]);
      assertEquals(7, labels[2]);
      outputs.values().forEach(Tensor::close);
    }
  }

  @Test
  void aReducedPrecisionTakesThemToo() {
    try (CompiledModel model =
            Compiler.forTarget(Target.onnxRuntime())
                .precision(Precision.int8Dynamic())
                .build()
                .compile(classifier());
        Tensor x = Tensor.of(new float[] {1, 1}, 1, 2)) {
      Map<String, Tensor> outputs = model.run(Map.of("x", x));
      assertArrayEquals(new float[] {0, 0, 1}, outputs.get("probabilities").toFloatArray());
      assertEquals(2, model.warnings().size(), "ZipMap, and nothing to quantize");
      outputs.values().forEach(Tensor::close);
    }
  }

  /** Cuts x in rows, and returns the rows in a sequence between two tensors. */
  private static OnnxModel rows() {
    return OnnxModel.of(
        Graph.builder("rows")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 2"))
            .initializer(Initializer.longs("one", new long[] {1}))
            .node(Node.of("Neg", List.of("x"), List.of("negative")))
            .node(Node.of("SplitToSequence", List.of("x", "one"), List.of("rows")))
            .node(Node.of("Abs", List.of("x"), List.of("absolute")))
            .output(TensorSpec.of("negative", DataType.FLOAT32, "n, 2"))
            .output(ValueInfo.untyped("rows"))
            .output(TensorSpec.of("absolute", DataType.FLOAT32, "n, 2"))
            .build(),
        17);
  }

  private static void assertRows(CompiledModel model) {
    assertEquals(
        List.of("negative", "absolute"), model.outputs().stream().map(TensorSpec::name).toList());
    assertEquals(List.of(new ValueSpec("rows", "sequence(tensor(FLOAT))")), model.otherOutputs());
    try (InferenceSession session = model.newSession();
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2)) {
      for (int turn = 0; turn < 2; turn++) {
        OutputValues values = session.runValues(Map.of("x", x));
        Value.Sequence rows = assertInstanceOf(Value.Sequence.class, values.value("rows"));
        assertEquals(3, rows.elements().size());
        Tensor last = ((Value.Single) rows.elements().get(2)).tensor();
        assertArrayEquals(new long[] {1, 2}, last.shape());
        assertArrayEquals(new float[] {5, 6}, last.toFloatArray());
        Tensor negative = ((Value.Single) values.value("negative")).tensor();
        assertArrayEquals(new float[] {-1, -2, -3, -4, -5, -6}, negative.toFloatArray());
        values.close();
        assertTrue(last.isClosed());
        try (Outputs tensors = session.run(Map.of("x", x))) {
          assertEquals(List.of("negative", "absolute"), List.copyOf(tensors.keySet()));
        }
      }
      session.input("x", 1, 2).floats().put(0, new float[] {8, 9});
      session.run();
      assertArrayEquals(new float[] {-8, -9}, session.output("negative").toFloatArray());
    }
  }

  @Test
  void sequencesAreReturned() {
    try (CompiledModel model = compile(rows())) {
      assertRows(model);
      model.save(folder.resolve("saved"));
    }
    try (CompiledModel model = Inferc.load(folder.resolve("saved"))) {
      assertRows(model);
    }
  }

  @Test
  void aModelOfTensorsReturnsThemAsValuesToo() {
    OnnxModel plain =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                .node(Node.of("Neg", List.of("x"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                .build(),
            17);
    try (CompiledModel model = compile(plain);
        InferenceSession session = model.newSession();
        Tensor x = Tensor.of(new float[] {3}, 1);
        Value y = session.runValues(Map.of("x", x)).get("y")) {
      assertArrayEquals(new float[] {-3}, ((Value.Single) y).tensor().toFloatArray());
    }
  }
}
