package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an endpoint says of servers of gRPC that do not answer as they should. */
@Timeout(60)
class GrpcFaultsTest {
  private static final TensorRequest REQUEST =
      TensorRequest.of(Map.of("x", Tensor.of(new float[] {1}, 1)));

  // Kept, for the logging of the JDK forgets what nobody has.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  @BeforeAll
  static void leaveOutWhatGrpcLogsOfFaults() {
    GRPC.setLevel(Level.SEVERE);
  }

  @AfterAll
  static void logAgain() {
    GRPC.setLevel(null);
  }

  private static EndpointOptions.Builder options() {
    return EndpointOptions.builder().requestTimeout(Duration.ofSeconds(20));
  }

  private static Answer ask(GrpcInferenceEndpoint endpoint) {
    try (Subject.Caller caller = endpoint.newCaller()) {
      return caller.call(REQUEST);
    }
  }

  private static Answer ask(String url, EndpointOptions options) {
    try (var endpoint = GrpcInferenceEndpoint.open(url, "echo", options)) {
      return ask(endpoint);
    }
  }

  private static Answer ask(GrpcTestServer.Infer infer) throws IOException {
    try (GrpcTestServer server = GrpcTestServer.with(infer)) {
      return ask(server.url(), options().build());
    }
  }

  private static Answer askRaw(RawGrpcServer.Script script) throws IOException {
    try (RawGrpcServer server = new RawGrpcServer(script)) {
      return ask(server.url(), options().build());
    }
  }

  private static void assertFailed(Outcome outcome, String detail, Answer answer) {
    assertEquals(outcome, answer.outcome(), answer.toString());
    assertTrue(answer.detail().contains(detail), answer.toString());
  }

  private static InfercException refusedToOpen(String url, EndpointOptions options) {
    return assertThrows(
        InfercException.class, () -> GrpcInferenceEndpoint.open(url, "echo", options));
  }

  @Test
  void aRightAnswerIsOne() throws IOException {
    assertEquals(Answer.ok(), ask(GrpcTestServer::echoRaw));
    byte[] y =
        GrpcSchema.message(
                "ModelInferResponse",
                "outputs",
                List.of(
                    GrpcSchema.message(
                        "InferOutputTensor",
                        "name",
                        "y",
                        "datatype",
                        "FP32",
                        "shape",
                        List.of(1L))),
                "raw_output_contents",
                List.of(GrpcTestServer.bytes(4)))
            .toByteArray();
    assertEquals(Answer.ok(), askRaw((stream, to, client) -> RawGrpcServer.whole(to, stream, y)));
  }

  @RepeatedTest(20)
  void aServerThatIsGoneRefusesAndIsFoundAgainAtOnceWhenItIsBack() throws IOException {
    int port;
    GrpcInferenceEndpoint endpoint;
    try (GrpcTestServer server = GrpcTestServer.at(0)) {
      port = server.port();
      endpoint = GrpcInferenceEndpoint.open(server.url(), "echo");
      assertEquals(Answer.ok(), ask(endpoint));
    }
    try (endpoint) {
      for (int i = 0; i < 20; i++) {
        Answer answer = ask(endpoint);
        // What is lost first may be the connection, on which the first request was sent already.
        if (i > 0 || answer.outcome() != Outcome.BROKEN) {
          assertFailed(Outcome.REFUSED, "no connection", answer);
        }
      }
      try (GrpcTestServer again = GrpcTestServer.at(port)) {
        assertEquals(Answer.ok(), ask(endpoint));
        assertEquals(1, again.open());
      }
    }
  }

  @Test
  void openingWhereNobodyListensSaysWhatToDo() throws IOException {
    String url;
    try (GrpcTestServer server = GrpcTestServer.at(0)) {
      url = server.url();
    }
    InfercException e = refusedToOpen(url, options().build());
    assertTrue(e.getMessage().contains("REFUSED: no connection: "), e.getMessage());
    assertTrue(e.remedy().startsWith("Start the server"), e.remedy());
  }

