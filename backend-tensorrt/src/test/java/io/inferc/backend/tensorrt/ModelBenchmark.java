package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;

/** Everything that is measured of one model. */
final class ModelBenchmark {
  private static final int BLOCKS = 20;
  private static final int GRAPHS = 4;
  private static final int SAMPLES = 100;

  private final Path file;
  private final String name;
  private final OnnxModel model;
  private final Precision precision;
  private final List<BenchmarkCase> cases;
  private final BenchmarkReport report;
  private final Path folder;
  private final int level;
  private final int iterations;

  ModelBenchmark(
      Path file,
      String name,
      List<BenchmarkCase> cases,
      BenchmarkReport report,
      Path folder,
      int level,
      int iterations) {
    this.file = file;
    this.cases = cases;
    this.report = report;
    this.folder = folder;
    this.level = level;
    this.iterations = iterations;
    this.name = name;
    model = OnnxModel.load(file);
    precision =
        switch (name.replaceFirst(".*-", "")) {
          case "fp32" -> Precision.fp32();
          case "fp16" -> Precision.fp16();
          case "int8" -> Precision.int8(samples());
          default -> throw new IllegalArgumentException("no precision is called as in " + name);
        };
  }

  /** Random words: enough for scales that are timed, too little for answers that are judged. */
  private Dataset samples() {
    BenchmarkCase one = cases.get(0);
    return Dataset.generated(SAMPLES, seed -> one.tensors(model, (int) seed));
  }

  private Target target(int graphs) {
    return Target.tensorRt()
        .options(
            TensorRtOptions.builder()
                .builderLevel(level)
                .timingCache(folder.resolve(name + "-timing.cache"))
                .cudaGraphs(graphs)
                .build());
  }

  private CompiledModel compile(int graphs) {
    Compiler.Builder builder =
        Compiler.forTarget(target(graphs))
            .precision(precision)
            .sessions(1)
            .progress((stage, task, done, total) -> BenchmarkReport.say("  " + stage + " " + task));
    cases.forEach(c -> builder.profile(c.profile(model)));
    return builder.build().compile(file);
  }

  void run() throws Exception {
    Files.deleteIfExists(folder.resolve(name + "-timing.cache"));
    long start = System.nanoTime();
    compile(GRAPHS).close();
    long cold = System.nanoTime() - start;
    start = System.nanoTime();
    try (CompiledModel compiled = compile(GRAPHS);
        CompiledModel withoutGraphs = compile(0)) {
      ObjectNode row = report.row(name + ", build at level " + level);
      row.put("cold timing cache s", cold / 1e9);
      row.put("warm timing cache s, mean of 2", (System.nanoTime() - start) / 2e9);
      Path saved = folder.resolve(name + "-saved");
      compiled.save(saved);
      Path engine = saved.resolve("payload").resolve(SavedEngine.ENGINE);
      row.put("engine MB", Files.size(engine) / 1e6);
      Map<String, Integer> kernels = new TreeMap<>();
      compiled
          .kernels()
          .forEach(k -> kernels.merge(k.precision().orElse("not said"), 1, Integer::sum));
      kernels.forEach((type, count) -> row.put("kernels in " + type, count));
      report.add(row);
      for (int i = 0; i < cases.size(); i++) {
        accuracy(compiled, cases.get(i));
        for (BareLoop.Mode mode : BareLoop.Mode.values()) {
          compare(compiled, engine, i, mode, true);
          compare(withoutGraphs, engine, i, mode, false);
        }
      }
    }
  }

  /** Keeps the answers of the FP32 model, and compares those of the others with them. */
  private void accuracy(CompiledModel compiled, BenchmarkCase shapes) throws IOException {
    Map<String, Tensor> inputs = shapes.tensors(model);
    Map<String, Tensor> outputs = compiled.run(inputs);
    Tensor first = outputs.values().iterator().next();
    String family = name.replaceFirst("-.*", "");
    References.Comparison c =
        References.compare(
            folder.resolve("reference-" + family + "-" + shapes.name()),
            name.endsWith("fp32"),
            first.toFloatArray(),
            (int) first.size(first.rank() - 1));
    ObjectNode row = report.row(name + ", " + shapes.name() + ", answers against FP32");
    row.put("mean cosine", c.meanCosine());
    row.put("least cosine", c.leastCosine());
    row.put("largest difference", c.largestDifference());
    report.add(row);
    outputs.values().forEach(Tensor::close);
    inputs.values().forEach(Tensor::close);
  }

