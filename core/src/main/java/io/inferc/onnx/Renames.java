package io.inferc.onnx;

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
 * New names of tensors, for the parts of a graph that refer to tensors but are neither nodes nor
 * declarations: sparse constants and quantization annotations. They are applied once, when the
 * graph is complete.
 */
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

  /** Renames what a node says of the distribution of its tensors over devices. */
  static void sharding(NodeProto.Builder node, UnaryOperator<String> rename) {
    for (NodeDeviceConfigurationProto.Builder devices : node.getDeviceConfigurationsBuilderList()) {
      for (ShardingSpecProto.Builder spec : devices.getShardingSpecBuilderList()) {
        if (spec.hasTensorName()) {
          spec.setTensorName(rename.apply(spec.getTensorName()));
        }
      }
    }
  }
}
