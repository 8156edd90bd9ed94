package io.inferc.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Runs models in ONNX Runtime, to see whether a changed model still computes the same. */
public final class OrtRunner {
  /** Gives the elements of a tensor. */
  public interface Value {
    /** Makes the tensor, which the caller closes. */
    OnnxTensor make(OrtEnvironment environment) throws OrtException;
  }

  /**
   * A tensor as it came out.
   *
   * @param shape its sizes
   * @param values its elements; booleans as 0 and 1
   */
  public record Output(long[] shape, double[] values) {}

  /**
   * Whether this processor adds products of bytes in 32 bits. x86 without VNNI adds pairs of them
   * in 16 bits, which overflow with weights of 8 bits: then integer kernels do not compute what the
   * specification says, and models for such processors have weights of 7 bits.
   */
  public static final boolean ADDS_BYTES_IN_32_BITS = addsBytesIn32Bits();

  private OrtRunner() {}

  private static boolean addsBytesIn32Bits() {
    if (!List.of("amd64", "x86_64").contains(System.getProperty("os.arch"))) {
      return true;
    }
    try {
      String flags = Files.readString(Path.of("/proc/cpuinfo"));
      return flags.contains("avx512_vnni") || flags.contains("avx_vnni");
    } catch (IOException e) {
      // Not Linux: it may have them or not, and Q and DQ one by one are right on either.
      return false;
    }
  }

  /** Takes the elements of a tensor of FLOAT32, INT64, INT32, BOOL, INT8 or UINT8. */
  public static Value of(Tensor tensor) {
    long[] shape = tensor.shape();
    return switch (tensor.type()) {
      case FLOAT32 -> e -> OnnxTensor.createTensor(e, tensor.floats(), shape);
      case INT64 -> e -> OnnxTensor.createTensor(e, tensor.longs(), shape);
      case INT32 -> e -> OnnxTensor.createTensor(e, tensor.ints(), shape);
      case BOOL -> e -> OnnxTensor.createTensor(e, tensor.bytes(), shape, OnnxJavaType.BOOL);
      case INT8 -> e -> OnnxTensor.createTensor(e, tensor.bytes(), shape, OnnxJavaType.INT8);
      case UINT8 -> e -> OnnxTensor.createTensor(e, tensor.bytes(), shape, OnnxJavaType.UINT8);
      default -> throw new IllegalArgumentException("no case for " + tensor);
    };
  }

  /** Takes the elements of tensors, by name. */
  public static Map<String, Value> of(Map<String, Tensor> tensors) {
    Map<String, Value> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, of(tensor)));
    return values;
  }

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

  /** Runs a model file. */
  public static Map<String, Output> run(Path model, Map<String, Value> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = options();
        OrtSession session = environment.createSession(model.toString(), options)) {
      return run(environment, session, inputs);
    }
  }

  /** Opens a model without running it, which fails where ONNX Runtime refuses it. */
  public static void open(OnnxModel model) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = options();
        OrtSession session = environment.createSession(model.toBytes(), options)) {
      session.getNumInputs();
    }
  }

  /** Runs a model. */
  public static Map<String, Output> run(OnnxModel model, Map<String, Value> inputs)
      throws OrtException {
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
    if (!ADDS_BYTES_IN_32_BITS) {
      // Then Q and DQ are computed one by one, as the specification says.
      options.addConfigEntry("session.disable_quant_qdq", "1");
    }
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
      case INT32 -> {
        IntBuffer buffer = tensor.getIntBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = buffer.get(i);
        }
      }
      case BOOL, INT8 -> {
        ByteBuffer buffer = tensor.getByteBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = buffer.get(i);
        }
      }
      case UINT8 -> {
        ByteBuffer buffer = tensor.getByteBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = buffer.get(i) & 0xFF;
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