  private void compare(
      CompiledModel compiled, Path engine, int profile, BareLoop.Mode mode, boolean graphs)
      throws Exception {
    BenchmarkCase shapes = cases.get(profile);
    Map<String, Tensor> inputs = shapes.tensors(model);
    Map<String, Tensor> outputs = compiled.run(inputs);
    Map<String, Tensor> tensors;
    long freeBefore = freeDeviceBytes();
    try (InferenceSession session = compiled.newSession();
        BareLoop bare =
            new BareLoop(engine, profile, inputs, List.copyOf(outputs.keySet()), mode, graphs)) {
      long freeAfterBare = freeDeviceBytes();
      Map<String, Tensor> bound = bind(session, inputs, outputs, mode);
      for (int i = 0; i < 200; i++) {
        session.run();
        bare.run();
      }
      long[] ours = new long[iterations];
      long[] theirs = new long[iterations];
      for (int block = 0; block < BLOCKS; block++) {
        int from = iterations * block / BLOCKS;
        int to = iterations * (block + 1) / BLOCKS;
        if (block % 2 == 0) {
          time(session::run, ours, from, to);
          time(bare::run, theirs, from, to);
        } else {
          time(bare::run, theirs, from, to);
          time(session::run, ours, from, to);
        }
      }
      ObjectNode row =
          report.row(
              name
                  + ", "
                  + shapes.name()
                  + ", "
                  + mode
                  + (graphs ? ", CUDA graphs" : ", no graphs"));
      BenchmarkReport.percentiles(row, "inferc", ours);
      BenchmarkReport.percentiles(row, "bare loop", theirs);
      row.put(
          "ratio of p50", BenchmarkReport.median(ours) / (double) BenchmarkReport.median(theirs));
      row.put("heap bytes a call", allocatedPerCall(session));
      row.put("device MB of the session", (freeAfterBare - freeDeviceBytes()) / 1e6);
      row.put("device MB of the bare loop", (freeBefore - freeAfterBare) / 1e6);
      report.add(row);
      tensors = bound;
    }
    tensors.values().forEach(Tensor::close);
    outputs.values().forEach(Tensor::close);
    inputs.values().forEach(Tensor::close);
  }

  private static void time(Runnable iteration, long[] nanos, int from, int to) {
    for (int i = from; i < to; i++) {
      long start = System.nanoTime();
      iteration.run();
      nanos[i] = System.nanoTime() - start;
    }
  }

  /**
   * On the device for one mode, in ordinary host memory, as most callers have it, for the other.
   */
  private static Map<String, Tensor> bind(
      InferenceSession session,
      Map<String, Tensor> inputs,
      Map<String, Tensor> outputs,
      BareLoop.Mode mode) {
    Map<String, Tensor> bound = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) -> {
          Tensor own = like(tensor, mode);
          DeviceCopies.copy(tensor, own);
          session.bindInput(name, own);
          bound.put(name, own);
        });
    outputs.forEach(
        (name, tensor) -> {
          Tensor own = like(tensor, mode);
          session.bindOutput(name, own);
          bound.put(name, own);
        });
    return bound;
  }

  private static Tensor like(Tensor tensor, BareLoop.Mode mode) {
    if (mode == BareLoop.Mode.COPIES) {
      return Tensor.allocate(tensor.type(), tensor.shape());
    }
    var opened = BackendRegistry.discover().open(Target.tensorRt());
    return Tensor.over(
        opened.backend().allocator(MemoryKind.DEVICE, opened.choice()).allocate(tensor.byteSize()),
        tensor.type(),
        tensor.shape());
  }

  private static double allocatedPerCall(InferenceSession session) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int calls = 500;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      session.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / (double) calls;
  }

  static long freeDeviceBytes() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      cudart.cudaMemGetInfo(free, total);
      return free.get();
    }
  }

  /** Runs many sessions of the first case at once, and looks for errors and growth. */
  void threads(int count, int seconds) throws Exception {
    try (CompiledModel compiled = compile(GRAPHS)) {
      new ThreadsBenchmark(compiled, cases.get(0).tensors(model), name, report).run(count, seconds);
    }
  }
}
