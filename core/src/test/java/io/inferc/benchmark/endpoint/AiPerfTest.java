package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.benchmark.endpoint.OpenAiEndpoint.Protocol;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.StreamFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What inferc and NVIDIA's aiperf measure of the same server in turns, with {@code
 * -Dinferc.llamacpp=} and {@code -Dinferc.aiperf=} and folders in which pip may install both.
 *
 * <p>One client sends the same prompts for answers of the same length, one after the other. The
 * figures are printed; they are worth something on a quiet machine alone, and with a model whose
 * tokens take longer than a client's own work: {@code INFERC_WIDTH=768 INFERC_LAYERS=4} in the
 * environment makes such a one.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.llamacpp", matches = ".+")
@EnabledIfSystemProperty(named = "inferc.aiperf", matches = ".+")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class AiPerfTest {
  private static final int ROUNDS = Integer.getInteger("inferc.aiperf.rounds", 3);
  private static final int REQUESTS = Integer.getInteger("inferc.aiperf.requests", 300);
  private static final int TOKENS = 64;
  private static final List<String> PROMPTS =
      IntStream.range(0, 20)
          .mapToObj(i -> "prompt " + i + " and some more words".repeat(i))
          .toList();

  /** Of each there are P50, P90 and P99, in milliseconds. */
  private static final List<String> FIGURES =
      List.of("time_to_first_token", "inter_token_latency", "request_latency");

  @TempDir Path folder;

  @Test
  void theSameIsMeasured() throws Exception {
    Path prompts = folder.resolve("prompts.jsonl");
    Files.write(prompts, PROMPTS.stream().map(p -> "{\"text\": \"" + p + "\"}").toList());
    String port = PythonServer.freePorts(1).get(0);
    String url = "http://127.0.0.1:" + port;
    OpenAiEndpoint endpoint =
        OpenAiEndpoint.builder(url, "tiny")
            .protocol(Protocol.COMPLETION)
            .parameter("ignore_eos", "true")
            .build();
    List<double[]> ours = new ArrayList<>();
    List<double[]> theirs = new ArrayList<>();
    Path installed = Path.of(System.getProperty("inferc.llamacpp"));
    try (PythonServer server = PythonServer.start("serve_llamacpp.py", installed, List.of(port))) {
      server.await(() -> endpoint.complete("ready?", 1));
      endpoint.complete(PROMPTS.get(0), TOKENS);
      long start = System.nanoTime();
      endpoint.complete(PROMPTS.get(PROMPTS.size() / 2), TOKENS);
      Duration usual = Duration.ofNanos(System.nanoTime() - start).multipliedBy(REQUESTS);
      for (int round = 0; round < ROUNDS; round++) {
        theirs.add(print("aiperf", aiPerf(url, prompts, folder.resolve("round" + round))));
        ours.add(print("inferc", inferc(endpoint, usual)));
      }
    }
    for (int i = 0; i < FIGURES.size(); i++) {
      double our = median(ours, 3 * i);
      double their = median(theirs, 3 * i);
      System.out.printf(
          Locale.ROOT,
          "%s, median of P50s: aiperf %.3f ms, inferc %.3f ms%n",
          FIGURES.get(i),
          their,
          our);
      // Whatever else is going on here, a wrong unit or another meaning is more.
      assertTrue(our < 3 * their && their < 3 * our, FIGURES.get(i));
    }
  }

  private static double[] inferc(OpenAiEndpoint endpoint, Duration length) {
    LoadRun run =
        LoadTest.builder(Load.closed(1))
            .warmUp(Duration.ofSeconds(1))
            .duration(length)
            .build()
            .run(
                endpoint,
                i -> new PromptRequest("", PROMPTS.get((int) (i % PROMPTS.size())), TOKENS));
    System.out.println(run);
    assertEquals(List.of(), run.failures());
    StreamFigures streams = run.streams().orElseThrow();
    return Stream.of(
            streams.timeToFirstTokenFromSending(), streams.timePerOutputToken(), run.service())
        .flatMapToDouble(AiPerfTest::percentiles)
        .toArray();
  }

  private static DoubleStream percentiles(LatencyDistribution times) {
    return DoubleStream.of(50, 90, 99).map(p -> times.percentile(p).value());
  }

  private static double[] aiPerf(String url, Path prompts, Path out)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "src/test/python/run_aiperf.py"));
    command.addAll(List.of(System.getProperty("inferc.aiperf"), url, "tiny", prompts.toString()));
    command.addAll(List.of(Integer.toString(REQUESTS), Integer.toString(TOKENS), out.toString()));
    Path log = Path.of(out + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, process.waitFor(), () -> read(log));
    JsonNode figures =
        new ObjectMapper().readTree(out.resolve("profile_export_aiperf.json").toFile());
    System.out.println(
        "aiperf: "
            + figures.path("request_count").path("avg").asInt()
            + " answers, "
            + figures.path("error_request_count").path("avg").asInt()
            + " errors, "
            + figures.path("request_throughput").path("avg").asDouble()
            + "/s");
    assertEquals(TOKENS, figures.path("output_sequence_length").path("avg").asDouble(), 1e-9);
    return FIGURES.stream()
        .flatMapToDouble(
            name ->
                Stream.of("p50", "p90", "p99")
                    .mapToDouble(p -> figures.path(name).path(p).asDouble()))
        .toArray();
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static double[] print(String who, double[] figures) {
    StringBuilder line = new StringBuilder(who + ":");
    for (int i = 0; i < FIGURES.size(); i++) {
      line.append(
          String.format(
              Locale.ROOT,
              " %s P50 %.3f, P90 %.3f, P99 %.3f ms;",
              FIGURES.get(i),
              figures[3 * i],
              figures[3 * i + 1],
              figures[3 * i + 2]));
    }
    System.out.println(line);
    return figures;
  }

  private static double median(List<double[]> rounds, int figure) {
    return rounds.stream()
        .mapToDouble(r -> r[figure])
        .sorted()
        .skip(rounds.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}
