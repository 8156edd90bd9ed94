package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.inferc.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The baseline: ONNX Runtime's own Java API with wrapped inputs and pinned outputs. */
final class RawSession implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

  RawSession(Path model, Map<String, Tensor> in, Map<String, Tensor> out) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(model.toString(), options);
    }
    for (Map.Entry<String, Tensor> e : in.entrySet()) {
      inputs.put(e.getKey(), wrap(environment, e.getValue()));
    }
    for (Map.Entry<String, Tensor> e : out.entrySet()) {
      outputs.put(e.getKey(), wrap(environment, e.getValue()));
    }
  }

  private static OnnxTensor wrap(OrtEnvironment environment, Tensor tensor) throws OrtException {
    OnnxJavaType type = Types.javaType(tensor.type());
    return OnnxTensor.createTensor(environment, tensor.bytes(), tensor.shape(), type);
  }

  void run() throws OrtException {
    session.run(inputs, Set.of(), outputs).close();
  }

  @Override
  public void close() throws OrtException {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    session.close();
  }
}
