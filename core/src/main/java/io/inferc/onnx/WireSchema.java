package io.inferc.onnx;

import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TrainingInfoProto;
import java.util.Map;
import java.util.Set;

/**
 * The ways through the schema that lead to the raw data of tensors. The library's own descriptors
 * say the same, but to make them takes longer than to load a model.
 */
final class WireSchema {
  private static final Map<Class<?>, Set<Integer>> WALKED =
      Map.of(
          ModelProto.Builder.class,
          Set.of(
              ModelProto.GRAPH_FIELD_NUMBER,
              ModelProto.TRAINING_INFO_FIELD_NUMBER,
              ModelProto.FUNCTIONS_FIELD_NUMBER),
          GraphProto.Builder.class,
          Set.of(
              GraphProto.NODE_FIELD_NUMBER,
              GraphProto.INITIALIZER_FIELD_NUMBER,
              GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER),
          TrainingInfoProto.Builder.class,
          Set.of(
              TrainingInfoProto.INITIALIZATION_FIELD_NUMBER,
              TrainingInfoProto.ALGORITHM_FIELD_NUMBER),
          FunctionProto.Builder.class,
          Set.of(FunctionProto.NODE_FIELD_NUMBER, FunctionProto.ATTRIBUTE_PROTO_FIELD_NUMBER),
          NodeProto.Builder.class,
          Set.of(NodeProto.ATTRIBUTE_FIELD_NUMBER),
          AttributeProto.Builder.class,
          Set.of(
              AttributeProto.T_FIELD_NUMBER,
              AttributeProto.G_FIELD_NUMBER,
              AttributeProto.TENSORS_FIELD_NUMBER,
              AttributeProto.GRAPHS_FIELD_NUMBER,
              AttributeProto.SPARSE_TENSOR_FIELD_NUMBER,
              AttributeProto.SPARSE_TENSORS_FIELD_NUMBER),
          SparseTensorProto.Builder.class,
          Set.of(SparseTensorProto.VALUES_FIELD_NUMBER, SparseTensorProto.INDICES_FIELD_NUMBER),
          TensorProto.Builder.class,
          Set.of(TensorProto.RAW_DATA_FIELD_NUMBER));

  private WireSchema() {}

  /** Tells whether a field of a message is raw data, or a message that may hold some. */
  static boolean isWalked(Message.Builder message, int number) {
    return WALKED.getOrDefault(message.getClass(), Set.of()).contains(number);
  }

  /** Starts the message in a field: one more if the field is repeated, or else the one there is. */
  static Message.Builder inner(Message.Builder message, int number) {
    if (message instanceof ModelProto.Builder m) {
      return switch (number) {
        case ModelProto.GRAPH_FIELD_NUMBER -> m.getGraphBuilder();
        case ModelProto.TRAINING_INFO_FIELD_NUMBER -> m.addTrainingInfoBuilder();
        default -> m.addFunctionsBuilder();
      };
    }
    if (message instanceof GraphProto.Builder g) {
      return switch (number) {
        case GraphProto.NODE_FIELD_NUMBER -> g.addNodeBuilder();
        case GraphProto.INITIALIZER_FIELD_NUMBER -> g.addInitializerBuilder();
        default -> g.addSparseInitializerBuilder();
      };
    }
    if (message instanceof TrainingInfoProto.Builder t) {
      return number == TrainingInfoProto.INITIALIZATION_FIELD_NUMBER
          ? t.getInitializationBuilder()
          : t.getAlgorithmBuilder();
    }
    if (message instanceof FunctionProto.Builder f) {
      return number == FunctionProto.NODE_FIELD_NUMBER
          ? f.addNodeBuilder()
          : f.addAttributeProtoBuilder();
    }
    if (message instanceof NodeProto.Builder n) {
      return n.addAttributeBuilder();
    }
    if (message instanceof SparseTensorProto.Builder s) {
      return number == SparseTensorProto.VALUES_FIELD_NUMBER
          ? s.getValuesBuilder()
          : s.getIndicesBuilder();
    }
    if (message instanceof AttributeProto.Builder a) {
      return switch (number) {
        case AttributeProto.T_FIELD_NUMBER -> a.getTBuilder();
        case AttributeProto.G_FIELD_NUMBER -> a.getGBuilder();
        case AttributeProto.TENSORS_FIELD_NUMBER -> a.addTensorsBuilder();
        case AttributeProto.GRAPHS_FIELD_NUMBER -> a.addGraphsBuilder();
        case AttributeProto.SPARSE_TENSOR_FIELD_NUMBER -> a.getSparseTensorBuilder();
        default -> a.addSparseTensorsBuilder();
      };
    }
    throw new IllegalArgumentException("no way to raw data through " + message.getClass());
  }
}
