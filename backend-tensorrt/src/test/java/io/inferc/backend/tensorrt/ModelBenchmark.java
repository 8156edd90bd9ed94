package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.backend.tensorrt.BareComparison.Memory;
import io.inferc.execution.internal.SavedModel;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.report.FusionReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Everything that is measured of one model at one precision. */
final class ModelBenchmark {
  private static final int GRAPHS = 4;
  private static final int SAMPLES = 16;

  /**
   * How a model is measured.
   *
   * @param folder where engines, timing caches and answers lie
   * @param level the builder's level
   * @param iterations how many calls at most
   * @param warm whether a second build, with the timing cache of the first, is timed
   * @param opset the opset that the model is brought to first, 0 to leave it
   * @param brief whether only data on the device, with CUDA graphs, is measured
   */
  record Settings(Path folder, int level, int iterations, boolean warm, int opset, boolean brief) {}

  private final String name;
  private final OnnxModel model;
  private final Precision precision;
  private final List<BenchmarkCase> cases;
  private final BenchmarkReport report;
  private final Settings settings;

  ModelBenchmark(
      Path file,
      String name,
      List<BenchmarkCase> cases,
      BenchmarkReport report,
      Settings settings) {
    this.cases = cases;
    this.report = report;
    this.settings = settings;
    OnnxModel loaded = OnnxModel.load(file);
    model = settings.opset() > 0 ? loaded.upgradeOpset(settings.opset()) : loaded;
    this.name = settings.opset() > 0 ? name + "-opset" + settings.opset() : name;
    precision =
        switch (name.replaceFirst(".*-", "")) {
          case "fp32" -> Precision.fp32();
          case "tf32" -> Precision.tf32();
          case "fp16" -> Precision.fp16();
          case "bf16" -> Precision.bf16();
          case "int8" -> integers();
          // Of the attention, what has weights stays in half precision, too.
          case "int8ffn" -> integers().keep(Layers.named("*/attention/*"), DataType.FLOAT16);
          default -> throw new IllegalArgumentException("no precision is called as in " + name);
        };
  }

  private Precision integers() {
    return Precision.int8(samples()).smoothQuant().rest(DataType.FLOAT16);
  }

  /** Random words, as those that are timed and compared; of sentences the examples judge. */
  private Dataset samples() {
    BenchmarkCase one = cases.get(0);
    return Dataset.generated(SAMPLES, seed -> one.tensors(model, (int) seed));
  }

  private Target target(int graphs) {
    return Target.tensorRt()
        .options(
            TensorRtOptions.builder()
                .builderLevel(settings.level())
                .timingCache(settings.folder().resolve(name + "-timing.cache"))
                .cudaGraphs(graphs)
                .build());
  }

  private Compiler compiler(Target target, Precision at) {
    Compiler.Builder builder =
        Compiler.forTarget(target)
            .precision(at)
            .sessions(1)
            .progress((stage, task, done, total) -> BenchmarkReport.say("  " + stage + " " + task));
    cases.forEach(c -> builder.profile(c.profile(model)));
    return builder.build();
  }

  /** The model as TensorRT gets it. */
  private OnnxModel given() {
    if (isAsExported()) {
      return model;
    }
    ModelRewriter rewriter = compiler(target(GRAPHS), precision).rewriter(model);
    return rewriter.rewrite(rewriter.plan());
  }

  private boolean isAsExported() {
    return precision.numeric() == NumericPrecision.FP32
        || precision.numeric() == NumericPrecision.TF32;
  }

  private Path saved() {
    return settings.folder().resolve(name + "-saved");
  }

  void run() throws Exception {
    Files.deleteIfExists(settings.folder().resolve(name + "-timing.cache"));
    ObjectNode row = report.row(name + ", build at level " + settings.level());
    long start = System.nanoTime();
    OnnxModel given = given();
    row.put("rewriting s", seconds(start));
    start = System.nanoTime();
    Compiler compiler = compiler(target(GRAPHS), isAsExported() ? precision : Precision.fp32());
    try (CompiledModel compiled = compiler.compile(given)) {
      row.put("build with a cold timing cache s", seconds(start));
      if (settings.warm()) {
        start = System.nanoTime();
        compiler.compile(given).close();
        row.put("build with a warm timing cache s", seconds(start));
      }
      compiled.save(saved());
      Path engine = SavedModel.payload(saved()).resolve(SavedEngine.ENGINE);
      row.put("engine MB", Files.size(engine) / 1e6);
      fusion(given, compiled, engine, row);
      report.add(row);
      try (CompiledModel withoutGraphs = Inferc.load(saved(), target(0))) {
        for (int i = 0; i < cases.size(); i++) {
          accuracy(compiled, cases.get(i));
          if (settings.brief()) {
            compare(compiled, engine, i, Memory.RESIDENT, true);
            continue;
          }
          for (Memory memory : Memory.values()) {
            compare(compiled, engine, i, memory, true);
          }
          compare(withoutGraphs, engine, i, Memory.RESIDENT, false);
          compare(withoutGraphs, engine, i, Memory.OWN, false);
        }
      }
    }
  }

