package io.inferc.examples;

import io.inferc.benchmark.Environment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Holds the load generator to what is known: subjects whose latencies, pauses and differences are
 * made. Prints Markdown, and writes it to a file if one is named.
 */
@Command(
    name = "LoadBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Measures the load generator itself on subjects whose figures are known, which takes four"
            + " minutes, or makes the studies that are asked for.")
public final class LoadBenchmark implements Callable<Integer> {
  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--same",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "Compare a subject with itself N times.")
  private Optional<Integer> same = Optional.empty();

  @Option(
      names = "--slower",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "Compare a subject N times with one that takes 5 percent more time.")
  private Optional<Integer> slower = Optional.empty();

  @Option(
      names = "--beside",
      paramLabel = "N",
      converter = PositiveCount.class,
      description =
          "Make N comparisons of a study at once, each of which takes two processors; one if not"
              + " given.")
  private int beside = 1;

  LoadBenchmark() {}

  /**
   * Measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new LoadBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, also where a goal is missed, which the figures say
   * @throws IOException if the file cannot be written
   */
  @Override
  public Integer call() throws IOException {
    List<String> report = new ArrayList<>();
    report.add("# The load generator against what is known");
    report.add("");
    report.add("On " + Environment.current().describe() + ".");
    if (same.isEmpty() && slower.isEmpty()) {
      LoadFigures measured = new LoadFigures(figures.quick());
      report.addAll(measured.knownDistribution());
      report.addAll(measured.stalls());
      report.addAll(measured.overhead());
    }
    LoadStudies studies = new LoadStudies(figures.quick(), beside);
    same.ifPresent(n -> report.addAll(studies.study(n, 1)));
    slower.ifPresent(n -> report.addAll(studies.study(n, LoadStudies.SLOWER)));
    figures.publish(report);
    return ExampleRunner.GOOD;
  }
}
