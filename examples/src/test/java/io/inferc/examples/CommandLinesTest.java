package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command lines of all examples; none of these may start a job, which would take minutes. */
class CommandLinesTest {
  private static final List<Supplier<Callable<Integer>>> ALL =
      List.of(
          OptimizeTextEmbeddings::new,
          OptimizeOcr::new,
          PrecisionAccuracy::new,
          EmbeddingBenchmark::new,
          WeightOnlyBenchmark::new,
          NncfComparison::new,
          OcrBenchmark::new,
          SearchBenchmark::new,
          FastestBenchmark::new,
          ThreadsBenchmark::new,
          CompileFastest::new,
          LoadBenchmark::new,
          EmbeddingLoad::new,
          Bench::new);
  private static final List<Supplier<Callable<Integer>>> JOBS =
      List.of(OptimizeTextEmbeddings::new, OptimizeOcr::new);
  private static final List<Supplier<Callable<Integer>>> BENCHMARKS =
      List.of(
          EmbeddingBenchmark::new,
          WeightOnlyBenchmark::new,
          NncfComparison::new,
          OcrBenchmark::new,
          SearchBenchmark::new,
          FastestBenchmark::new,
          ThreadsBenchmark::new,
          LoadBenchmark::new,
          EmbeddingLoad::new);

  @TempDir Path folder;