  private static double seconds(long since) {
    return Math.round((System.nanoTime() - since) / 1e7) / 100.0;
  }

  /** Keeps what the engine says of its layers, and the report made of it. */
  private void fusion(OnnxModel given, CompiledModel compiled, Path engine, ObjectNode row)
      throws IOException {
    try (Engine raw = Engine.load(name, 0, engine, false)) {
      Files.writeString(settings.folder().resolve(name + "-layers.json"), raw.layers());
    }
    FusionReport fusion =
        FusionReport.of(given, compiled.kernels(), TensorRtCapabilities.dialect());
    fusion.kernelsByPrecision().forEach((type, count) -> row.put("kernels in " + type, count));
    StringBuilder text = new StringBuilder(fusion.toString());
    compiled
        .kernels()
        .forEach(
            k ->
                text.append(k.precision().orElse("-"))
                    .append(" | ")
                    .append(k.type())
                    .append(" | ")
                    .append(String.join(", ", k.nodes()))
                    .append('\n'));
    Files.writeString(settings.folder().resolve(name + "-fusion.txt"), text);
    BenchmarkReport.say(fusion.toString());
  }

  /** Compares the answers with those of the model as it was exported, on the processor. */
  private void accuracy(CompiledModel compiled, BenchmarkCase shapes) throws IOException {
    Map<String, Tensor> inputs = shapes.tensors(model);
    Map<String, Tensor> outputs = compiled.run(inputs);
    Tensor first = outputs.values().iterator().next();
    try (CompiledModel original =
        Compiler.forTarget(Target.onnxRuntime())
            .profile(shapes.profile(model))
            .build()
            .compile(model)) {
      Map<String, Tensor> expected = original.run(inputs);
      References.Comparison c =
          References.compare(
              expected.values().iterator().next().toFloatArray(),
              first.toFloatArray(),
              (int) first.size(first.rank() - 1));
      ObjectNode row =
          report.row(name + ", " + shapes.name() + ", answers against FP32 on the processor");
      row.put("mean cosine", c.meanCosine());
      row.put("least cosine", c.leastCosine());
      row.put("largest difference", c.largestDifference());
      report.add(row);
      expected.values().forEach(Tensor::close);
    }
    outputs.values().forEach(Tensor::close);
    inputs.values().forEach(Tensor::close);
  }

  private void compare(
      CompiledModel compiled, Path engine, int profile, Memory memory, boolean graphs)
      throws Exception {
    BenchmarkCase shapes = cases.get(profile);
    Map<String, Tensor> inputs = shapes.tensors(model);
    Map<String, Tensor> outputs = compiled.run(inputs);
    ObjectNode row =
        report.row(
            name
                + ", "
                + shapes.name()
                + ", "
                + memory
                + (graphs ? ", CUDA graphs" : ", no graphs"));
    new BareComparison(compiled, engine, profile, graphs, settings.iterations())
        .run(row, inputs, outputs, memory);
    report.add(row);
    outputs.values().forEach(Tensor::close);
    inputs.values().forEach(Tensor::close);
  }

  /** Runs many sessions of the first case at once, and looks for errors and growth. */
  void threads(int count, int seconds) throws Exception {
    // What a measurement before has left saves the build.
    try (CompiledModel compiled =
        Files.isDirectory(saved())
            ? Inferc.load(saved(), target(GRAPHS))
            : compiler(target(GRAPHS), precision).compile(model)) {
      new ThreadsBenchmark(compiled, cases.get(0).tensors(model), name, report).run(count, seconds);
    }
  }

  /** Runs the engine that a measurement before has left, each case some times, for a profiler. */
  void loop(int calls) throws CudaException {
    Path engine = SavedModel.payload(saved()).resolve(SavedEngine.ENGINE);
    List<String> outputs = model.graph().outputs().stream().map(ValueInfo::name).toList();
    for (int profile = 0; profile < cases.size(); profile++) {
      Map<String, Tensor> inputs = cases.get(profile).tensors(model);
      try (BareLoop bare =
          new BareLoop(engine, profile, inputs, outputs, BareLoop.Mode.RESIDENT, false)) {
        for (int call = 0; call < calls; call++) {
          bare.run();
        }
      }
      inputs.values().forEach(Tensor::close);
    }
  }
}
