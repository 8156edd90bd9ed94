package io.inferc.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Runs models in ONNX Runtime, to see whether a changed model still computes the same. */
final class OrtRunner {
  /** Gives the elements of a tensor. */
  interface Value {
    OnnxTensor make(OrtEnvironment environment) throws OrtException;
  }

  /** A tensor as it came out. */
  record Output(long[] shape, double[] values) {}

  private OrtRunner() {}

  static Value floats(long seed, long... shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) count(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return e -> OnnxTensor.createTensor(e, FloatBuffer.wrap(values), shape);
  }

  static Value longs(long[] values, long... shape) {
    return e -> OnnxTensor.createTensor(e, LongBuffer.wrap(values), shape);
  }

  static Value bool(boolean value) {
    return e -> OnnxTensor.createTensor(e, value);
  }

  static Map<String, Output> run(Path model, Map<String, Value> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = options();
        OrtSession session = environment.createSession(model.toString(), options)) {
      return run(environment, session, inputs);
    }
  }

  static Map<String, Output> run(OnnxModel model, Map<String, Value> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = options();
        OrtSession session = environment.createSession(model.toBytes(), options)) {
      return run(environment, session, inputs);
    }
  }

  private static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setIntraOpNumThreads(1);
    return options;
  }

  private static Map<String, Output> run(
      OrtEnvironment environment, OrtSession session, Map<String, Value> inputs)
      throws OrtException {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, Value> input : inputs.entrySet()) {
        tensors.put(input.getKey(), input.getValue().make(environment));
      }
      Map<String, Output> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(tensors)) {
        for (Map.Entry<String, OnnxValue> entry : result) {
          outputs.put(entry.getKey(), output((OnnxTensor) entry.getValue()));
        }
      }
      return outputs;
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static Output output(OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    double[] values = new double[(int) count(shape)];
    switch (tensor.getInfo().type) {
      case FLOAT -> {
        FloatBuffer buffer = tensor.getFloatBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = buffer.get(i);
        }
      }
      case INT64 -> {
        LongBuffer buffer = tensor.getLongBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = buffer.get(i);
        }
      }
      default -> throw new IllegalArgumentException("no case for " + tensor.getInfo());
    }
    return new Output(shape, values);
  }

  private static long count(long... shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }
}
