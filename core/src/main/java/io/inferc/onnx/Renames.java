package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.NodeDeviceConfigurationProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.ShardingSpecProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.StringStringEntryProto;
import io.inferc.onnx.internal.proto.TensorAnnotation;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Gives tensors new names where graphs and nodes refer to them.
 *
 * <p>An instance collects those for the parts that are neither nodes nor declarations (sparse
 * constants and quantization annotations), to be applied once, when the graph is complete.
 */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
final class Renames {
  private final Map<String, String> originalByCurrent = new HashMap<>();

  void add(String from, String to) {
    String original = originalByCurrent.remove(from);
    originalByCurrent.put(to, original == null ? from : original);
  }

  GraphProto apply(GraphProto rest) {
    if (originalByCurrent.isEmpty()) {
      return rest;
    }
    Map<String, String> names = new HashMap<>();
    originalByCurrent.forEach((current, original) -> names.put(original, current));
    UnaryOperator<String> rename = n -> names.getOrDefault(n, n);
    GraphProto.Builder copy =
        rest.toBuilder().clearSparseInitializer().clearQuantizationAnnotation();
    rest.getSparseInitializerList().forEach(s -> copy.addSparseInitializer(sparse(s, rename)));
    rest.getQuantizationAnnotationList()
        .forEach(a -> copy.addQuantizationAnnotation(annotation(a, rename)));
    return copy.build();
  }

  private static SparseTensorProto sparse(SparseTensorProto sparse, UnaryOperator<String> rename) {
    SparseTensorProto.Builder copy = sparse.toBuilder();
    copy.getValuesBuilder().setName(rename.apply(sparse.getValues().getName()));
    return copy.build();
  }

  private static TensorAnnotation annotation(
      TensorAnnotation annotation, UnaryOperator<String> rename) {
    TensorAnnotation.Builder copy = annotation.toBuilder().clearQuantParameterTensorNames();
    if (annotation.hasTensorName()) {
      copy.setTensorName(rename.apply(annotation.getTensorName()));
    }
    for (StringStringEntryProto entry : annotation.getQuantParameterTensorNamesList()) {
      copy.addQuantParameterTensorNames(entry.toBuilder().setValue(rename.apply(entry.getValue())));
    }
    return copy.build();
  }

  /** Renames what a node reads, also inside its graphs; the same message if that is nothing. */
  static NodeProto reads(NodeProto node, ExternalFiles files, UnaryOperator<String> rename) {
    NodeProto.Builder copy = null;
    for (int i = 0; i < node.getInputCount(); i++) {
      String before = node.getInput(i);
      String after = before.isEmpty() ? before : rename.apply(before);
      if (!after.equals(before)) {
        copy = copy == null ? node.toBuilder() : copy;
        copy.setInput(i, after);
      }
    }
    for (int i = 0; i < node.getAttributeCount(); i++) {
      AttributeProto before = node.getAttribute(i);
      AttributeProto after = graphs(before, files, rename);
      if (after != before) {
        copy = copy == null ? node.toBuilder() : copy;
        copy.setAttribute(i, after);
      }
    }
    if (copy == null) {
      return node;
    }
    sharding(copy, rename);
    return copy.build();
  }

  private static AttributeProto graphs(
      AttributeProto attribute, ExternalFiles files, UnaryOperator<String> rename) {
    if (attribute.hasG()) {
      Graph before = Graph.of(attribute.getG(), files);
      Graph after = before.mapOuterNames(rename);
      return after == before ? attribute : attribute.toBuilder().setG(after.toProto()).build();
    }
    if (attribute.getGraphsCount() == 0) {
      return attribute;
    }
    AttributeProto.Builder copy = attribute.toBuilder().clearGraphs();
    for (GraphProto graph : attribute.getGraphsList()) {
      copy.addGraphs(Graph.of(graph, files).mapOuterNames(rename).toProto());
    }
    return copy.build();
  }

  /** Renames what a node makes. */
  static NodeProto output(NodeProto node, String from, String to) {
    NodeProto.Builder copy = node.toBuilder();
    for (int i = 0; i < node.getOutputCount(); i++) {
      if (node.getOutput(i).equals(from)) {
        copy.setOutput(i, to);
      }
    }
    sharding(copy, n -> n.equals(from) ? to : n);
    return copy.build();
  }

  /** Renames what a node says of the distribution of its tensors over devices. */
  private static void sharding(NodeProto.Builder node, UnaryOperator<String> rename) {
    if (node.getDeviceConfigurationsCount() == 0) {
      return;
    }
    for (NodeDeviceConfigurationProto.Builder devices : node.getDeviceConfigurationsBuilderList()) {
      for (ShardingSpecProto.Builder spec : devices.getShardingSpecBuilderList()) {
        if (spec.hasTensorName()) {
          spec.setTensorName(rename.apply(spec.getTensorName()));
        }
      }
    }
  }
}
