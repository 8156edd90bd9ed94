package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Times each kernel of an optimized graph with ONNX Runtime's own profiler. */
final class KernelTimes {
  private static final int WARM_UP = 2;
  private static final int RUNS = 12;
  private static final double MICROS = 1000.0;

  private final OnnxRuntimeBackend backend;
  private final String name;
  private final Target.Choice choice;

  KernelTimes(OnnxRuntimeBackend backend, String name, Target.Choice choice) {
    this.backend = backend;
    this.name = name;
    this.choice = choice;
  }

  /**
   * Runs a request some times.
   *
   * @param optimized the file of the optimized graph; the profile is written beside it
   * @param graph the same graph
   * @param request all inputs, by name
   * @return the median time of each node in milliseconds, 0 where the profiler says none
   */
  double[] measure(Path optimized, Graph graph, Map<String, Tensor> request) {
    Path prefix = optimized.resolveSibling("profile");
    OrtEnvironment environment =
        Environments.get(SessionSettings.options(choice).threads().sharedPool());
    try (OrtSession session = backend.openProfiled(name, optimized, choice, prefix);
        NativeCopies copies = new NativeCopies(environment)) {
      List<TensorSpec> inputs = Types.specs(name, "input", session.getInputInfo(), graph);
      List<TensorSpec> outputs = Types.passableSpecs(name, session.getOutputInfo(), graph);
      try (OnnxRuntimeSession runs =
          new OnnxRuntimeSession(
              name, environment, session, inputs, outputs, List.of(), copies, false)) {
        for (int i = 0; i < inputs.size(); i++) {
          runs.bindInput(i, Objects.requireNonNull(request.get(inputs.get(i).name())));
        }
        for (int run = 0; run < WARM_UP + RUNS; run++) {
          runs.run();
        }
      }
      return read(Path.of(session.endProfiling()), graph.nodes());
    } catch (OrtException e) {
      throw Errors.run(name, e);
    }
  }

  private double[] read(Path profile, List<Node> nodes) {
    List<List<Double>> times = new ArrayList<>();
    nodes.forEach(n -> times.add(new ArrayList<>()));
    try {
      for (JsonNode event : new ObjectMapper().readTree(profile.toFile())) {
        JsonNode arguments = event.path("args");
        int index = arguments.path("node_index").asInt(-1);
        boolean kernel =
            event.path("name").asText().endsWith("_kernel_time")
                && index >= 0
                && index < nodes.size()
                && nodes.get(index).opType().equals(arguments.path("op_name").asText());
        if (kernel) {
          times.get(index).add(event.path("dur").asDouble() / MICROS);
        }
      }
    } catch (IOException e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to time the kernels of the model "
              + name
              + ", but the profile that ONNX Runtime"
              + " wrote cannot be read: "
              + e
              + ".",
          "Check the free space of " + profile.getParent() + ", or list the kernels without times.",
          e);
    }
    return times.stream().mapToDouble(KernelTimes::median).toArray();
  }

  private static double median(List<Double> times) {
    double[] sorted =
        times.stream().skip(WARM_UP).mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
