package io.inferc.examples;

import io.inferc.runtime.Target;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What all-MiniLM-L6-v2 is with its weights alone as integers: how large its file, how near its
 * sentence embeddings to those of the original, and how fast it runs. Prints Markdown, and writes
 * it to a file if one is named.
 */
@Command(
    name = "WeightOnlyBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Measures size, embeddings and speed of all-MiniLM-L6-v2 with weights of 8 and 4 bits;"
            + " takes some minutes.")
public final class WeightOnlyBenchmark implements Callable<Integer> {
  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--target",
      paramLabel = "NAME",
      defaultValue = "onnxruntime",
      converter = Arguments.TargetName.class,
      description = "Where to run: onnxruntime or openvino (default: ${DEFAULT-VALUE}).")
  private Target target = Target.onnxRuntime();

  WeightOnlyBenchmark() {}

  /**
   * Measures, some minutes.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new WeightOnlyBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, also where a goal is missed, which the figures say
   * @throws IOException if the model cannot be unpacked, or a file not written
   */
  @Override
  public Integer call() throws IOException {
    try (EmbeddingModels models = new EmbeddingModels();
        TextEncoder encoder = new TextEncoder(EmbeddingModels.TOKENS)) {
      figures.publish(new WeightOnlyFigures(models, encoder, target, figures.quick()).measure());
    }
    return ExampleRunner.GOOD;
  }
}
