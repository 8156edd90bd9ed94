package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What endpoints say of servers that do not answer as they should. */
@Timeout(60)
class EndpointFaultsTest {
  private static final String Y =
      "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}";
  private static final TensorRequest REQUEST =
      TensorRequest.of(Map.of("x", Tensor.of(new float[] {1}, 1)));

  /** A server that opens well and answers requests for inference by a script. */
  private static RawServer server(RawServer.Script script) throws IOException {
    return new RawServer(
        (path, to, client) -> {
          if (path.endsWith("/infer")) {
            script.answer(path, to, client);
          } else {
            RawServer.whole(to, "200 OK", "{}");
          }
        });
  }

  private static EndpointOptions.Builder options() {
    return EndpointOptions.builder().requestTimeout(Duration.ofSeconds(20));
  }

  private static Answer ask(RawServer server, EndpointOptions options) {
    try (Subject.Caller caller =
        OpenInferenceEndpoint.open(server.url(), "m", options).newCaller()) {
      return caller.call(REQUEST);
    }
  }

  private static Answer ask(RawServer.Script script) throws IOException {
    try (RawServer server = server(script)) {
      return ask(server, options().build());
    }
  }

  private static void assertFailed(Outcome outcome, String detail, Answer answer) {
    assertEquals(outcome, answer.outcome(), answer.toString());
    assertTrue(answer.detail().contains(detail), answer.toString());
  }

  @Test
  void aRightAnswerIsOne() throws IOException {
    assertEquals(Answer.ok(), ask((path, to, client) -> RawServer.whole(to, "200 OK", Y)));
  }

  @Test
  void aPortWhereNobodyListensRefuses() throws IOException {
    OpenInferenceEndpoint endpoint;
    try (RawServer server = server((path, to, client) -> {})) {
      endpoint = OpenInferenceEndpoint.open(server.url(), "m");
    }
    assertFailed(Outcome.REFUSED, "no connection", endpoint.newCaller().call(REQUEST));
  }

