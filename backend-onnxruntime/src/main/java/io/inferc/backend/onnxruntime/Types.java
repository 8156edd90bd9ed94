package io.inferc.backend.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** ONNX Runtime's element types and ours. */
final class Types {
  /** The types that ONNX Runtime's Java API passes in and out. */
  static final Map<DataType, OnnxJavaType> JAVA_TYPES;

  static {
    Map<DataType, OnnxJavaType> types = new EnumMap<>(DataType.class);
    types.put(DataType.FLOAT32, OnnxJavaType.FLOAT);
    types.put(DataType.FLOAT64, OnnxJavaType.DOUBLE);
    types.put(DataType.FLOAT16, OnnxJavaType.FLOAT16);
    types.put(DataType.BFLOAT16, OnnxJavaType.BFLOAT16);
    types.put(DataType.INT8, OnnxJavaType.INT8);
    types.put(DataType.UINT8, OnnxJavaType.UINT8);
    types.put(DataType.INT16, OnnxJavaType.INT16);
    types.put(DataType.INT32, OnnxJavaType.INT32);
    types.put(DataType.INT64, OnnxJavaType.INT64);
    types.put(DataType.BOOL, OnnxJavaType.BOOL);
    types.put(DataType.STRING, OnnxJavaType.STRING);
    JAVA_TYPES = Collections.unmodifiableMap(types);
  }

  private Types() {}

  static OnnxJavaType javaType(DataType type) {
    OnnxJavaType javaType = JAVA_TYPES.get(type);
    if (javaType == null) {
      throw new IllegalArgumentException(
          "ONNX Runtime's Java API passes no "
              + type
              + " tensors; it passes "
              + JAVA_TYPES.keySet()
              + ".");
    }
    return javaType;
  }

  static List<TensorSpec> specs(
      String model, String kind, Map<String, NodeInfo> infos, Graph declared) {
    List<TensorSpec> specs = new ArrayList<>();
    infos.forEach((name, info) -> specs.add(spec(model, kind, name, info, declared)));
    return List.copyOf(specs);
  }

  /** As {@link #specs}, leaving out what cannot be passed: for models that return everything. */
  static List<TensorSpec> passableSpecs(String model, Map<String, NodeInfo> infos, Graph declared) {
    List<TensorSpec> specs = new ArrayList<>();
    infos.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof TensorInfo info && dataType(info).isPresent()) {
            specs.add(spec(model, "output", name, node, declared));
          }
        });
    return List.copyOf(specs);
  }

  static Optional<DataType> dataType(TensorInfo info) {
    return JAVA_TYPES.entrySet().stream()
        .filter(e -> e.getValue() == info.type && e.getKey().onnxCode() == onnxCode(info))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static TensorSpec spec(
      String model, String kind, String name, NodeInfo node, Graph declared) {
    if (!(node.getInfo() instanceof TensorInfo info)) {
      throw refusal(model, kind, name, "is " + declared(name, declared) + ", not a tensor");
    }
    Optional<DataType> type = dataType(info);
    if (type.isEmpty()) {
      throw refusal(
          model,
          kind,
          name,
          "has the element type " + info.onnxType + ", which the Java API lacks");
    }
    // ONNX Runtime reports an unknown rank like a scalar; only the model tells the two apart.
    boolean scalar = info.getShape().length == 0;
    boolean declaredScalar =
        scalar && declared.declared(name).filter(d -> d.shape().isRankKnown()).isPresent();
    return new TensorSpec(
        name, type.get(), scalar && !declaredScalar ? TensorShape.unknownRank() : shape(info));
  }

  /** What a model says of an input or output that is no tensor. */
  private static String declared(String name, Graph graph) {
    return Stream.concat(graph.inputs().stream(), graph.outputs().stream())
        .filter(v -> v.name().equals(name))
        .findFirst()
        .map(v -> "of the kind '" + v.kind() + "'")
        .orElse("of an unknown kind");
  }

  /** The Java type alone does not tell signed from unsigned integers. */
  private static int onnxCode(TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16.onnxCode();
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32.onnxCode();
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64.onnxCode();
      default ->
          JAVA_TYPES.entrySet().stream()
              .filter(e -> e.getValue() == info.type)
              .mapToInt(e -> e.getKey().onnxCode())
              .findFirst()
              .orElse(0);
    };
  }

  private static InfercException refusal(String model, String kind, String name, String found) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for ONNX Runtime, but its "
            + kind
            + " '"
            + name
            + "' "
            + found
            + ".",
        "Change the model so that it takes and returns tensors of "
            + JAVA_TYPES.keySet()
            + "; ones that it returns may also be in sequences.");
  }

  private static TensorShape shape(TensorInfo info) {
    long[] sizes = info.getShape();
    String[] names = info.getDimensionNames();
    List<Dimension> dimensions = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] >= 0) {
        dimensions.add(Dimension.fixed(sizes[i]));
      } else if (i < names.length && !names[i].isEmpty()) {
        dimensions.add(Dimension.symbolic(names[i]));
      } else {
        dimensions.add(Dimension.unknown());
      }
    }
    return TensorShape.of(dimensions);
  }
}
