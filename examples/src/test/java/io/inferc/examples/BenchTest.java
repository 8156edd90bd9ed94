package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.inferc.Compiler;
import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.platform.ComputeRoof;
import io.inferc.benchmark.study.Variant;
import io.inferc.benchmark.trace.TraceOptions;
import io.inferc.benchmark.trace.TraceRecorder;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junitpioneer.jupiter.RetryingTest;
import picocli.CommandLine.TypeConversionException;

@Timeout(120)
class BenchTest {
  private static final int WIDTH = 16;

  /** Where nothing answers. */
  private static final String SERVER = "oip+http://127.0.0.1:1/m";

  private static final String METADATA =
      "{\"name\":\"m\",\"platform\":\"test\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\","
          + "\"shape\":[-1,16]}],\"outputs\":[]}";
  private static final String REPLY =
      "{\"model_name\":\"m\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],"
          + "\"data\":[1.0]}]}";

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void save() {
    float[] weights = new float[WIDTH * WIDTH];
    Arrays.fill(weights, 0.5f);
    TensorShape open = TensorShape.of(List.of(Dimension.symbolic("n"), Dimension.fixed(WIDTH)));
    Graph graph =
        Graph.builder("product")
            .input(new TensorSpec("x", DataType.FLOAT32, open))
            .initializer(Initializer.floats("w", weights, WIDTH, WIDTH))
            .node(Node.of("MatMul", List.of("x", "w"), List.of("y")))
            .output(new TensorSpec("y", DataType.FLOAT32, open))
            .build();
    model = folder.resolve("product.onnx");
    OnnxModel.of(graph, 17).save(model);
  }

  private CommandLineRun bench(String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--quick", "--duration", "600ms", "--report", folder.toString()));
    return CommandLineRun.of(new Bench(), line.toArray(String[]::new));
  }

  @Test
  void aModelIsMeasuredAgainstItselfAsItWasAndHeldToItsGates() throws IOException {
    CommandLineRun run =
        bench(
            "--model",
            model.toString(),
            "--size",
            "n=1..4",
            "--batches",
            "n=1,3",
            "--load",
            "poisson:300",
            "--slo",
            "p50:1us",
            "--cost",
            "1.20EUR/h",
            "--gate",
            "not-slower:100000%");
    // Nothing answers in a microsecond.
    assertEquals(ExampleRunner.FAILED, run.code(), run.err());
    assertTrue(run.out().contains("product.onnx, original under poisson:300"), run.out());
    assertTrue(
        run.out().contains("FAILED: product.onnx on onnxruntime, fp32, P50 within"), run.out());
    assertTrue(
        run.out().contains("PASSED: product.onnx on onnxruntime, fp32, P50 at most"), run.out());
    // What the search says of a limit that no rate keeps.
    assertTrue(
        run.out().contains("fp32 was not shown to keep P50 within 1us in every search"), run.out());
    assertTrue(Files.readString(folder.resolve("bench.html")).endsWith("</html>\n"));
    JsonNode json = new ObjectMapper().readTree(folder.resolve("bench.json").toFile());
    assertEquals("poisson:300", json.at("/settings/load").asText());
    assertEquals(
        3, json.at("/variants/1/batches/1/samplesPerRequest").asInt(), json::toPrettyString);
    assertTrue(json.at("/variants/1/rooflineShare").isObject(), json::toPrettyString);
    assertTrue(Files.readString(folder.resolve("bench.md")).contains("poisson:300"));
    assertTrue(Files.readString(folder.resolve("bench-junit.xml")).contains("<testsuite"));
  }

  @Test
  void processesOfTheirOwnMeasureAnewAndLeaveTheirSamples() {
    CommandLineRun run =
        bench(
            "--model",
            model.toString(),
            "--size=n=2",
            "--load",
            "poisson:200",
            "--no-search",
            "--seed=5",
            "--processes",
            "2");
    assertTrue(run.out().contains("in several processes: "), run.out() + run.err());
    assertTrue(run.out().contains("2 and 2 processes"), run.out());
    LoadRounds second = LoadRounds.read(folder.resolve("bench-processes").resolve("process-2"));
    assertEquals(7, second.settings().seed());
    assertEquals(2, second.subjects().size());
    assertEquals(
        List.of("--a", "b", "--c=d"),
        BenchProcesses.without(
            List.of("--a", "b", "--seed", "3", "--processes=4", "--c=d"),
            Set.of("--seed", "--processes")));
  }

