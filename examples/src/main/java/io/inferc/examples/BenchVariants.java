package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.endpoint.GrpcInferenceEndpoint;
import io.inferc.benchmark.endpoint.TensorEndpoint;
import io.inferc.benchmark.study.Variant;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a benchmark measures: a model, servers, and what they are compared with. */
final class BenchVariants implements AutoCloseable {
  private static final String ORIGINAL = "original";
  private static final String NONE = "none";

  @Option(names = "--model", paramLabel = "FILE", description = "The ONNX model to compile.")
  private Optional<Path> model = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "NAME",
      defaultValue = "onnxruntime",
      converter = Arguments.TargetName.class,
      description =
          "Where to run it: onnxruntime, openvino, tensorrt, migraphx or auto (default:"
              + " ${DEFAULT-VALUE}).")
  private Target target = Target.onnxRuntime();

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "fp32",
      description =
          "fp32, fp16, int8-dynamic, or with --samples or a --trace with payloads int8,"
              + " int8-smooth, int8-fp16 (default: ${DEFAULT-VALUE}).")
  private NamedPrecision precision = NamedPrecision.FP32;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      converter = EndpointAddress.Text.class,
      description =
          "A server: oip+http://host:8000/MODEL for the Open Inference Protocol, or with oip+grpc,"
              + " openai+http://host:8000?model=MODEL for OpenAI's. May be repeated.")
  private List<EndpointAddress> endpoints = new ArrayList<>();

  @Option(
      names = "--baseline",
      paramLabel = "WHAT",
      description =
          "What to compare with: 'original', which is the model as it is in FP32 on ONNX Runtime"
              + " (the default with --model), a model's file, the URL of a server, or 'none'.")
  private Optional<String> baseline = Optional.empty();

  private final List<GrpcInferenceEndpoint> connections = new ArrayList<>();

  /**
   * Variants that take tensors.
   *
   * @param variants the baseline first
   * @param inputs what they take: those of the model, or of the first server if there is none
   */
  record Tensors(List<Variant> variants, List<TensorSpec> inputs) {}

  /** All servers, that of the baseline first. */
  private List<EndpointAddress> servers() {
    List<EndpointAddress> servers = new ArrayList<>(endpoints);
    baseline
        .filter(EndpointAddress::isMeant)
        .map(new EndpointAddress.Text()::convert)
        .ifPresent(address -> servers.add(0, address));
    return servers;
  }

  /** Refuses what cannot be measured together. */
  void check() {
    List<EndpointAddress> servers = servers();
    if (model.isEmpty() && servers.isEmpty()) {
      throw new TypeConversionException("there is nothing to measure: give --model or --endpoint");
    }
    long prompted = servers.stream().filter(EndpointAddress::takesPrompts).count();
    if (prompted > 0 && (prompted < servers.size() || model.isPresent())) {
      throw new TypeConversionException(
          "a language model's endpoint takes prompts, and the others take tensors: they cannot be"
              + " asked the same");
    }
    List<String> addresses = servers.stream().map(EndpointAddress::text).toList();
    addresses.stream()
        .filter(address -> Collections.frequency(addresses, address) > 1)
        .findFirst()
        .ifPresent(
            address -> {
              throw new TypeConversionException("the server " + address + " is given twice");
            });
    if (model.isEmpty() && baseline.filter(this::isModel).isPresent()) {
      throw new TypeConversionException("--baseline " + baseline.get() + " needs a --model");
    }
    List<Path> files = new ArrayList<>();
    model.ifPresent(files::add);
    compared().ifPresent(files::add);
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new TypeConversionException("there is no file " + file);
      }
    }
  }

  /** How many variants there are, with the baseline. */
  int count() {
    return servers().size() + (model.isPresent() ? 1 : 0) + (compared().isPresent() ? 1 : 0);
  }

  private boolean isModel(String text) {
    return !EndpointAddress.isMeant(text) && !text.equals(NONE);
  }

  /** The model to compare with, if it is one. */
  private Optional<Path> compared() {
    return model.isEmpty()
        ? Optional.empty()
        : Optional.of(baseline.orElse(ORIGINAL))
            .filter(this::isModel)
            .map(text -> text.equals(ORIGINAL) ? model.get() : Path.of(text));
  }

  boolean takesPrompts() {
    return servers().stream().anyMatch(EndpointAddress::takesPrompts);
  }

  /** Servers of language models. */
  List<Variant> prompted() {
    return servers().stream().map(server -> Variant.of(server.text(), server.openAi())).toList();
  }

  /**
   * Opens servers, and prepares models to be compiled.
   *
   * @param asking what they are asked
   * @param roofline notes what models take
   * @param progress hears of compiling
   */
  Tensors tensors(BenchRequests asking, BenchRoofline roofline, ProgressListener progress) {
    List<Variant> variants = new ArrayList<>();
    Optional<OnnxModel> loaded = model.map(OnnxModel::load);
    // A model knows the names of its sizes, which servers do not tell.
    List<TensorSpec> inputs = new ArrayList<>(loaded.map(BenchVariants::inputs).orElse(List.of()));
    for (EndpointAddress server : servers()) {
      TensorEndpoint endpoint = server.openInference();
      if (endpoint instanceof GrpcInferenceEndpoint connection) {
        connections.add(connection);
      }
      variants.add(Variant.of(server.text(), endpoint));
      if (inputs.isEmpty()) {
        inputs.addAll(endpoint.inputs());
      }
    }
    if (loaded.isEmpty()) {
      return new Tensors(variants, inputs);
    }
    Path file = model.orElseThrow();
    Precision chosen = precision(asking);
    Variant candidate =
        Variant.opening(
            name(file) + " on " + target + ", " + precision,
            () -> compile(file, target, chosen, asking.profile(), progress));
    // Behind the baseline, if there is one.
    boolean served = baseline.filter(EndpointAddress::isMeant).isPresent();
    variants.add(served ? 1 : 0, roofline.judged(candidate, loaded.get(), target, precision));
    compared()
        .ifPresent(
            path -> {
              Target plain = Target.onnxRuntime();
              Variant original =
                  Variant.opening(
                      name(path) + ", original",
                      () -> compile(path, plain, Precision.fp32(), asking.profile(), progress));
              variants.add(
                  0, roofline.judged(original, OnnxModel.load(path), plain, NamedPrecision.FP32));
            });
    return new Tensors(variants, inputs);
  }

  private static List<TensorSpec> inputs(OnnxModel model) {
    return model.graph().requiredInputs().stream()
        .map(
            input ->
                input
                    .tensor()
                    .orElseThrow(
                        () ->
                            new TypeConversionException(
                                "the input " + input + " is no tensor, which Bench asks with")))
        .toList();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static CompiledModel compile(
      Path file,
      Target where,
      Precision how,
      Optional<ShapeProfile> profile,
      ProgressListener progress) {
    Compiler.Builder compiler = Compiler.forTarget(where).precision(how).progress(progress);
    profile.ifPresent(compiler::profile);
    return compiler.build().compile(file);
  }

  private Precision precision(BenchRequests asking) {
    if (precision == NamedPrecision.SEARCH) {
      throw new TypeConversionException(
          "Bench compiles one precision: search with OptimizeTextEmbeddings or OptimizeOcr");
    }
    return precision.precision(() -> calibration(asking));
  }

  private Dataset calibration(BenchRequests asking) {
    return asking
        .calibration()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "--precision "
                        + precision
                        + " is calibrated on real inputs: give --samples or a --trace with"
                        + " payloads, or take int8-dynamic"));
  }

  @Override
  public void close() {
    connections.forEach(GrpcInferenceEndpoint::close);
  }
}