  @Test
  void openingWhereNobodyListensSaysWhatToDo() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> OpenInferenceEndpoint.open("http://127.0.0.1:" + port, "m"));
    assertTrue(e.getMessage().contains("REFUSED"), e.getMessage());
    assertTrue(e.remedy().startsWith("Start the server"), e.remedy());
  }

  @Test
  void aModelThatIsNotReadyIsNotOpened() throws IOException {
    try (RawServer server =
        new RawServer((path, to, client) -> RawServer.whole(to, "200 OK", "{\"ready\": false}"))) {
      InfercException e =
          assertThrows(InfercException.class, () -> OpenInferenceEndpoint.open(server.url(), "m"));
      assertTrue(e.getMessage().contains("not ready"), e.getMessage());
    }
  }

  @Test
  void metadataThatAreNoneAreNotOpened() throws IOException {
    for (String said : List.of("<html>", "[]", "{\"inputs\":[{\"name\":\"x\"}]}")) {
      try (RawServer server =
          new RawServer((path, to, client) -> RawServer.whole(to, "200 OK", said))) {
        InfercException e =
            assertThrows(
                InfercException.class, () -> OpenInferenceEndpoint.open(server.url(), "m"), said);
        assertTrue(e.getMessage().contains("BROKEN"), e.getMessage());
      }
    }
  }

  @Test
  void metadataOfMoreTensorsThanAModelHasAreNotOpened() throws IOException {
    String input = "{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1]}";
    String said =
        "{\"inputs\":["
            + String.join(",", Collections.nCopies(OutputMemory.TENSORS + 1, input))
            + "]}";
    try (RawServer server =
        new RawServer((path, to, client) -> RawServer.whole(to, "200 OK", said))) {
      InfercException e =
          assertThrows(InfercException.class, () -> OpenInferenceEndpoint.open(server.url(), "m"));
      assertTrue(e.getMessage().contains("more than 1000 tensors"), e.getMessage());
    }
  }

  @Test
  void aServerThatDoesNotAnswerTimesOutAndIsLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawServer server = server((path, to, client) -> RawServer.awaitEnd(client, left))) {
      Answer answer = ask(server, options().requestTimeout(Duration.ofMillis(1500)).build());
      assertFailed(Outcome.TIMEOUT, "1500 ms", answer);
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void aBodyThatStallsTimesOutAndIsLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawServer server =
        server(
            (path, to, client) -> {
              RawServer.send(to, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"out");
              RawServer.awaitEnd(client, left);
            })) {
      Answer answer = ask(server, options().requestTimeout(Duration.ofMillis(1500)).build());
      assertFailed(Outcome.TIMEOUT, "no whole answer", answer);
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void halfAnAnswerIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN,
        "broke off",
        ask(
            (path, to, client) ->
                RawServer.send(to, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"outputs\"")));
  }

  @Test
  void anAnswerCutBetweenChunksIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN,
        "broke off",
        ask(
            (path, to, client) -> {
              RawServer.begin(to, "application/json");
              RawServer.chunk(to, Y);
            }));
  }

  @Test
  void aConnectionClosedWithoutAWordIsBroken() throws IOException {
    assertFailed(Outcome.BROKEN, "before an answer", ask((path, to, client) -> {}));
  }

  @Test
  void whatIsNotHttpIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN, "", ask((path, to, client) -> RawServer.send(to, "SSH-2.0-x\r\n\r\n")));
  }

  @Test
  void garbageInsteadOfJsonIsBroken() throws IOException {
    assertFailed(
        Outcome.BROKEN,
        "JSON",
        ask((path, to, client) -> RawServer.whole(to, "200 OK", "{\"outputs\": [gar")));
  }

  @Test
  void aHeaderThatDoesNotFitTheAnswerIsBroken() throws IOException {
    for (String length : List.of("-1", "100000", "x")) {
      assertFailed(
          Outcome.BROKEN,
          "Inference-Header-Content-Length",
          ask(
              (path, to, client) ->
                  RawServer.whole(to, "200 OK\r\nInference-Header-Content-Length: " + length, Y)));
    }
  }

  @Test
  void anErrorStatusFailsInTheServersWords() throws IOException {
    String json = "{\"error\":\"input 'x' has\\n shape [1]\"}";
    assertFailed(
        Outcome.FAILED,
        "status 400: input 'x' has shape [1]",
        ask((path, to, client) -> RawServer.whole(to, "400 Bad Request", json)));
    assertFailed(
        Outcome.FAILED,
        "status 503: <h1>busy</h1>",
        ask((path, to, client) -> RawServer.whole(to, "503 Busy", "<h1>busy</h1>\u0000\n")));
    assertFailed(
        Outcome.FAILED,
        "status 500, without a message",
        ask((path, to, client) -> RawServer.whole(to, "500 Error", "")));
    assertFailed(
        Outcome.FAILED,
        "status 302",
        ask((path, to, client) -> RawServer.whole(to, "302 Found\r\nLocation: /else", "")));
  }

  @Test
  void anErrorsMessageIsCutHoweverLongItIs() throws IOException {
    String text = "{\"error\":\"" + "x".repeat(50_000) + "\"}";
    Answer cut = ask((path, to, client) -> RawServer.whole(to, "500 Error", text));
    assertFailed(Outcome.FAILED, "status 500: xxx", cut);
    assertTrue(cut.detail().length() < 400, cut.detail());
    Answer endless =
        ask(
            (path, to, client) -> {
              RawServer.send(to, "HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n");
              while (true) {
                RawServer.chunk(to, text);
              }
            });
    assertFailed(Outcome.FAILED, "status 500: ", endless);
    assertTrue(endless.detail().length() < 400, endless.detail());
    assertFailed(
        Outcome.FAILED,
        "status 500: half",
        ask(
            (path, to, client) -> {
              RawServer.send(to, "HTTP/1.1 500 E\r\nContent-Length: 99\r\n\r\nhalf");
              // The client may lose what it has not read when the connection breaks.
              Thread.sleep(500);
            }));
  }

  @Test
  void anAnswerWithoutEndIsLeftAtTheLimit() throws Exception {
    try (RawServer server =
        server(
            (path, to, client) -> {
              RawServer.begin(to, "application/json");
              while (true) {
                RawServer.chunk(to, " ".repeat(10_000));
              }
            })) {
      Answer answer = ask(server, options().maxAnswerBytes(1_000_000).build());
      assertFailed(Outcome.BROKEN, "1000000 bytes", answer);
      assertTrue(server.left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void anInterruptEndsARequestAndIsKept() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    CountDownLatch interrupted = new CountDownLatch(1);
    try (RawServer server =
        server(
            (path, to, client) -> {
              asked.countDown();
              RawServer.awaitEnd(client, left);
            })) {
      Thread worker =
          new Thread(
              () -> {
                try {
                  ask(server, options().build());
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
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void tlsWorksWithACertificateThatIsTrustedAndWithNoOther(@TempDir Path folder) throws Exception {
    KeyStore ours = Certificates.selfSigned(folder, "ours", "ip:127.0.0.1");
    KeyStore other = Certificates.selfSigned(folder, "other", "ip:127.0.0.1");
    KeyStore elsewhere = Certificates.selfSigned(folder, "elsewhere", "ip:127.0.0.9");
    try (EchoServer server = EchoServer.tls(Certificates.serverOf(ours));
        EchoServer wrongHost = EchoServer.tls(Certificates.serverOf(elsewhere))) {
      Map<String, Tensor> inputs = REQUEST.inputs();
      OpenInferenceEndpoint.open(
              server.url(), "echo", options().tls(Certificates.trusting(ours)).build())
          .infer(inputs)
          .values()
          .forEach(Tensor::close);
      for (EndpointOptions options :
          List.of(options().build(), options().tls(Certificates.trusting(other)).build())) {
        InfercException e =
            assertThrows(
                InfercException.class,
                () -> OpenInferenceEndpoint.open(server.url(), "echo", options));
        assertTrue(e.getMessage().contains("REFUSED: no connection by TLS"), e.getMessage());
        assertTrue(e.remedy().contains("EndpointOptions.tls"), e.remedy());
      }
      EndpointOptions options = options().tls(Certificates.trusting(elsewhere)).build();
      InfercException e =
          assertThrows(
              InfercException.class,
              () -> OpenInferenceEndpoint.open(wrongHost.url(), "echo", options));
      assertTrue(e.getMessage().contains("REFUSED: no connection by TLS"), e.getMessage());
    }
  }

  @Test
  void tlsWithAServerThatHasNoneIsRefused() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      String url = server.url().replace("http:", "https:");
      InfercException e =
          assertThrows(
              InfercException.class,
              () -> OpenInferenceEndpoint.open(url, "echo", options().build()));
      assertTrue(e.getMessage().contains("REFUSED"), e.getMessage());
    }
  }
}
