package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.common.Stage;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Leaves it to inferc how to compile all-MiniLM-L6-v2: whichever back end here, at whichever
 * precision keeps the sentence embeddings, is measured to be fastest. Prints what it chose and all
 * that it tried.
 */
@Command(
    name = "CompileFastest",
    mixinStandardHelpOptions = true,
    description =
        "Compiles all-MiniLM-L6-v2 in the way that is measured to be fastest here and keeps its"
            + " sentence embeddings.")
public final class CompileFastest implements Callable<Integer> {
  private static final String MODEL = "all-minilm-l6-v2.onnx";
  private static final int MAX_TOKENS = 128;
  private static final Tolerance CLOSE =
      Tolerance.custom().named("sentence search").limit(Metric.MEAN_COSINE, 0.99).build();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "300",
      converter = PositiveCount.class,
      description = "How long it may take (default: ${DEFAULT-VALUE}).")
  private int seconds = 300;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      converter = Arguments.TargetName.class,
      description = "Try this back end alone: onnxruntime, openvino, tensorrt or migraphx.")
  private Target target = Target.fastest();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      defaultValue = "target/inferc-report",
      converter = CheckedPaths.Folder.class,
      description = "Where the report goes (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of("target/inferc-report");

  CompileFastest() {}

  /**
   * Compiles.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new CompileFastest(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if the model cannot be unpacked
   */
  @Override
  public Integer call() throws IOException {
    ReportFiles files = ReportFiles.in(report, "fastest");
    Path folder = Files.createTempDirectory("inferc-example-");
    Path file = folder.resolve(MODEL);
    try (TextEncoder encoder = new TextEncoder(MAX_TOKENS)) {
      ModelResource.unpack("/" + MODEL, file);
      Dataset samples = encoder.singly(Corpus.sentences());
      Compiler compiler =
          Compiler.forTarget(target)
              .precision(
                  Precision.best(samples)
                      .within(CLOSE)
                      .view(new SentenceEmbedding())
                      .budget(Duration.ofSeconds(seconds)))
              .profile(
                  ShapeProfile.named("online")
                      .range("batch_size", 1, 8, 32)
                      .range("sequence_length", 2, 32, MAX_TOKENS))
              .progress(
                  (stage, what, done, total) -> {
                    if (stage == Stage.SEARCH) {
                      System.err.printf("%3d %%  %s%n", done / 10, what);
                    }
                  })
              .build();
      try (CompiledModel model = compiler.compile(file)) {
        System.out.println(model.report());
        files.write(
            OptimizationReport.builder("all-MiniLM-L6-v2, the fastest way").model(model).build());
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
    return ExampleRunner.GOOD;
  }
}
