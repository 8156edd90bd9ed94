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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real server of the protocol by HTTP and gRPC, with {@code -Dinferc.mlserver=} and a folder in
 * which pip may install it.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.mlserver", matches = ".+")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MlServerTest {
  private static PythonServer server;
  private static String http;
  private static String grpc;

  /** How it is spoken to. */
  enum By {
    HTTP,
    GRPC;

    void open(String model, Consumer<TensorEndpoint> use) {
      if (this == HTTP) {
        use.accept(OpenInferenceEndpoint.open(http, model));
        return;
      }
      try (var endpoint = GrpcInferenceEndpoint.open(grpc, model)) {
        use.accept(endpoint);
      }
    }
  }

  @BeforeAll
  static void start() throws Exception {
    List<String> ports = PythonServer.freePorts(3);
    http = "http://127.0.0.1:" + ports.get(0);
    grpc = "http://127.0.0.1:" + ports.get(1);
    server =
        PythonServer.start(
            "serve_mlserver.py", Path.of(System.getProperty("inferc.mlserver")), ports);
    server.await(
        () -> {
          for (By by : By.values()) {
            by.open("plane", endpoint -> {});
            by.open("echo", endpoint -> {});
          }
        });
  }

  @AfterAll
  static void end() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aModelComputesThereWhatItWasTrainedFor(By by) {
    by.open(
        "plane",
        endpoint -> {
          assertEquals(List.of(TensorSpec.of("x", DataType.FLOAT32, "?, 2")), endpoint.inputs());
          Map<String, Tensor> outputs =
              endpoint.infer(Map.of("x", Tensor.of(new float[] {1, 2, 0.5f, 0.25f}, 2, 2)));
          try (Tensor predicted = outputs.get("predict")) {
            assertArrayEquals(new double[] {-3, 1.25}, predicted.toDoubleArray(), 1e-9);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void eachTypeComesBackAsItWasSent(By by) {
    Map<String, Tensor> sent = EachType.tensors();
    // Triton alone has it, NumPy has no such type, and MLServer takes no names beyond the protocol.
    sent.remove("BF16");
    by.open("echo", endpoint -> EachType.assertSame(sent, endpoint.infer(sent)));
  }

  @ParameterizedTest
  @EnumSource
  void aShapeThatTheModelDoesNotTakeFailsInTheServersWords(By by) {
    TensorRequest three = TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2, 3}, 1, 3)));
    by.open(
        "plane",
        endpoint -> {
          try (var caller = endpoint.newCaller()) {
            Answer answer = caller.call(three);
            assertEquals(Outcome.FAILED, answer.outcome());
            assertTrue(answer.detail().contains("expecting 2 features"), answer.detail());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aModelThatItDoesNotHaveIsNotOpened(By by) {
    InfercException e = assertThrows(InfercException.class, () -> by.open("nix", endpoint -> {}));
    // By gRPC it says so by the status UNKNOWN and the name of its exception.
    assertTrue(e.getMessage().contains("FAILED: status "), e.getMessage());
    assertTrue(e.getMessage().matches(".*: Model nix.* not found.*"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void aLoadIsAnsweredWithoutFailures(By by) {
    TensorRequest request = TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
    by.open(
        "plane",
        endpoint -> {
          LoadRun run =
              LoadTest.builder(Load.poisson(20))
                  .warmUp(Duration.ofSeconds(1))
                  .duration(Duration.ofSeconds(5))
                  .build()
                  .run(endpoint, Requests.of(request));
          System.out.println(run);
          assertEquals(List.of(), run.failures());
          assertTrue(run.requests() > 20, run.toString());
        });
  }
}
