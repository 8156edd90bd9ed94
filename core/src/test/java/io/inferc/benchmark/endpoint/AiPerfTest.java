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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What inferc and NVIDIA's aiperf measure of the same server in turns, with {@code
 * -Dinferc.aiperf=} and a folder in which pip may install it.
 *
 * <p>The server answers by the clock, so that both can be held to what is true and no machine is
 * too busy for that; or it is llama.cpp, with {@code -Dinferc.llamacpp=} and a folder for it. Then
 * the figures are worth something on a quiet machine alone, with a model whose tokens take longer
 * than a client's own work, {@code INFERC_WIDTH=768 INFERC_LAYERS=4} in the environment, and where
 * the server has a processor of its own: {@code INFERC_PROCESSOR=1}, and all else on others.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.aiperf", matches = ".+")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class AiPerfTest {
  private static final int ROUNDS = Integer.getInteger("inferc.aiperf.rounds", 3);
  private static final int REQUESTS = Integer.getInteger("inferc.aiperf.requests", 300);
  private static final int TOKENS = Integer.getInteger("inferc.aiperf.tokens", 64);
  private static final int CLIENTS = 4;
  private static final double BEYOND = 1.25;

  /** What the server takes that answers by the clock, in milliseconds. */
  private static final double FIRST = 50;

  private static final double GAP = 5;
  private static final boolean PACED = System.getProperty("inferc.llamacpp") == null;

  /** How far apart both may be, of a server whose speed changes, and of one that is exact. */
  private static final double FACTOR = PACED ? 1.1 : 3;

  private static final double[] TRUE = {FIRST, GAP, FIRST + (TOKENS - 1) * GAP};

  private static final List<String> PROMPTS =
      IntStream.range(0, 20)
          .mapToObj(i -> "prompt " + i + " and some more words".repeat(i))
          .toList();

  /** Of each there are P50, P90 and P99, in milliseconds. */
  private static final List<String> FIGURES =
      List.of("time_to_first_token", "inter_token_latency", "request_latency");

  @TempDir Path folder;

  private static Path prompts;
  private static String url;
  private static OpenAiEndpoint endpoint;
  private static PythonServer server;

  /** How long an answer takes that nothing else waits for. */
  private static Duration usual;

  @BeforeAll
  static void start(@TempDir Path shared) throws Exception {
    prompts = shared.resolve("prompts.jsonl");
    Files.write(prompts, PROMPTS.stream().map(p -> "{\"text\": \"" + p + "\"}").toList());
    String port = PythonServer.freePorts(1).get(0);
    url = "http://127.0.0.1:" + port;
    endpoint =
        OpenAiEndpoint.builder(url, "tiny")
            .protocol(Protocol.COMPLETION)
            .parameter("ignore_eos", "true")
            .build();
    server =
        PACED
            ? PythonServer.start(
                "serve_paced.py", shared, List.of(port, CLIENTS + "", FIRST + "", GAP + ""))
            : PythonServer.start(
                "serve_llamacpp.py", Path.of(System.getProperty("inferc.llamacpp")), List.of(port));
    server.await(() -> endpoint.complete("ready?", 1));
    endpoint.complete(PROMPTS.get(0), TOKENS);
    long start = System.nanoTime();
    endpoint.complete(PROMPTS.get(PROMPTS.size() / 2), TOKENS);
    usual = Duration.ofNanos(System.nanoTime() - start);
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void oneClientMeasuresTheSame() throws Exception {
    List<double[]> ours = new ArrayList<>();
    List<double[]> theirs = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      theirs.add(print("aiperf", aiPerf(folder.resolve("round" + round), "1")));
      LoadRun run = inferc(LoadTest.builder(Load.closed(1)), usual.multipliedBy(REQUESTS));
      ours.add(print("inferc", figures(run, run.service())));
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
      assertTrue(our < FACTOR * their && their < FACTOR * our, FIGURES.get(i));
      // No answer comes before its time, and what is on top is the way there and back.
      assertTrue(!PACED || (our > 0.99 * TRUE[i] && our < FACTOR * TRUE[i] + 5), FIGURES.get(i));
    }
  }

  /**
   * Beyond what the server can do, requests wait for one of the clients to be free: aiperf counts
   * from when a request is sent, inferc from when it should have been.
   */
  @Test
  void whatWaitsForAClientIsInTheLatencyHereAndNotThere() throws Exception {
    LoadTest.Builder closed = LoadTest.builder(Load.closed(CLIENTS));
    double rate = BEYOND * inferc(closed, usual.multipliedBy(REQUESTS / 2)).throughput();
    String sent = String.format(Locale.ROOT, "%.2f", rate);
    System.out.println("sent: " + sent + "/s by " + CLIENTS + " clients");
    Duration length = Duration.ofMillis((long) (REQUESTS / rate * 1000));
    for (int round = 0; round < ROUNDS; round++) {
      double[] theirs = aiPerf(folder.resolve("saturated" + round), CLIENTS + "", sent);
      LoadTest.Builder open =
          LoadTest.builder(Load.constant(Double.parseDouble(sent)))
              .workers(CLIENTS)
              .drainLimit(length);
      LoadRun run = inferc(open, length);
      double[] ours = print("inferc from sending", figures(run, run.service()));
      double[] due = print("inferc from when it was due", figures(run, run.latency()));
      print("aiperf", theirs);
      int latency = FIGURES.size() * 3 - 3;
      assertTrue(due[latency] > ours[latency], "nothing waited");
      assertTrue(
          ours[latency] < FACTOR * theirs[latency] && theirs[latency] < FACTOR * ours[latency],
          "from sending");
    }
  }

  private static LoadRun inferc(LoadTest.Builder test, Duration length) {
    LoadRun run =
        test.warmUp(Duration.ofSeconds(1))
            .duration(length)
            .build()
            .run(
                endpoint,
                i -> new PromptRequest("", PROMPTS.get((int) (i % PROMPTS.size())), TOKENS));
    System.out.println(run);
    assertEquals(List.of(), run.failures());
    return run;
  }

  private static double[] figures(LoadRun run, LatencyDistribution latency) {
    StreamFigures streams = run.streams().orElseThrow();
    return Stream.of(streams.timeToFirstTokenFromSending(), streams.timePerOutputToken(), latency)
        .flatMapToDouble(AiPerfTest::percentiles)
        .toArray();
  }

  private static DoubleStream percentiles(LatencyDistribution times) {
    return DoubleStream.of(50, 90, 99).map(p -> times.percentile(p).value());
  }

  private static double[] aiPerf(Path out, String... clientsAndRate)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "src/test/python/run_aiperf.py"));
    command.addAll(List.of(System.getProperty("inferc.aiperf"), url, "tiny", prompts.toString()));
    command.addAll(List.of(Integer.toString(REQUESTS), Integer.toString(TOKENS), out.toString()));
    command.addAll(List.of(clientsAndRate));
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
