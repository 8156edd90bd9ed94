package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A real server of the protocol, with {@code -Dinferc.mlserver=} and a folder in which pip may
 * install it.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.mlserver", matches = ".+")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MlServerTest {
  private static final Duration START = Duration.ofMinutes(8);

  private static Process server;
  private static Path log;
  private static String url;

  @BeforeAll
  static void start() throws Exception {
    Path folder = Path.of(System.getProperty("inferc.mlserver"));
    Files.createDirectories(folder);
    log = folder.resolve("server.log");
    List<String> command =
        new ArrayList<>(List.of("python3", "src/test/python/serve_mlserver.py", folder.toString()));
    List<Integer> ports = freePorts(3);
    ports.forEach(port -> command.add(port.toString()));
    url = "http://127.0.0.1:" + ports.get(0);
    server =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        OpenInferenceEndpoint.open(url, "plane");
        OpenInferenceEndpoint.open(url, "echo");
        return;
      } catch (InfercException e) {
        if (!server.isAlive() || System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("no server: " + Files.readString(log), e);
        }
        Thread.sleep(500);
      }
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      ports.add(sockets.get(i).getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  @AfterAll
  static void end() throws InterruptedException {
    if (server != null) {
      server.destroy();
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aModelComputesThereWhatItWasTrainedFor() {
    OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(url, "plane");
    assertEquals(List.of(TensorSpec.of("x", DataType.FLOAT32, "?, 2")), endpoint.inputs());
    Map<String, Tensor> outputs =
        endpoint.infer(Map.of("x", Tensor.of(new float[] {1, 2, 0.5f, 0.25f}, 2, 2)));
    try (Tensor predicted = outputs.get("predict")) {
      assertArrayEquals(new double[] {-3, 1.25}, predicted.toDoubleArray(), 1e-9);
    }
  }

  @Test
  void eachTypeComesBackAsItWasSent() {
    OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(url, "echo");
    Map<String, Tensor> sent = EachType.tensors();
    // Triton alone has it, NumPy has no such type, and MLServer takes no names beyond the protocol.
    sent.remove("BF16");
    EachType.assertSame(sent, endpoint.infer(sent));
  }

  @Test
  void aShapeThatTheModelDoesNotTakeFailsInTheServersWords() {
    try (var caller = OpenInferenceEndpoint.open(url, "plane").newCaller()) {
      Answer answer =
          caller.call(TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2, 3}, 1, 3))));
      assertEquals(Outcome.FAILED, answer.outcome());
      assertTrue(answer.detail().contains("expecting 2 features"), answer.detail());
    }
  }

  @Test
  void aModelThatItDoesNotHaveIsNotOpened() {
    InfercException e =
        assertThrows(InfercException.class, () -> OpenInferenceEndpoint.open(url, "nix"));
    assertTrue(e.getMessage().contains("status 404: Model nix not found"), e.getMessage());
  }

  @Test
  void aLoadIsAnsweredWithoutFailures() {
    LoadRun run =
        LoadTest.builder(Load.poisson(20))
            .warmUp(Duration.ofSeconds(1))
            .duration(Duration.ofSeconds(5))
            .build()
            .run(
                OpenInferenceEndpoint.open(url, "plane"),
                Requests.of(TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)))));
    System.out.println(run);
    assertEquals(List.of(), run.failures());
    assertTrue(run.requests() > 20, run.toString());
  }
}
