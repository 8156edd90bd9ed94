package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TrainingInfoProto;
import java.util.function.UnaryOperator;

/** Applies a change to every dense tensor of a model, wherever it stands, in a fixed order. */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
final class TensorProtos {
  private TensorProtos() {}

  static ModelProto map(ModelProto model, UnaryOperator<TensorProto> change) {
    ModelProto.Builder copy = model.toBuilder();
    if (model.hasGraph()) {
      copy.setGraph(graph(model.getGraph(), change));
    }
    for (int i = 0; i < model.getFunctionsCount(); i++) {
      FunctionProto f = model.getFunctions(i);
      FunctionProto.Builder function = f.toBuilder();
      for (int n = 0; n < f.getNodeCount(); n++) {
        function.setNode(n, node(f.getNode(n), change));
      }
      for (int a = 0; a < f.getAttributeProtoCount(); a++) {
        function.setAttributeProto(a, attribute(f.getAttributeProto(a), change));
      }
      copy.setFunctions(i, function);
    }
    for (int i = 0; i < model.getTrainingInfoCount(); i++) {
      TrainingInfoProto t = model.getTrainingInfo(i);
      TrainingInfoProto.Builder training = t.toBuilder();
      if (t.hasInitialization()) {
        training.setInitialization(graph(t.getInitialization(), change));
      }
      if (t.hasAlgorithm()) {
        training.setAlgorithm(graph(t.getAlgorithm(), change));
      }
      copy.setTrainingInfo(i, training);
    }
    return copy.build();
  }

  private static GraphProto graph(GraphProto graph, UnaryOperator<TensorProto> change) {
    GraphProto.Builder copy = graph.toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      copy.setInitializer(i, change.apply(graph.getInitializer(i)));
    }
    for (int i = 0; i < graph.getSparseInitializerCount(); i++) {
      copy.setSparseInitializer(i, sparse(graph.getSparseInitializer(i), change));
    }
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto before = graph.getNode(i);
      NodeProto after = node(before, change);
      if (after != before) {
        copy.setNode(i, after);
      }
    }
    return copy.build();
  }

  private static SparseTensorProto sparse(
      SparseTensorProto sparse, UnaryOperator<TensorProto> change) {
    SparseTensorProto.Builder copy = sparse.toBuilder();
    if (sparse.hasValues()) {
      copy.setValues(change.apply(sparse.getValues()));
    }
    if (sparse.hasIndices()) {
      copy.setIndices(change.apply(sparse.getIndices()));
    }
    return copy.build();
  }

  private static NodeProto node(NodeProto node, UnaryOperator<TensorProto> change) {
    NodeProto.Builder copy = null;
    for (int i = 0; i < node.getAttributeCount(); i++) {
      AttributeProto before = node.getAttribute(i);
      AttributeProto after = attribute(before, change);
      if (after != before) {
        copy = copy == null ? node.toBuilder() : copy;
        copy.setAttribute(i, after);
      }
    }
    return copy == null ? node : copy.build();
  }

  private static AttributeProto attribute(
      AttributeProto attribute, UnaryOperator<TensorProto> change) {
    boolean plain =
        !attribute.hasT()
            && !attribute.hasG()
            && !attribute.hasSparseTensor()
            && attribute.getTensorsCount() == 0
            && attribute.getGraphsCount() == 0
            && attribute.getSparseTensorsCount() == 0;
    if (plain) {
      return attribute;
    }
    AttributeProto.Builder copy = attribute.toBuilder();
    if (attribute.hasT()) {
      copy.setT(change.apply(attribute.getT()));
    }
    if (attribute.hasG()) {
      copy.setG(graph(attribute.getG(), change));
    }
    if (attribute.hasSparseTensor()) {
      copy.setSparseTensor(sparse(attribute.getSparseTensor(), change));
    }
    for (int i = 0; i < attribute.getTensorsCount(); i++) {
      copy.setTensors(i, change.apply(attribute.getTensors(i)));
    }
    for (int i = 0; i < attribute.getGraphsCount(); i++) {
      copy.setGraphs(i, graph(attribute.getGraphs(i), change));
    }
    for (int i = 0; i < attribute.getSparseTensorsCount(); i++) {
      copy.setSparseTensors(i, sparse(attribute.getSparseTensors(i), change));
    }
    return copy.build();
  }
}