  @Test
  void aHostThatNobodyKnowsRefuses() {
    InfercException e = refusedToOpen("http://nobody.invalid:8001", options().build());
    assertTrue(e.getMessage().contains("the host's name is unknown"), e.getMessage());
  }

  @Test
  void aServerThatDoesNotAnswerTimesOutAndIsLeft() throws Exception {
    try (GrpcTestServer server = GrpcTestServer.with((request, call) -> {})) {
      EndpointOptions options = options().requestTimeout(Duration.ofMillis(1500)).build();
      assertFailed(Outcome.TIMEOUT, "no whole answer within 1500 ms", ask(server.url(), options));
      assertTrue(server.left.await(20, TimeUnit.SECONDS), "the call was kept");
    }
  }

  @Test
  void anAnswerThatStallsTimesOut() throws IOException {
    try (RawGrpcServer server =
        new RawGrpcServer(
            (stream, to, client) -> {
              RawGrpcServer.begin(to, stream);
              RawGrpcServer.message(to, stream, 100, new byte[10]);
              RawGrpcServer.readToEnd(client);
            })) {
      EndpointOptions options = options().requestTimeout(Duration.ofMillis(1500)).build();
      assertFailed(Outcome.TIMEOUT, "1500 ms", ask(server.url(), options));
    }
  }

