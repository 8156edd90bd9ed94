package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Copies what ONNX Runtime returned without the Java heap. Its Java API shows native memory in heap
 * arrays alone, so large tensors go through a model of one Identity, whose output is bound.
 *
 * <p>Thread-safe. Sessions are made when they are first needed.
 */
final class NativeCopies implements AutoCloseable {
  // Below, a run takes longer than the array.
  private static final long LARGE = 128 << 10;
  private static final int OPSET = 13;

  private final OrtEnvironment environment;
  private final Map<DataType, OrtSession> sessions = new EnumMap<>(DataType.class);

  NativeCopies(OrtEnvironment environment) {
    this.environment = environment;
  }

  /** Copies a tensor of numbers into one of the same type and shape. */
  void copy(OnnxTensor from, Tensor to) throws OrtException {
    if (to.byteSize() == 0) {
      return;
    }
    if (to.byteSize() < LARGE) {
      to.bytes().put(from.getByteBuffer());
      return;
    }
    ByteBuffer bytes = to.bytes();
    try (OnnxTensor bound =
            OnnxTensor.createTensor(environment, bytes, to.shape(), Types.javaType(to.type()));
        RunOptions options = new RunOptions()) {
      session(to.type()).run(Map.of("from", from), Set.of(), Map.of("to", bound), options).close();
    }
  }

  private synchronized OrtSession session(DataType type) throws OrtException {
    OrtSession session = sessions.get(type);
    if (session == null) {
      session = open(type);
      sessions.put(type, session);
    }
    return session;
  }

  private OrtSession open(DataType type) throws OrtException {
    Graph graph =
        Graph.builder("copy")
            .input(new TensorSpec("from", type, TensorShape.unknownRank()))
            .node(Node.builder("Identity").inputs("from").outputs("to").build())
            .output(new TensorSpec("to", type, TensorShape.unknownRank()))
            .build();
    try (SessionOptions options = new SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return environment.createSession(OnnxModel.of(graph, OPSET).toBytes(), options);
    }
  }

  @Override
  public synchronized void close() throws OrtException {
    for (OrtSession session : sessions.values()) {
      session.close();
    }
    sessions.clear();
  }
}