  private static CommandLineRun run(Supplier<Callable<Integer>> example, String... words) {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> CommandLineRun.of(example.get(), words));
  }

  private static void refused(
      Supplier<Callable<Integer>> example, String complaint, String... words) {
    String line = example.get().getClass().getSimpleName() + " " + String.join(" ", words);
    CommandLineRun run = run(example, words);
    assertEquals(ExampleRunner.USAGE, run.code(), line + run.err());
    assertTrue(run.err().contains(complaint), line + ": " + run.err());
    assertTrue(run.err().contains("Usage: "), line + ": " + run.err());
    assertFalse(run.err().contains("\tat "), line + ": " + run.err());
    assertEquals("", run.out(), line);
  }

  @TestFactory
  Stream<DynamicTest> helpStartsNoJobWhateverStandsBesideIt() {
    return ALL.stream()
        .map(
            example ->
                DynamicTest.dynamicTest(
                    example.get().getClass().getSimpleName(),
                    () -> {
                      for (String help : List.of("--help", "-h")) {
                        CommandLineRun run = run(example, help);
                        assertEquals(ExampleRunner.GOOD, run.code(), run.err());
                        assertTrue(run.out().startsWith("Usage: "), run.out());
                        assertTrue(run.out().contains("--help"), run.out());
                        assertEquals("", run.err());
                      }
                    }));
  }

  @Test
  void helpNamesTheOptionsAndTheirDefaults() {
    String job = run(OptimizeOcr::new, "--quick", "--help").out();
    for (String named :
        List.of(
            "--target",
            "--precision",
            "fp32, fp16, int8, int8-smooth, int8-fp16, int8-dynamic, search",
            "--report",
            "default: target/inferc-report",
            "--quick",
            "--samples",
            "--model",
            "recognition, classification",
            "default: recognition")) {
      assertTrue(job.replaceAll("\\s+", " ").contains(named), named + " in " + job);
    }
    String load = run(Bench::new, "--help").out().replaceAll("\\s+", " ");
    assertTrue(load.contains("RATIO,LENGTH whose peak is RATIO times the mean"), load);
    for (Supplier<Callable<Integer>> benchmark : BENCHMARKS) {
      String help = run(benchmark, "--help").out();
      assertTrue(help.contains("--out") && help.contains("--quick"), help);
    }
  }

  @Test
  void whatIsNoOptionOrHasNoValueIsRefusedWithTheUsage() {
    for (Supplier<Callable<Integer>> example : ALL) {
      refused(example, "--xyz", "--xyz");
      refused(example, "file", "file");
    }
    for (Supplier<Callable<Integer>> job : JOBS) {
      refused(job, "--report", "--report");
      refused(job, "'tpu' is none of onnxruntime", "--target", "tpu");
      refused(job, "int8-smooth", "--precision", "int4");
      for (String wrong : List.of("0", "-1", "many", "1234567")) {
        refused(job, "'" + wrong + "'", "--samples=" + wrong);
      }
    }
    refused(OptimizeTextEmbeddings::new, "--model", "--model", "recognition");
    refused(OptimizeOcr::new, "recognition, classification", "--model", "detection");
    refused(OcrBenchmark::new, "detection", "--models", "recognition,speech");
    refused(OcrBenchmark::new, "'soon'", "--minutes", "soon");
    refused(LoadBenchmark::new, "'0'", "--same", "0");
    refused(SearchBenchmark::new, "balanced, fast", "--tolerance", "none");
  }

  @Test
  void pathsAreLookedAtBeforeTheWork() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path below = file.resolve("reports");
    for (Supplier<Callable<Integer>> job : JOBS) {
      refused(job, "is a file", "--report", file.toString());
      refused(job, "is a file", "--report", below.toString());
      refused(job, "the path is empty", "--report", "");
    }
    Files.createDirectory(folder.resolve("text-embeddings.html"));
    refused(OptimizeTextEmbeddings::new, "is a folder", "--report", folder.toString());
    Files.createDirectory(folder.resolve("ocr-classification.json"));
    refused(
        OptimizeOcr::new,
        "is a folder",
        "--model",
        "classification",
        "--report",
        folder.toString());
    Files.createDirectory(folder.resolve("embedding-load-bursts.md"));
    refused(EmbeddingLoad::new, "is a folder", "--report", folder.toString());
    Files.createDirectory(folder.resolve("embedding-hop-poisson.json"));
    refused(
        EmbeddingLoad::new,
        "hop-poisson.json' is a folder",
        "--report",
        folder.toString(),
        "--endpoint",
        "oip+http://127.0.0.1:1/m");
    refused(EmbeddingLoad::new, "takes prompts", "--endpoint", "openai+http://127.0.0.1:1?model=m");
    for (Supplier<Callable<Integer>> benchmark : BENCHMARKS) {
      refused(benchmark, "is a folder", "--out", folder.toString());
      refused(benchmark, "is a file", "--out", below.toString());
    }
    refused(SearchBenchmark::new, "is a folder", "--state", folder.toString());
    refused(OcrBenchmark::new, "is a file", "--state", file.toString());
    refused(EmbeddingBenchmark::new, "is no program", "--python", file.toString());
    refused(EmbeddingBenchmark::new, "no program 'py-thon'", "--python", "py-thon");
    refused(
        EmbeddingBenchmark::new,
        "pytorch_minilm_cpu.py",
        "--python",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--scripts",
        folder.toString());
  }

  @Test
  void valuesComeThrough() {
    Arguments usual = parse();
    assertEquals(Target.onnxRuntime(), usual.target());
    assertFalse(usual.quick() || usual.precision().isPresent());
    assertEquals(7, usual.atMost(7));
    Arguments given =
        parse("--target", "auto", "--precision", "int8-smooth", "--quick", "--samples", "3");
    assertEquals(Target.auto(), given.target());
    assertEquals(NamedPrecision.INT8_SMOOTH, given.precision().orElseThrow());
    assertTrue(given.quick());
    assertEquals(List.of(3, 2), List.of(given.atMost(7), given.atMost(2)));
    for (NamedPrecision p : NamedPrecision.values()) {
      assertEquals(p, parse("--precision", p.toString()).precision().orElseThrow());
    }
    assertEquals(
        folder.resolve("new/name.html"),
        parse("--report", folder.resolve("new").toString()).report("name").html());
    assertFalse(Files.exists(folder.resolve("new")), "looking makes nothing");
  }

  @Test
  void aQuickRunOnTensorRtBuildsAtItsFastestUsefulLevel() {
    Target quick = parse("--target", "tensorrt", "--quick").target();
    assertEquals(
        "1", quick.choices().get(0).options().orElseThrow().describe().get("builder_level"));
    Target usual = parse("--target", "tensorrt").target();
    assertTrue(usual.choices().get(0).options().isEmpty());
  }

  private static Arguments parse(String... words) {
    return CommandLine.populateCommand(new Arguments(), words);
  }

  @Command(name = "Ending", mixinStandardHelpOptions = true)
  private record Ending(Callable<Integer> job) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      return job.call();
    }
  }

  @Test
  void theExitCodeSaysHowAJobEnded() {
    CommandLineRun missed = CommandLineRun.of(new Ending(() -> ExampleRunner.code(false)));
    assertEquals(ExampleRunner.FAILED, missed.code());
    assertEquals(ExampleRunner.GOOD, CommandLineRun.of(new Ending(() -> 0)).code());

    CommandLineRun ours =
        CommandLineRun.of(
            new Ending(
                () -> {
                  throw new InfercException(Stage.COMPILE, "It is too large.", "Make it smaller.");
                }));
    assertEquals(ExampleRunner.FAILED, ours.code());
    assertEquals(
        List.of("Stopped in the stage COMPILE. It is too large. Make it smaller."),
        ours.err().lines().toList());

    CommandLineRun unforeseen =
        CommandLineRun.of(
            new Ending(
                () -> {
                  throw new IllegalStateException("a fault");
                }));
    assertEquals(ExampleRunner.FAILED, unforeseen.code());
    assertTrue(unforeseen.err().contains("\tat "), unforeseen.err());

    CommandLineRun noFile =
        CommandLineRun.of(
            new Ending(
                () -> {
                  throw new IOException("disk full");
                }));
    assertEquals(ExampleRunner.FAILED, noFile.code());
    assertEquals(1, Arrays.stream(noFile.err().split("\n", -1)).filter(l -> !l.isBlank()).count());
  }
}
