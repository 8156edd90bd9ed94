package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What ONNX Runtime makes of a model. */
final class OptimizedGraph {
  private OptimizedGraph() {}

  /** Counts the operators of the graph as ONNX Runtime would run it. */
  static Map<String, Integer> operators(OnnxModel model) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Node node : of(model).graph().nodes()) {
      counts.merge(node.opType(), 1, Integer::sum);
    }
    return counts;
  }

  static OnnxModel of(OnnxModel model) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("optimized");
      Path file = folder.resolve("optimized.onnx");
      try (SessionOptions options = new SessionOptions()) {
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        options.setOptimizedModelFilePath(file.toString());
        OrtEnvironment.getEnvironment().createSession(model.toBytes(), options).close();
      }
      return OnnxModel.read(Files.readAllBytes(file));
    } catch (OrtException | IOException e) {
      throw new AssertionError(e);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    if (folder != null) {
      try (var files = Files.list(folder)) {
        for (Path f : files.toList()) {
          Files.delete(f);
        }
        Files.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
