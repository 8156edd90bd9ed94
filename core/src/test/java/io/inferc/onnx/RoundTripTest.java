package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once")
class RoundTripTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void aRealModelIsSavedByteForByteAsItWasLoaded(RealModels model) throws IOException {
    Path saved = folder.resolve("saved.onnx");

    OnnxModel.load(model.path()).save(saved);

    assertEquals(-1, Files.mismatch(model.path(), saved));
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void anEditThatChangesNothingLeavesEveryByteInPlace(RealModels model) throws IOException {
    OnnxModel loaded = OnnxModel.load(model.path());
    Path saved = folder.resolve("saved.onnx");

    loaded.withGraph(loaded.graph().edit().build()).save(saved);

    assertEquals(-1, Files.mismatch(model.path(), saved));
  }

  @Test
  void everyFieldOfTheSchemaAndUnknownOnesSurviveLoadingAndSaving() throws IOException {
    ModelProto proto = EveryField.model();
    Path original = folder.resolve("original.onnx");
    Files.write(original, proto.toByteArray());

    OnnxModel loaded = OnnxModel.loadUnchecked(original);

    Path saved = folder.resolve("saved.onnx");
    WireWriter wire = new WireWriter();
    byte[] bytes =
        wire.toBytes(
            TensorProtos.map(
                loaded,
                (t, files) -> t.hasMappedRun() ? wire.inside(t, TensorBytes.raw(t, files)) : t));
    Files.write(saved, bytes);

    assertEquals(proto, ModelProto.parseFrom(bytes));
    assertEquals(-1, Files.mismatch(original, saved));
  }

  @Test
  void theModelOfTheTestAboveReallySetsEveryFieldOfEveryMessage() {
    Set<FieldDescriptor> all = new HashSet<>();
    declared(ModelProto.getDescriptor(), new HashSet<>(), all);
    Set<FieldDescriptor> set = new HashSet<>();
    present(EveryField.model(), set);

    all.removeAll(set);
    all.removeIf(f -> f.getName().equals("mapped_run"));

    assertTrue(all.isEmpty(), () -> "never set: " + all);
  }

  @Test
  void editingKeepsWhatTheGraphHasBesidesNodes() {
    ModelProto proto = EveryField.model();
    Graph graph = Graph.of(proto.getGraph(), ExternalFiles.NONE);

    Graph edited =
        graph.edit().append(Node.builder("Relu").inputs("a").outputs("b").build()).build();

    GraphProto after = edited.toProto();
    assertEquals(proto.getGraph().getDocString(), after.getDocString());
    assertEquals(
        proto.getGraph().getQuantizationAnnotationList(), after.getQuantizationAnnotationList());
    assertEquals(proto.getGraph().getSparseInitializerList(), after.getSparseInitializerList());
    assertEquals(proto.getGraph().getMetadataPropsList(), after.getMetadataPropsList());
    assertEquals(proto.getGraph().getUnknownFields(), after.getUnknownFields());
  }

  @Test
  void aFieldSetToItsDefaultStaysSetAndAnAbsentOneStaysAbsent() {
    ModelProto present = valid().setDocString("").setModelVersion(0).setDomain("").build();

    OnnxModel withDefaults = OnnxModel.read(present.toByteArray());
    OnnxModel without = OnnxModel.read(valid().build().toByteArray());

    assertTrue(withDefaults.toProto().hasDocString());
    assertTrue(withDefaults.toProto().hasModelVersion());
    assertFalse(without.toProto().hasDocString());
    assertArrayEquals(present.toByteArray(), withDefaults.toBytes());
  }

  @Test
  void aModelMadeInMemoryComesBackEqual() {
    OnnxModel model = SmallModels.perceptron(4, 8, 2, 1);

    OnnxModel back = OnnxModel.read(model.toBytes());

    assertEquals(model, back);
    assertEquals(model.hashCode(), back.hashCode());
  }

  @Test
  void aSubgraphComesBackEqual() {
    OnnxModel model = SmallModels.branches();

    assertEquals(model, OnnxModel.read(model.toBytes()));
  }

  @Test
  void savingTwiceGivesTheSameBytes() throws IOException {
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 2);
    Path one = Files.createDirectory(folder.resolve("one")).resolve("m.onnx");
    Path two = Files.createDirectory(folder.resolve("two")).resolve("m.onnx");

    model.save(one, SaveOptions.externalData());
    model.save(two, SaveOptions.externalData());

    assertEquals(-1, Files.mismatch(one, two));
    assertEquals(
        -1, Files.mismatch(one.resolveSibling("m.onnx.data"), two.resolveSibling("m.onnx.data")));
  }

  private static ModelProto.Builder valid() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(
            GraphProto.newBuilder()
                .setName("g")
                .addInput(ValueInfoProto.newBuilder().setName("x"))
                .addNode(NodeProto.newBuilder().setOpType("Relu").addInput("x").addOutput("y"))
                .addOutput(ValueInfoProto.newBuilder().setName("y")));
  }

  private static void declared(Descriptor type, Set<Descriptor> seen, Set<FieldDescriptor> fields) {
    if (seen.add(type)) {
      fields.addAll(type.getFields());
      for (FieldDescriptor field : type.getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          declared(field.getMessageType(), seen, fields);
        }
      }
    }
  }

  private static void present(Message message, Set<FieldDescriptor> fields) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              fields.add(field);
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                if (value instanceof Iterable<?> many) {
                  many.forEach(m -> present((Message) m, fields));
                } else {
                  present((Message) value, fields);
                }
              }
            });
  }
}
