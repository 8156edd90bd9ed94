package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TrainingInfoProto;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** Applies a change to every dense tensor of a model, wherever it stands, in a fixed order. */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
final class TensorProtos {
  private TensorProtos() {}

  /** Gives the tensor to put in place of another; the same one to leave it. */
  interface Change {
    TensorProto apply(TensorProto tensor, ExternalFiles files);
  }

  /** A node or constant may come from another model, so each is given with files of its own. */
  static ModelProto map(OnnxModel model, Change change) {
    ExternalFiles files = model.files();
    ModelProto.Builder copy = model.rest().toBuilder();
    copy.setGraph(graph(model.graph(), change));
    for (int i = 0; i < copy.getFunctionsCount(); i++) {
      FunctionProto f = copy.getFunctions(i);
      FunctionProto.Builder function = f.toBuilder();
      for (int n = 0; n < f.getNodeCount(); n++) {
        function.setNode(n, node(f.getNode(n), t -> change.apply(t, files)));
      }
      for (int a = 0; a < f.getAttributeProtoCount(); a++) {
        function.setAttributeProto(
            a, attribute(f.getAttributeProto(a), t -> change.apply(t, files)));
      }
      copy.setFunctions(i, function);
    }
    for (int i = 0; i < copy.getTrainingInfoCount(); i++) {
      TrainingInfoProto t = copy.getTrainingInfo(i);
      TrainingInfoProto.Builder training = t.toBuilder();
      if (t.hasInitialization()) {
        training.setInitialization(graph(t.getInitialization(), g -> change.apply(g, files)));
      }
      if (t.hasAlgorithm()) {
        training.setAlgorithm(graph(t.getAlgorithm(), g -> change.apply(g, files)));
      }
      copy.setTrainingInfo(i, training);
    }
    return copy.build();
  }

  /** Visits every dense tensor without changing the model. */
  static void each(OnnxModel model, BiConsumer<TensorProto, ExternalFiles> visitor) {
    map(
        model,
        (t, files) -> {
          visitor.accept(t, files);
          return t;
        });
  }

  /** Tells whether some tensor in an attribute lies in a file, this or another. */
  static boolean isBound(AttributeProto attribute) {
    AtomicBoolean found = new AtomicBoolean();
    attribute(
        attribute,
        t -> {
          if (TensorBytes.isBound(t)) {
            found.set(true);
          }
          return t;
        });
    return found.get();
  }

  static GraphProto graph(Graph graph, Change change) {
    GraphProto.Builder copy = graph.toProto().toBuilder();
    List<Initializer> initializers = graph.initializers();
    for (int i = 0; i < initializers.size(); i++) {
      Initializer constant = initializers.get(i);
      copy.setInitializer(i, change.apply(constant.proto(), constant.files()));
    }
    for (int i = 0; i < copy.getSparseInitializerCount(); i++) {
      copy.setSparseInitializer(
          i, sparse(copy.getSparseInitializer(i), t -> change.apply(t, graph.files())));
    }
    List<Node> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      Node before = nodes.get(i);
      NodeProto after = node(before.proto(), t -> change.apply(t, before.files()));
      if (after != before.proto()) {
        copy.setNode(i, after);
      }
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

  static NodeProto node(NodeProto node, UnaryOperator<TensorProto> change) {
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

  static AttributeProto attribute(AttributeProto attribute, UnaryOperator<TensorProto> change) {
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
