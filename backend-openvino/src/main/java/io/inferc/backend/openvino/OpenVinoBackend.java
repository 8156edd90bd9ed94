package io.inferc.backend.openvino;

import io.inferc.common.Stage;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.CpuFlags;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.ProcessorShare;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** OpenVINO, loaded. */
final class OpenVinoBackend implements Backend {
  private final OpenVinoRuntime runtime;

  OpenVinoBackend(OpenVinoRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public String name() {
    return Target.OPENVINO;
  }

  @Override
  public String version() {
    return runtime.version();
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    Devices.Resolved device = Devices.resolve(runtime, choice.device());
    Settings.check(choice, device);
    Set<String> has = device.capabilities();
    Capabilities.Builder capabilities = Capabilities.builder();
    // Spelled out, a hard-swish becomes one with the convolution before it.
    PreferredForm.Builder form = PreferredForm.builder().slowOperators(Set.of("HardSigmoid"));
    if (has.contains("FP16")) {
      capabilities.precision(NumericPrecision.FP16, PrecisionSupport.HINT);
    }
    if (has.contains("BF16")) {
      capabilities.precision(NumericPrecision.BF16, PrecisionSupport.HINT);
    }
    if (has.contains("INT8")) {
      capabilities.precision(NumericPrecision.INT8, PrecisionSupport.IN_MODEL);
      if (device.isPlain() && device.parts().contains("CPU")) {
        capabilities
            .precision(NumericPrecision.WEIGHTS8, PrecisionSupport.IN_MODEL)
            .precision(NumericPrecision.WEIGHTS4, PrecisionSupport.IN_MODEL);
        form.weightOnly(Dialects.weights());
      }
      form.dialect(Dialects.of(device, CpuFlags.addsBytesIn32Bits(CpuFlags.describe())));
    }
    return capabilities
        .dataTypes(ElementTypes.NAMES.keySet())
        .narrowedTypes(ElementTypes.NARROWED)
        .dynamicShapes(Capabilities.DynamicShapes.ANY)
        .dataDependentOutputs(true)
        .preferredForm(form.build())
        .foreignFormats(Set.of(ForeignModel.Format.values()))
        .exportFormat(ForeignModel.Format.OPENVINO_IR)
        .savable(device.isPlain() && has.contains("EXPORT_IMPORT"))
        .build();
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    Devices.Resolved device = Devices.resolve(runtime, request.choice().device());
    SortedMap<String, String> properties =
        Settings.properties(request.choice(), device, request.precision());
    String name = request.modelName();
    checkFaults(request);
    List<CompiledShape> shapes = new ArrayList<>();
    boolean complete = false;
    try (ReadModel model = ReadModel.of(runtime, request.source(), request.cancellation())) {
      List<TensorSpec> inputs;
      InputPorts ports;
      List<TensorSpec> outputs;
      Set<String> sourceNames;
      if (request.source().foreign().isPresent()) {
        inputs = Specs.foreign(name, "input", model.inputs(), runtime.types());
        ports = InputPorts.all(inputs);
        outputs = Specs.foreign(name, "output", model.outputs(), runtime.types());
        sourceNames = Set.of();
      } else {
        OnnxModel source = request.source().model();
        inputs = Specs.inputs(name, model.inputs(), source.graph(), runtime.types());
        ports = InputPorts.of(inputs, source.graph());
        outputs = Specs.outputs(name, model.outputs(), source.graph(), runtime.types());
        sourceNames = names(source);
      }
      if (request.profiles().isEmpty()) {
        shapes.add(CompiledShape.compile(runtime, model.handle(), device.name(), properties));
      }
      for (ShapeProfile profile : request.profiles()) {
        request.cancellation().throwIfCancelled(Stage.COMPILE);
        model.reshape(inputs, profile);
        shapes.add(CompiledShape.compile(runtime, model.handle(), device.name(), properties));
      }
      BackendModel compiled =
          new OpenVinoModel(
              runtime,
              name,
              device,
              properties,
              ports,
              outputs,
              request.profiles(),
              shapes,
              sourceNames);
      complete = true;
      return compiled;
    } catch (CallException e) {
      throw Errors.compile(name, device.name(), e);
    } finally {
      if (!complete) {
        shapes.forEach(CompiledShape::free);
      }
    }
  }

  @Override
  public void export(CompileRequest request, Path file) {
    checkFaults(request);
    new IrExport(runtime, request.modelName(), file).write(request);
  }

  @Override
  public List<String> warnings(CompileRequest request) {
    OnnxModel model = request.source().model();
    List<String> doubts = new ArrayList<>(Doubts.of(model));
    Devices.Resolved device = Devices.resolve(runtime, request.choice().device());
    String threads =
        Settings.properties(request.choice(), device, request.precision())
            .getOrDefault(OpenVinoOptions.THREADS_KEY, "");
    boolean alone = threads.equals("1") || Runtime.getRuntime().availableProcessors() == 1;
    Doubts.ofOneThread(alone, model, request.profiles()).ifPresent(doubts::add);
    return List.copyOf(doubts);
  }

  private static void checkFaults(CompileRequest request) {
    if (request.source().foreign().isEmpty()) {
      FaultyNodes.CHECK.check(request.source().model(), request.modelName());
    }
  }

  private static Set<String> names(OnnxModel source) {
    Set<String> names = new HashSet<>();
    for (Node node : source.graph().nodes()) {
      names.add(node.name());
      names.addAll(node.outputs());
    }
    names.remove("");
    return names;
  }

  @Override
  public List<Target.Choice> tunings(Target.Choice choice, int callers) {
    Devices.Resolved device = Devices.resolve(runtime, choice.device());
    return Tunings.of(choice, device, callers, ProcessorShare.here());
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    Devices.Resolved device = Devices.resolve(runtime, choice.device());
    Map<String, String> properties = new TreeMap<>();
    for (String part : device.parts()) {
      properties.put("device." + part, Devices.fullName(runtime, part));
    }
    properties.put(
        "capabilities", String.join(" ", device.capabilities().stream().sorted().toList()));
    properties.put("architecture", System.getProperty("os.arch", "unknown"));
    return Fingerprint.of(name(), version(), device.name(), properties);
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    Fingerprint here = fingerprint(choice);
    if (!saved.backend().equals(here.backend())) {
      return refused("it was compiled by the back end '" + saved.backend() + "'");
    }
    if (!saved.backendVersion().equals(here.backendVersion())) {
      return refused(
          "it was compiled by OpenVINO "
              + saved.backendVersion()
              + " and this is "
              + here.backendVersion());
    }
    if (!saved.device().equals(here.device())) {
      return refused(
          "it was compiled for the device '"
              + saved.device()
              + "' and is loaded for '"
              + here.device()
              + "'");
    }
    for (Map.Entry<String, String> e : here.properties().entrySet()) {
      String then = saved.properties().getOrDefault(e.getKey(), "");
      if (!then.equals(e.getValue())) {
        return refused(
            "it was compiled where '"
                + e.getKey()
                + "' was '"
                + then
                + "', and here it is '"
                + e.getValue()
                + "'");
      }
    }
    return new ArtifactCheck.Fits();
  }

  private static ArtifactCheck refused(String reason) {
    return new ArtifactCheck.Refused(
        reason + ".", "Compile the source model here and save it again.");
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    String name = request.modelName();
    Devices.Resolved device = Devices.resolve(runtime, request.choice().device());
    List<CompiledShape> shapes = new ArrayList<>();
    boolean complete = false;
    try {
      SavedFiles saved = SavedFiles.read(folder);
      SortedMap<String, String> properties = loadingProperties(saved, request.choice());
      for (int i = 0; i < saved.digests().size(); i++) {
        if (!saved.isWhole(folder, i)) {
          throw Errors.damaged(name, SavedFiles.blob(folder, i) + " is not what was saved");
        }
        Blob blob = Blob.read(SavedFiles.blob(folder, i));
        shapes.add(CompiledShape.load(runtime, blob, device.name(), properties));
      }
      if (shapes.size() != Math.max(1, request.profiles().size())
          || shapes.stream().anyMatch(s -> !saved.fits(s))) {
        throw Errors.damaged(name, "its files do not belong together");
      }
      BackendModel model =
          new OpenVinoModel(
              runtime,
              name,
              device,
              properties,
              saved.inputs(),
              saved.outputs(),
              request.profiles(),
              shapes,
              Set.of());
      complete = true;
      return model;
    } catch (CallException e) {
      throw Errors.load(name, e);
    } catch (IOException | IllegalArgumentException e) {
      throw Errors.damaged(name, folder.resolve(SavedFiles.INDEX) + " is damaged: " + e);
    } finally {
      if (!complete) {
        shapes.forEach(CompiledShape::free);
      }
    }
  }

  /** The precision is the saved model's; the rest is the caller's, if the caller said anything. */
  private static SortedMap<String, String> loadingProperties(
      SavedFiles saved, Target.Choice choice) {
    SortedMap<String, String> given = Settings.options(choice).describe();
    SortedMap<String, String> properties =
        new TreeMap<>(given.isEmpty() ? saved.properties() : given);
    String precision = saved.properties().get(OpenVinoOptions.PRECISION_KEY);
    if (precision == null) {
      properties.remove(OpenVinoOptions.PRECISION_KEY);
    } else {
      properties.put(OpenVinoOptions.PRECISION_KEY, precision);
    }
    return properties;
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    if (kind != MemoryKind.HOST) {
      throw new IllegalArgumentException(
          "Tried to allocate "
              + kind
              + " memory with the back end 'openvino', but it takes tensors in host memory only."
              + " Use MemoryKind.HOST.");
    }
    return StorageAllocator.host();
  }
}
