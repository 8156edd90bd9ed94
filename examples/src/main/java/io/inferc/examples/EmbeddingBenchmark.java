package io.inferc.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * What each precision costs and gains on all-MiniLM-L6-v2 at 4 x 128 tokens, against the model as
 * published in single precision, against the artifact that others published quantized, and against
 * PyTorch, all in one run. Prints Markdown, and writes it to a file if one is named.
 */
@Command(
    name = "EmbeddingBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Measures each precision of all-MiniLM-L6-v2 against single precision, against what others"
            + " published quantized, and against PyTorch; takes five minutes.")
public final class EmbeddingBenchmark implements Callable<Integer> {
  static final String SCRIPT = "pytorch_minilm_cpu.py";
  private static final String DEFAULT_SCRIPTS = "docs/benchmarks";

  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--python",
      paramLabel = "PATH",
      converter = CheckedPaths.Program.class,
      description = "A Python with PyTorch, to measure that too.")
  private Optional<Path> python = Optional.empty();

  @Option(
      names = "--scripts",
      paramLabel = "DIR",
      defaultValue = DEFAULT_SCRIPTS,
      description = "Where " + SCRIPT + " lies (default: ${DEFAULT-VALUE}).")
  private Path scripts = Path.of(DEFAULT_SCRIPTS);

  EmbeddingBenchmark() {}

  /**
   * Measures, about five minutes.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new EmbeddingBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, also where a goal is missed, which the figures say
   * @throws IOException if a model cannot be unpacked, PyTorch not started, or the file not written
   */
  @Override
  public Integer call() throws IOException {
    if (python.isPresent() && !Files.isRegularFile(scripts.resolve(SCRIPT))) {
      throw new TypeConversionException(
          "The option --scripts needs the folder of " + SCRIPT + ", which is not in " + scripts);
    }
    try (EmbeddingModels models = new EmbeddingModels();
        TextEncoder encoder = new TextEncoder(EmbeddingModels.TOKENS)) {
      figures.publish(
          new EmbeddingFigures(models, encoder, figures.quick())
              .measure(
                  python
                      .<EmbeddingFigures.Peer>map(
                          p -> () -> ProcessModel.start(scripts, command(p)))
                      .orElse(null)));
    }
    return ExampleRunner.GOOD;
  }

  private static List<String> command(Path python) {
    return List.of(
        python.toString(),
        SCRIPT,
        Integer.toString(EmbeddingModels.BATCH),
        Integer.toString(EmbeddingModels.TOKENS),
        Integer.toString(Runtime.getRuntime().availableProcessors()));
  }
}
