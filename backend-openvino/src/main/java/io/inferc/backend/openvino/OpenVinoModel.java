package io.inferc.backend.openvino;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A model in OpenVINO: one compiled model for each profile. */
final class OpenVinoModel implements BackendModel {
  private static final int MEASURED_RUNS = 5;

  private final OpenVinoRuntime runtime;
  private final String name;
  private final Devices.Resolved device;
  private final SortedMap<String, String> properties;
  private final InputPorts ports;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final List<ShapeProfile> profiles;
  private final List<CompiledShape> shapes;
  private final Set<String> sourceNames;
  private final Set<OpenVinoSession> measured = ConcurrentHashMap.newKeySet();

  /**
   * Takes over compiled models.
   *
   * @param shapes one for each profile, or one alone if there are none
   * @param sourceNames the names of the source model's nodes and tensors; empty if unknown
   */
  OpenVinoModel(
      OpenVinoRuntime runtime,
      String name,
      Devices.Resolved device,
      SortedMap<String, String> properties,
      InputPorts ports,
      List<TensorSpec> outputs,
      List<ShapeProfile> profiles,
      List<CompiledShape> shapes,
      Set<String> sourceNames) {
    this.runtime = runtime;
    this.name = name;
    this.device = device;
    this.properties = properties;
    this.ports = ports;
    inputs = ports.inputs();
    this.outputs = outputs;
    this.profiles = List.copyOf(profiles);
    this.shapes = List.copyOf(shapes);
    this.sourceNames = Set.copyOf(sourceNames);
  }

  @Override
  public List<TensorSpec> inputs() {
    return inputs;
  }

  @Override
  public List<TensorSpec> outputs() {
    return outputs;
  }

  @Override
  public BackendSession newSession(int profile) {
    OpenVinoSession session =
        new OpenVinoSession(
            name,
            runtime.types(),
            ports,
            outputs,
            shapes.get(Math.max(0, profile)),
            measured::remove);
    if (profile <= 0 && measures()) {
      measured.add(session);
    }
    return session;
  }

  @Override
  public void save(Path folder) {
    try {
      List<String> digests = new ArrayList<>();
      for (int i = 0; i < shapes.size(); i++) {
        Path blob = SavedFiles.blob(folder, i);
        shapes.get(i).export(blob);
        digests.add(SavedFiles.digest(blob));
      }
      new SavedFiles(ports, outputs, properties, digests).write(folder);
    } catch (CallException e) {
      throw Errors.save(name, e.said(), e);
    } catch (IOException e) {
      throw Errors.save(name, e.toString(), e);
    }
  }

  private boolean measures() {
    return properties.containsKey(OpenVinoOptions.PROFILING_KEY);
  }

  /** OpenVINO says of any model how many requests fill it; with a latency hint that is one. */
  @Override
  public OptionalInt optimalSessions() {
    String hint = properties.getOrDefault(OpenVinoOptions.HINT_KEY, "");
    if (!hint.endsWith("THROUGHPUT") && !properties.containsKey(OpenVinoOptions.STREAMS_KEY)) {
      return OptionalInt.empty();
    }
    try {
      return shapes.stream()
          .map(s -> s.property("OPTIMAL_NUMBER_OF_INFER_REQUESTS").strip())
          .filter(n -> n.matches("[1-9]\\d{0,5}"))
          .mapToInt(Integer::parseInt)
          .max();
    } catch (CallException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * The kernels of the first profile. Where the model was compiled to measure, with the times of
   * the last run of each session that is open; else of one run at the sizes it is tuned for.
   */
  @Override
  public List<KernelInfo> kernels() {
    if (measures()) {
      List<List<Profiling.Entry>> runs =
          measured.stream().map(OpenVinoSession::profile).filter(r -> !r.isEmpty()).toList();
      if (!runs.isEmpty()) {
        return Kernels.kernels(runs, sourceNames);
      }
    }
    List<Tensor> zeros = inputs.stream().map(i -> Tensor.allocate(i.type(), tunedFor(i))).toList();
    try {
      return kernels(0, zeros, 1);
    } finally {
      zeros.forEach(Tensor::close);
    }
  }

  /** Of the profile that serves the request. */
  @Override
  public List<KernelInfo> kernels(Map<String, Tensor> request) {
    List<Tensor> tensors =
        inputs.stream().map(i -> Objects.requireNonNull(request.get(i.name()), i.name())).toList();
    int serving = 0;
    while (serving < profiles.size() - 1 && !serves(profiles.get(serving), tensors)) {
      serving++;
    }
    return kernels(serving, tensors, MEASURED_RUNS);
  }

  private boolean serves(ShapeProfile profile, List<Tensor> tensors) {
    for (int i = 0; i < tensors.size(); i++) {
      long[] sizes = tensors.get(i).shape();
      for (int axis = 0; axis < sizes.length && inputs.get(i).shape().isRankKnown(); axis++) {
        long size = sizes[axis];
        if (ReadModel.range(inputs.get(i), axis, profile)
            .filter(r -> size < r.min() || size > r.max())
            .isPresent()) {
          return false;
        }
      }
    }
    return true;
  }

  private List<KernelInfo> kernels(int profile, List<Tensor> tensors, int runs) {
    CompiledShape shape = shapes.get(profile);
    if (measures()) {
      return run(shape, tensors, runs);
    }
    if (!device.isPlain() || !device.capabilities().contains("EXPORT_IMPORT")) {
      return List.of();
    }
    // Measuring slows every run, so it is a copy that measures, with the same settings.
    try (TemporaryFolder folder = TemporaryFolder.create("kernels", Stage.COMPILE)) {
      Path file = folder.path().resolve("model.blob");
      shape.export(file);
      SortedMap<String, String> measuring = new TreeMap<>(properties);
      measuring.remove("CACHE_DIR");
      measuring.put(OpenVinoOptions.PROFILING_KEY, "YES");
      CompiledShape copy = CompiledShape.load(runtime, Blob.read(file), device.name(), measuring);
      try {
        return run(copy, tensors, runs);
      } finally {
        copy.free();
      }
    } catch (CallException e) {
      throw unknownKernels(e.said(), e);
    } catch (IOException e) {
      throw unknownKernels(e.toString(), e);
    }
  }

  private InfercException unknownKernels(String reason, Exception e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to list the kernels of the model " + name + ", but that failed: " + reason + ".",
        "Compile with OpenVinoOptions.profiling(true), which needs no second copy of the model.",
        e);
  }

  private List<KernelInfo> run(CompiledShape shape, List<Tensor> tensors, int runs) {
    return Kernels.list(name, runtime.types(), ports, outputs, shape, tensors, runs, sourceNames);
  }

  /** The sizes that the first profile is tuned for, with 1 where nothing says a size. */
  private long[] tunedFor(TensorSpec input) {
    List<Dimension> dimensions = input.shape().dimensions().orElse(List.of());
    long[] sizes = new long[dimensions.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      Optional<Range> range =
          profiles.isEmpty() ? Optional.empty() : ReadModel.range(input, axis, profiles.get(0));
      sizes[axis] = dimensions.get(axis).size().orElse(range.map(Range::opt).orElse(1L));
    }
    return sizes;
  }

  @Override
  public void close() {
    shapes.forEach(CompiledShape::free);
  }
}
