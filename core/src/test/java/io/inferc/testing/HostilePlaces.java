package io.inferc.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Moves the nodes of a model to where checks and runtimes may look less closely. */
public final class HostilePlaces {
  private final ModelProto model;

  private HostilePlaces(OnnxModel model) {
    try {
      this.model = ModelProto.parseFrom(model.toBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All models of odd arguments as they are, in a branch and in a function. */
  public static Map<String, Supplier<byte[]>> all() {
    Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();
    HostileModels.all()
        .forEach(
            (name, model) -> {
              models.put(name, model::toBytes);
              models.put(name + ", in a branch", () -> inBranch(model));
              models.put(name + ", in a function", () -> inFunction(model));
            });
    return models;
  }

  /** The nodes in both branches of an If, which read the constants around it. */
  public static byte[] inBranch(OnnxModel model) {
    HostilePlaces places = new HostilePlaces(model);
    return places.choice(places.model.getGraph().getNodeList(), true);
  }

  /** The nodes in both branches of an If, with constants that nodes make there. */
  public static byte[] inBranchWithConstants(OnnxModel model) {
    HostilePlaces places = new HostilePlaces(model);
    return places.choice(places.nodes(), false);
  }

  /** The nodes in a function, with constants that nodes make there. */
  public static byte[] inFunction(OnnxModel model) {
    HostilePlaces places = new HostilePlaces(model);
    GraphProto graph = places.model.getGraph();
    List<String> inputs = graph.getInputList().stream().map(ValueInfoProto::getName).toList();
    FunctionProto function =
        FunctionProto.newBuilder()
            .setDomain(ProtoModels.DOMAIN)
            .setName("f")
            .addAllInput(inputs)
            .addOutput("y")
            .addAllOpsetImport(places.model.getOpsetImportList())
            .addAllNode(places.nodes())
            .build();
    return places.model.toBuilder()
        .setIrVersion(10)
        .addOpsetImport(ProtoModels.opset(ProtoModels.DOMAIN, 1))
        .addFunctions(function)
        .setGraph(
            graph.toBuilder()
                .clearInitializer()
                .clearNode()
                .addNode(ProtoModels.call("f", String.join(" ", inputs), "y")))
        .build()
        .toByteArray();
  }

  /** The nodes behind others that make their constants. */
  private List<NodeProto> nodes() {
    GraphProto graph = model.getGraph();
    List<NodeProto> nodes =
        graph.getInitializerList().stream()
            .map(c -> ProtoModels.node("Constant", "", c.getName(), ProtoModels.a("value", c)))
            .collect(Collectors.toList());
    nodes.addAll(graph.getNodeList());
    return nodes;
  }

  private byte[] choice(List<NodeProto> nodes, boolean constantsAround) {
    GraphProto graph = model.getGraph();
    GraphProto branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addAllNode(nodes)
            .addAllOutput(graph.getOutputList())
            .build();
    GraphProto.Builder around =
        graph.toBuilder()
            .clearNode()
            .addInput(ProtoModels.flag("c"))
            .addNode(ProtoModels.choice(branch, branch, "result"))
            .setOutput(0, graph.getOutput(0).toBuilder().setName("result"));
    if (!constantsAround) {
      around.clearInitializer();
    }
    return model.toBuilder().setGraph(around).build().toByteArray();
  }
}
