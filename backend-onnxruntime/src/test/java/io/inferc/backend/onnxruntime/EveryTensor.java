package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A model that returns every tensor of its main graph, to see what shapes they really have. */
final class EveryTensor implements AutoCloseable {
  private final ModelSource source;
  private final BackendModel loaded;

  EveryTensor(OnnxModel model) {
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    source = ModelSource.of(model.withGraph(everythingReturned(model.graph())));
    loaded =
        opened
            .backend()
            .compile(CompileRequest.of(source, "every tensor", opened.choice()).asFaithful());
  }

  private static Graph everythingReturned(Graph graph) {
    GraphEditor editor = graph.edit();
    graph.outputs().forEach(o -> editor.removeOutput(o.name()));
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          editor.addOutput(ValueInfo.untyped(output));
        }
      }
    }
    return editor.build();
  }

  /** Runs on random numbers in inputs of the given shapes. */
  Map<String, long[]> shapes(Map<String, long[]> inputs, Random random) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (BackendSession session = loaded.newSession(-1)) {
      for (int i = 0; i < loaded.inputs().size(); i++) {
        TensorSpec spec = loaded.inputs().get(i);
        session.bindInput(i, filled(spec.type(), inputs.get(spec.name()), random));
      }
      session.run();
      for (int i = 0; i < loaded.outputs().size(); i++) {
        try (Tensor output = session.takeOutput(i)) {
          shapes.put(loaded.outputs().get(i).name(), output.shape());
        }
      }
    }
    return shapes;
  }

  private static Tensor filled(DataType type, long[] shape, Random random) {
    Tensor tensor = Tensor.allocate(type, shape);
    if (type == DataType.FLOAT32) {
      for (int i = 0; i < tensor.elementCount(); i++) {
        // Some of them 0, for what looks at that.
        tensor.bytes().putFloat(4 * i, Math.max(0, (float) random.nextGaussian()));
      }
    }
    return tensor;
  }

  @Override
  public void close() {
    loaded.close();
    source.close();
  }
}
