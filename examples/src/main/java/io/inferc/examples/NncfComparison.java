package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.backend.openvino.OpenVinoOptions;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.Workload;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures static INT8 of all-MiniLM-L6-v2 on OpenVINO in turns with what NNCF made of the same
 * model on the same samples, and compares what both leave of its embeddings.
 */
@Command(
    name = "NncfComparison",
    mixinStandardHelpOptions = true,
    description =
        "Measures all-MiniLM-L6-v2 in static INT8 on OpenVINO beside NNCF's model; without --ir it"
            + " writes the model and the samples that nncf_minilm.py takes.")
public final class NncfComparison implements Callable<Integer> {
  private static final int[][] SHAPES = {{1, 16}, {16, 32}, {4, 128}};

  @Mixin private FigureOptions figures = new FigureOptions();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where to write the model and the samples (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of(".");

  @Option(names = "--ir", paramLabel = "FILE", description = "The .xml that NNCF's model is in.")
  private Optional<Path> ir = Optional.empty();

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "Threads of each model (default: ${DEFAULT-VALUE}).")
  private int threads = 2;

  NncfComparison() {}

  /**
   * Measures, some minutes.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new NncfComparison(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if a file cannot be read or written
   */
  @Override
  public Integer call() throws IOException {
    Files.createDirectories(folder);
    Path model = folder.resolve("all-minilm-l6-v2.onnx");
    ModelResource.unpack("/all-minilm-l6-v2.onnx", model);
    try (TextEncoder encoder = new TextEncoder(EmbeddingModels.TOKENS)) {
      if (ir.isPresent()) {
        figures.publish(measure(model, ir.get(), encoder));
      } else {
        write(encoder.singly(Corpus.split().calibration()));
      }
    }
    return ExampleRunner.GOOD;
  }

  /** Writes the tokens of each sample as a line of JSON. */
  private void write(Dataset samples) throws IOException {
    List<String> lines = new ArrayList<>();
    samples.forEach(
        (i, sample) -> {
          lines.add(Arrays.toString(Objects.requireNonNull(sample.get("input_ids")).toLongArray()));
          return true;
        });
    Files.write(folder.resolve("samples.jsonl"), lines);
  }

  private List<String> measure(Path model, Path nncf, TextEncoder encoder) {
    Dataset samples = encoder.singly(Corpus.split().calibration());
    Map<String, Precision> precisions = new LinkedHashMap<>();
    precisions.put("inferc", Precision.int8(samples));
    precisions.put("inferc, smoothed", Precision.int8(samples).smoothQuant());
    Map<String, Dataset> judged = new LinkedHashMap<>();
    judged.put("sentences", encoder.singly(Corpus.split().unseen()));
    judged.putAll(TokenSets.all());
    List<String> report =
        new ArrayList<>(EmbeddingModels.header("Static INT8 on OpenVINO beside NNCF"));
    try (CompiledModel original = compile(model, Precision.fp32());
        CompiledModel peer = compile(nncf, Precision.fp32())) {
      report.add("| model | set | mean cosine | min cosine |");
      report.add("|---|---|---|---|");
      cosines("NNCF", original, peer, judged, report);
      List<String> speeds = new ArrayList<>();
      for (Map.Entry<String, Precision> p : precisions.entrySet()) {
        try (CompiledModel ours = compile(model, p.getValue())) {
          cosines(p.getKey(), original, ours, judged, report);
          speeds(p.getKey(), peer, ours, speeds);
        }
      }
      report.addAll(
          List.of("", "| texts x tokens | model | NNCF p50, ms | p50, ms | times NNCF |"));
      report.add("|---|---|---|---|---|");
      report.addAll(speeds);
    }
    return report;
  }

  private CompiledModel compile(Path model, Precision precision) {
    Target target = Target.openVino().options(OpenVinoOptions.builder().threads(threads).build());
    return Compiler.forTarget(target).precision(precision).build().compile(model);
  }

  private static void cosines(
      String name,
      CompiledModel original,
      CompiledModel quantized,
      Map<String, Dataset> judged,
      List<String> rows) {
    judged.forEach(
        (set, samples) -> {
          OutputAccuracy embedding =
              Accuracy.comparison(original, quantized)
                  .view(new SentenceEmbedding())
                  .run(samples, Tolerance.embedding())
                  .outputs()
                  .get(0);
          rows.add(
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %.4f | %.4f |",
                  name,
                  set,
                  embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
                  embedding.metric(Metric.MIN_COSINE).orElseThrow()));
        });
  }

  private void speeds(String name, CompiledModel peer, CompiledModel ours, List<String> rows) {
    for (int[] shape : SHAPES) {
      long[] ids = new Random(1).longs((long) shape[0] * shape[1], 1000, 20_000).toArray();
      Map<String, Tensor> request = TokenSets.request(shape[0], ids);
      String workload = shape[0] + " x " + shape[1];
      BenchmarkComparison c =
          Benchmark.compare(
              peer, ours, Workload.of(workload, request), EmbeddingModels.options(figures.quick()));
      rows.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.2f | %.2f | %s |",
              workload,
              name,
              c.original().latency().p50(),
              c.compiled().latency().p50(),
              c.throughputRatio()));
      request.values().forEach(Tensor::close);
    }
  }
}