  @Test
  void aProcessThatFailsLosesNothingThatWasMeasured() throws IOException {
    String before = System.getProperty("java.class.path");
    CommandLineRun run;
    try {
      // Where no process finds the program.
      System.setProperty("java.class.path", folder.toString());
      run =
          bench(
              "--model",
              model.toString(),
              "--size=n=2",
              "--load",
              "poisson:200",
              "--no-search",
              "--processes",
              "2");
    } finally {
      System.setProperty("java.class.path", before);
    }
    assertEquals(ExampleRunner.FAILED, run.code(), run.out());
    assertTrue(run.err().contains("process 1 ended with the status 1."), run.err());
    assertTrue(run.err().contains(folder.resolve("bench.html").toString()), run.err());
    assertTrue(Files.readString(folder.resolve("bench.md")).contains("poisson:200"));
    assertTrue(Files.exists(folder.resolve("bench-junit.xml")));
  }

  @Test
  void aProcessSeesWhatTheLoaderSeesAndHasNoAgents() throws IOException {
    Path jar = Files.createFile(folder.resolve("a b.jar"));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
      List<String> places = List.of(BenchProcesses.classPath(loader).split(File.pathSeparator));
      assertEquals(jar.toString(), places.get(0));
      assertEquals(
          BenchProcesses.classPath(null),
          String.join(File.pathSeparator, places.subList(1, places.size())));
    }
    assertEquals(
        List.of("-Xmx1g", "-Dagent=-javaagent:x"),
        BenchProcesses.inherited(
            List.of(
                "-Xmx1g",
                "-agentlib:jdwp=transport=dt_socket,server=y",
                "-agentpath:/x.so",
                "-javaagent:x.jar",
                "-Xdebug",
                "-Xrunjdwp:transport=dt_socket",
                "-Dagent=-javaagent:x")));
  }

  @Test
  void processesWithoutAnswersHaveNoPercentileToTell() {
    Subject silent =
        Subject.of(
            "silent",
            request -> {
              throw new IllegalStateException("no answer");
            });
    LoadRounds rounds =
        LoadTest.builder(Load.constant(100))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(500))
            .blocks(5)
            .build()
            .compare(List.of(silent, silent), TimedSubject.requests(1));
    String told = BenchProcesses.p95(new ProcessRounds(List.of(rounds, rounds)), 1);
    assertTrue(told.startsWith("not known. "), told);
  }

  @Test
  void recordedRequestsAreAskedAtTheirTimes() {
    Path trace = folder.resolve("trace");
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
        TraceRecorder recorder = TraceRecorder.open(compiled, trace, TraceOptions.defaults());
        CompiledModel recorded = recorder.record(compiled);
        InferenceSession session = recorded.newSession()) {
      for (int i = 0; i < 60; i++) {
        session.input("x", 1 + i % 3, WIDTH);
        session.run();
      }
    }
    CommandLineRun run =
        bench(
            "--model",
            model.toString(),
            "--baseline",
            "none",
            "--trace",
            trace.toString(),
            "--load",
            "replay:0.1",
            "--no-search");
    assertEquals("", run.err().lines().filter(l -> l.startsWith("Stopped")).findAny().orElse(""));
    assertTrue(run.out().contains("under replay"), run.out() + run.err());
  }

  private static HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String path = exchange.getRequestURI().getPath();
          if (path.endsWith("/infer")) {
            // So long that what the generator is late by on a busy machine does not matter.
            pause(150);
          }
          String said = path.endsWith("/infer") ? REPLY : path.endsWith("/m") ? METADATA : "{}";
          byte[] body = said.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    return server;
  }

  @RetryingTest(3)
  void aServerIsAskedWithWhatItSaysItTakes() throws IOException {
    HttpServer server = server();
    try {
      String url = "oip+http://127.0.0.1:" + server.getAddress().getPort() + "/m";
      CommandLineRun open = bench("--endpoint", url, "--no-search");
      assertEquals(ExampleRunner.USAGE, open.code(), open.out());
      assertTrue(open.err().contains("--size 'x[0]=1..8'"), open.err());
      CommandLineRun run =
          bench("--endpoint", url, "--size", "x[0]=1..8", "--load", "constant:10", "--no-search");
      assertEquals(ExampleRunner.GOOD, run.code(), run.out() + run.err());
      assertTrue(run.out().contains(url + " under constant:10"), run.out());
    } finally {
      server.stop(0);
    }
  }

  @RetryingTest(3)
  void besideAModelAServerIsAskedWithTheModelsInputs() throws IOException {
    HttpServer server = server();
    try {
      String url = "oip+http://127.0.0.1:" + server.getAddress().getPort() + "/m";
      CommandLineRun run =
          bench(
              "--baseline",
              url,
              "--model",
              model.toString(),
              "--size",
              "n=1..8",
              // Another server's, which the model's compiler must not hear of.
              "--size",
              "x[0]=1..8",
              "--load",
              "constant:40",
              "--no-search");
      assertTrue(run.out().contains(url + " under constant:40"), run.out() + run.err());
      assertTrue(run.out().contains("fp32 under constant:40"), run.out() + run.err());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whatATargetDoesNotCompileHasNoRoofAndStopsNothing() {
    BenchRoofline roofline =
        new BenchRoofline(Optional.of(ShapeProfile.named("two").fixed("n", 2)));
    OnnxModel loaded = OnnxModel.load(model);
    Variant variant = Variant.of("any", Subject.of("any", request -> {}));
    // Integers whose scales are those of the moment are for ONNX Runtime alone.
    roofline.judged(variant, loaded, Target.openVino(), NamedPrecision.INT8);
    roofline.judged(variant, loaded, Target.onnxRuntime(), NamedPrecision.INT8);
    assertTrue(roofline.isAsked());
    List<String> roofs = roofline.measure().compute().stream().map(ComputeRoof::precision).toList();
    assertTrue(roofs.contains("INT8 on onnxruntime"), roofs::toString);
    assertFalse(roofs.contains("INT8 on openvino"), roofs::toString);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void addressesAreReadOrRefused() {
    EndpointAddress.Text text = new EndpointAddress.Text();
    EndpointAddress plain = text.convert("oip+http://host:8000/encoder");
    assertEquals("http://host:8000", plain.server());
    assertEquals("encoder", plain.model());
    EndpointAddress version = text.convert("oip+https://host/base/v2/models/encoder/versions/3");
    assertEquals("https://host/base", version.server());
    assertEquals("encoder", version.model());
    assertEquals(Optional.of("3"), version.version());
    EndpointAddress grpc = text.convert("oip+grpcs://host:8001/encoder");
    assertEquals(EndpointAddress.Protocol.OIP_GRPC, grpc.protocol());
    assertEquals("https://host:8001", grpc.server());
    EndpointAddress chat = text.convert("openai+http://host:8000?model=org/name");
    assertEquals("http://host:8000", chat.server());
    assertEquals("org/name", chat.model());
    assertTrue(chat.takesPrompts() && !chat.completion());
    assertTrue(text.convert("openai+http://host:8000/v1?model=m&protocol=completion").completion());
    for (String wrong :
        List.of(
            "http://host",
            "oip+http://host:8000",
            "oip+ftp://host/m",
            "openai+grpc://host?model=m",
            "oip+http:///m",
            "openai+http://host",
            "openai+http://host?model=",
            "openai+http://host?model=m&speed=2",
            "openai+http://host?model=m&protocol=talk")) {
      assertThrows(TypeConversionException.class, () -> text.convert(wrong), wrong);
    }
  }

  @Test
  void timesLimitsCostsAndRangesAreReadOrRefused() {
    assertEquals(Duration.ofMillis(1500), new DurationText().convert("1.5s"));
    assertEquals(Duration.ofNanos(250_000), new DurationText().convert("250us"));
    LatencyLimit limit = new LatencyLimit.Text().convert("p99.9:20ms");
    assertEquals(new LatencyLimit(99.9, Duration.ofMillis(20)), limit);
    assertEquals(Cost.rented(1.2, "EUR"), new CostText().convert("1.20EUR/h"));
    Cost owned = new CostText().convert("price=8766,years=1,watts=1000,kwh=0.5");
    assertEquals(1.5, owned.perHour(), 1e-9);
    assertEquals(new SizeRange("a=b", -1, 3), new SizeRange.Text().convert("a=b=-1..3"));
    assertEquals(new SizeRange("n", 4, 4), new SizeRange.Text().convert("n=4"));
    Map.of(
            new DurationText(), List.of("20", "ms", "-1s", "0s", "1 s"),
            new LatencyLimit.Text(), List.of("p0:1s", "99:1s", "p95", "p95:0ms", "p100:1s"),
            new CostText(),
                List.of("1.2", "0/h", "price=1", "price=1,years=0,watts=1,kwh=1", "free"),
            new SizeRange.Text(), List.of("n", "n=", "n=3..1", "=3", "n=a..b"))
        .forEach(
            (converter, texts) ->
                texts.forEach(
                    wrong ->
                        assertThrows(
                            TypeConversionException.class, () -> converter.convert(wrong), wrong)));
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeAnythingIsCompiled() {
    String file = model.toString();
    for (List<String> wrong :
        List.of(
            List.of("nothing to measure"),
            List.of("no file", "--model", folder.resolve("absent.onnx").toString()),
            List.of("--size 'n=1..8'", "--model", file),
            List.of("is calibrated", "--model", file, "--precision", "int8"),
            List.of("one precision", "--model", file, "--precision", "search"),
            List.of("there is no load", "--model", file, "--load", "fast:3"),
            List.of("needs a recording", "--model", file, "--load", "replay"),
            List.of("5 or more", "--model", file, "--size", "n=2", "--blocks", "4"),
            List.of("is no gate", "--model", file, "--gate", "fast"),
            List.of("is no size", "--model", file, "--size", "n=2", "--batches", "n=0"),
            List.of("is no gate", "--model", file, "--gate", "gain:0"),
            List.of("is no gate", "--model", file, "--gate", "not-slower:much"),
            List.of("given twice", "--endpoint", SERVER, "--endpoint", SERVER),
            List.of("given twice", "--endpoint", SERVER, "--baseline", SERVER),
            List.of("takes four variants", "--model", file, "--size", "n=2", "--factorial"),
            List.of("a size is 1 or more", "--model", file, "--size", "n=-2..3"),
            List.of("a size is 1 or more", "--endpoint", SERVER, "--size", "x[0]=0"),
            List.of("no-search", "--model", file, "--no-search", "--gate", "gain:2"),
            List.of("one variant only", "--endpoint", SERVER, "--gate", "not-slower"),
            List.of(
                "one variant only", "--model", file, "--baseline", "none", "--gate", "gain:1.5"),
            List.of("takes 2 or more", "--model", file, "--processes", "1"),
            List.of("is no endpoint", "--model", file, "--baseline", "http://host"),
            List.of(
                "takes prompts",
                "--model",
                file,
                "--endpoint",
                "openai+http://127.0.0.1:1?model=m"),
            List.of("there is no .npz", "--model", file, "--samples", folder.toString()))) {
      CommandLineRun run = bench(wrong.subList(1, wrong.size()).toArray(String[]::new));
      assertEquals(ExampleRunner.USAGE, run.code(), wrong + run.out() + run.err());
      assertTrue(run.err().contains(wrong.get(0)), wrong + ": " + run.err());
      assertFalse(run.err().contains("\tat "), run.err());
      assertFalse(Files.exists(folder.resolve("bench.html")));
    }
  }
}