  @Test
  void aServerThatAcceptsAndSaysNothingTimesOut() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              RawGrpcServer.readToEnd(client);
              left.countDown();
            })) {
      EndpointOptions options = options().requestTimeout(Duration.ofMillis(1500)).build();
      InfercException e = refusedToOpen(server.url(), options);
      assertTrue(e.getMessage().contains("TIMEOUT"), e.getMessage());
      assertTrue(e.remedy().startsWith("Wait until"), e.remedy());
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void anErrorStatusFailsInTheServersWords() throws IOException {
    assertFailed(
        Outcome.FAILED,
        "status INVALID_ARGUMENT: input 'x' has shape [1]",
        ask(ending(Status.INVALID_ARGUMENT.withDescription("input 'x' has\n shape [1]"))));
    for (Status said : List.of(Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED, Status.CANCELLED)) {
      assertFailed(
          Outcome.FAILED,
          "status " + said.getCode() + ": busy",
          ask(ending(said.withDescription("busy"))));
    }
    assertFailed(
        Outcome.FAILED, "status INTERNAL, without a message", ask(ending(Status.INTERNAL)));
    assertFailed(
        Outcome.TIMEOUT,
        "status DEADLINE_EXCEEDED: the queue is full",
        ask(ending(Status.DEADLINE_EXCEEDED.withDescription("the queue is full"))));
    Answer cut = ask(ending(Status.UNKNOWN.withDescription("x".repeat(5000))));
    assertFailed(Outcome.FAILED, "status UNKNOWN: xxx", cut);
    assertTrue(cut.detail().length() < 400, cut.detail());
  }

  private static GrpcTestServer.Infer ending(Status status) {
    return (request, call) -> call.close(status, new Metadata());
  }

  @Test
  void aCallWithoutAMessageOrWithTwoIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN,
        "by 0 messages",
        askRaw(
            (stream, to, client) -> {
              RawGrpcServer.begin(to, stream);
              RawGrpcServer.headers(to, stream, RawGrpcServer.END_STREAM, "grpc-status: 0");
            }));
    assertFailed(
        Outcome.BROKEN,
        "by 2 messages",
        askRaw(
            (stream, to, client) -> {
              RawGrpcServer.begin(to, stream);
              RawGrpcServer.message(to, stream, 0, new byte[0]);
              RawGrpcServer.message(to, stream, 0, new byte[0]);
              RawGrpcServer.headers(to, stream, RawGrpcServer.END_STREAM, "grpc-status: 0");
            }));
  }

  @Test
  void aConnectionThatIsCutBeforeOrInsideAnAnswerIsBroken() throws IOException {
    assertFailed(Outcome.BROKEN, "broke off", askRaw((stream, to, client) -> {}));
    assertFailed(
        Outcome.BROKEN,
        "broke off",
        askRaw(
            (stream, to, client) -> {
              RawGrpcServer.begin(to, stream);
              RawGrpcServer.message(to, stream, 100, new byte[10]);
            }));
    assertFailed(
        Outcome.BROKEN,
        "broke off",
        askRaw(
            (stream, to, client) -> {
              RawGrpcServer.begin(to, stream);
              RawGrpcServer.message(to, stream, 10, new byte[10]);
              client.setSoLinger(true, 0);
              client.close();
            }));
  }

  @Test
  void aStreamThatTheServerResetsIsBroken() throws IOException {
    // REFUSED_STREAM, CANCEL, INTERNAL_ERROR and ENHANCE_YOUR_CALM.
    for (byte code : new byte[] {7, 8, 2, 11}) {
      assertFailed(
          Outcome.BROKEN,
          "broke off",
          askRaw(
              (stream, to, client) -> {
                RawGrpcServer.frame(
                    to, RawGrpcServer.RST_STREAM, 0, stream, new byte[] {0, 0, 0, code});
                RawGrpcServer.readToEnd(client);
              }));
    }
  }

  @Test
  void aServerOfOldHttpIsNoneOfGrpc() throws IOException {
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              RawServer.whole(to, "400 Bad Request", "what?");
              RawGrpcServer.readToEnd(client);
            })) {
      InfercException e = refusedToOpen(server.url(), options().build());
      assertTrue(e.getMessage().contains("BROKEN: what the server says is no gRPC"), e::getMessage);
    }
  }

  @Test
  void aServerOfHttp2WithoutGrpcFailsByItsStatusOrIsBroken() throws IOException {
    assertFailed(
        Outcome.FAILED,
        "HTTP status code 404",
        askRaw(
            (stream, to, client) ->
                RawGrpcServer.headers(
                    to,
                    stream,
                    RawGrpcServer.END_STREAM,
                    ":status: 404",
                    "content-type: text/html")));
    assertFailed(
        Outcome.BROKEN,
        "content-type",
        askRaw(
            (stream, to, client) -> {
              RawGrpcServer.headers(to, stream, 0, ":status: 200", "content-type: text/html");
              RawGrpcServer.frame(
                  to, RawGrpcServer.DATA, RawGrpcServer.END_STREAM, stream, "<html>".getBytes());
            }));
  }

  @Test
  void anAnswerThatIsTooLongIsBroken() throws IOException {
    for (int limit : new int[] {1_000, 1_000_000}) {
      try (GrpcTestServer server =
          GrpcTestServer.with((request, call) -> GrpcTestServer.send(call, new byte[limit + 1]))) {
        assertFailed(
            Outcome.BROKEN,
            "more than the " + limit + " bytes that EndpointOptions.maxAnswerBytes allows",
            ask(server.url(), options().maxAnswerBytes(limit).build()));
      }
    }
  }

  @Test
  void anAnswerThatIsNoMessageIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN,
        "no message of protobuf",
        ask((request, call) -> GrpcTestServer.send(call, "<html>".getBytes())));
  }

  @Test
  void closingEndsRequestsUnderWayAndConnections() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (GrpcTestServer server = GrpcTestServer.with((request, call) -> asked.countDown())) {
      GrpcInferenceEndpoint endpoint = GrpcInferenceEndpoint.open(server.url(), "echo");
      CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> ask(endpoint));
      assertTrue(asked.await(20, TimeUnit.SECONDS));
      endpoint.close();
      assertFailed(
          Outcome.BROKEN, "the endpoint was closed while", answer.get(20, TimeUnit.SECONDS));
      assertTrue(server.left.await(20, TimeUnit.SECONDS), "the call was kept");
      endpoint.close();
      assertThrows(ResourceClosedException.class, () -> ask(endpoint));
      assertThrows(ResourceClosedException.class, () -> endpoint.infer(REQUEST.inputs()));
      server.awaitNoConnections();
    }
  }

  @Test
  void whatCannotBeOpenedLeavesNoConnection() throws Exception {
    try (GrpcTestServer server = GrpcTestServer.at(0)) {
      assertThrows(InfercException.class, () -> GrpcInferenceEndpoint.open(server.url(), "nix"));
      server.awaitNoConnections();
    }
  }

  @Test
  void anInterruptEndsARequestAndIsKept() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (GrpcTestServer server = GrpcTestServer.with((request, call) -> asked.countDown());
        var endpoint = GrpcInferenceEndpoint.open(server.url(), "echo")) {
      Thread worker =
          new Thread(
              () -> {
                try {
                  ask(endpoint);
                } catch (CancelledException e) {
                  thrown.set(e);
                  if (Thread.currentThread().isInterrupted()) {
                    interrupted.countDown();
                  }
                }
              });
      worker.start();
      assertTrue(asked.await(20, TimeUnit.SECONDS));
      worker.interrupt();
      worker.join(20_000);
      assertFalse(worker.isAlive());
      assertEquals(CancelledException.class, thrown.get().getClass());
      assertEquals(0, interrupted.getCount(), "the interrupt was lost");
      assertTrue(server.left.await(20, TimeUnit.SECONDS), "the call was kept");
    }
  }

  @Test
  void tlsWorksWithACertificateThatIsTrustedAndWithNoOther(@TempDir Path folder) throws Exception {
    KeyStore ours = Certificates.selfSigned(folder, "ours", "ip:127.0.0.1");
    KeyStore other = Certificates.selfSigned(folder, "other", "ip:127.0.0.1");
    KeyStore elsewhere = Certificates.selfSigned(folder, "elsewhere", "ip:127.0.0.9");
    try (GrpcTestServer server = GrpcTestServer.tls(Certificates.serverOf(ours));
        GrpcTestServer wrongHost = GrpcTestServer.tls(Certificates.serverOf(elsewhere))) {
      EndpointOptions right = options().tls(Certificates.trusting(ours)).build();
      assertEquals(Answer.ok(), ask(server.url(), right));
      for (EndpointOptions wrong :
          List.of(options().build(), options().tls(Certificates.trusting(other)).build())) {
        InfercException e = refusedToOpen(server.url(), wrong);
        assertTrue(e.getMessage().contains("REFUSED: no connection by TLS"), e.getMessage());
        assertTrue(e.remedy().contains("EndpointOptions.tls"), e.remedy());
      }
      InfercException e =
          refusedToOpen(wrongHost.url(), options().tls(Certificates.trusting(elsewhere)).build());
      assertTrue(e.getMessage().contains("REFUSED: no connection by TLS"), e.getMessage());
      InfercException plain =
          refusedToOpen(server.url().replace("https:", "http:"), options().build());
      assertTrue(plain.getMessage().contains("but got "), plain.getMessage());
      assertFalse(plain.getMessage().contains("TIMEOUT"), plain.getMessage());
    }
  }

  @Test
  void tlsWithAServerThatHasNoneIsRefused() throws IOException {
    try (GrpcTestServer server = GrpcTestServer.at(0)) {
      InfercException e = refusedToOpen(server.url().replace("http:", "https:"), options().build());
      assertTrue(e.getMessage().contains("REFUSED: no connection by TLS"), e.getMessage());
    }
  }

  @Test
  void tlsWithAServerOfOldHttpAloneIsRefused(@TempDir Path folder) throws Exception {
    KeyStore ours = Certificates.selfSigned(folder, "ours", "ip:127.0.0.1");
    try (EchoServer server = EchoServer.tls(Certificates.serverOf(ours))) {
      InfercException e =
          refusedToOpen(server.url(), options().tls(Certificates.trusting(ours)).build());
      assertTrue(e.getMessage().contains("REFUSED"), e.getMessage());
    }
  }
}
