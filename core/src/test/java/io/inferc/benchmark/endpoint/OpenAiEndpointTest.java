package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.StreamTimes;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OpenAiEndpointTest {
  private static final PromptRequest PROMPT = new PromptRequest("short", "Say \"ä\"", 5);
  private static final EndpointOptions OPTIONS =
      EndpointOptions.builder().requestTimeout(Duration.ofSeconds(20)).build();

  private static String delta(String fields) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{" + fields + "}}]}\n\n";
  }

  private static String content(String text) {
    return delta("\"content\":\"" + text + "\"");
  }

  private static void stream(OutputStream to, String... chunks) throws IOException {
    RawServer.begin(to, "text/event-stream");
    for (String chunk : chunks) {
      RawServer.chunk(to, chunk);
    }
  }

  private static Answer ask(RawServer server) {
    return OpenAiEndpoint.builder(server.url(), "tiny", OPTIONS).build().newCaller().call(PROMPT);
  }

  private static Answer ask(RawServer.Script script) throws IOException {
    try (RawServer server = new RawServer(script)) {
      return ask(server);
    }
  }

  /** What is answered to a stream that ends as HTTP ends, whatever it says. */
  private static Answer answerTo(String... chunks) throws IOException {
    return ask(
        (path, to, client) -> {
          stream(to, chunks);
          RawServer.end(to);
        });
  }

  private static StreamTimes times(Answer answer) {
    assertEquals(Outcome.OK, answer.outcome(), answer.toString());
    assertNotNull(answer.stream());
    return answer.stream();
  }

  private static void assertBroken(String detail, Answer answer) {
    assertEquals(Outcome.BROKEN, answer.outcome(), answer.toString());
    assertTrue(answer.detail().contains(detail), answer.toString());
  }

  private static JsonNode body(RawServer server) throws IOException {
    String request = server.requests.get(0);
    return new ObjectMapper()
        .readTree(request.substring(request.indexOf("\r\n\r\n") + 4).getBytes("ISO-8859-1"));
  }

  @Test
  void partsWithContentCountAndNoOthers() throws IOException {
    StreamTimes times =
        times(
            answerTo(
                ": waiting\n\n",
                delta("\"role\":\"assistant\""),
                delta("\"role\":\"assistant\",\"content\":\"\""),
                delta("\"content\":null"),
                content("a"),
                delta("\"reasoning_content\":\"b\""),
                content("c"),
                delta(""),
                "data: {\"choices\":[]}\n\n",
                "data: [DONE]\n\n"));
    assertEquals(3, times.chunks().length);
    assertEquals(3, times.tokens());
  }

  @Test
  void tokensAreWhatTheServerSaysOfItsUse() throws IOException {
    StreamTimes times =
        times(
            answerTo(
                content("a b c"),
                "data: {\"choices\":[],\"usage\":null}\n\n",
                "data:"
                    + " {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}\n\n",
                "data: [DONE]\n\n"));
    assertEquals(1, times.chunks().length);
    assertEquals(7, times.tokens());
  }

  @Test
  void anAnswerWithoutContentHasNoParts() throws IOException {
    StreamTimes times = times(answerTo("data: [DONE]\n\n"));
    assertEquals(0, times.chunks().length);
    assertEquals(0, times.tokens());
  }

  @Test
  void delayedPartsAreTimedInOrderAndApart() throws IOException {
    long before = System.nanoTime();
    StreamTimes times =
        times(
            ask(
                (path, to, client) -> {
                  RawServer.begin(to, "text/event-stream");
                  for (int i = 0; i < 4; i++) {
                    Thread.sleep(60);
                    RawServer.chunk(to, content("x"));
                  }
                  RawServer.chunk(to, "data: [DONE]\n\n");
                  RawServer.end(to);
                }));
    long after = System.nanoTime();
    long[] chunks = times.chunks();
    assertEquals(4, chunks.length);
    assertTrue(chunks[0] - before >= TimeUnit.MILLISECONDS.toNanos(60));
    assertTrue(chunks[3] - chunks[0] >= TimeUnit.MILLISECONDS.toNanos(100));
    for (int i = 1; i < 4; i++) {
      assertTrue(chunks[i] >= chunks[i - 1]);
    }
    assertTrue(after >= chunks[3]);
  }

  @Test
  void eventsMayBeSplitAnywhereAndEndAsTheStandardAllows() throws IOException {
    String all =
        "\ufeff"
            + content("ä").replace("\n", "\r\n")
            + content("b").replace('\n', '\r')
            + "event: chunk\n"
            + "id: 4\r\n"
            + "data: {\"choices\":\r\n"
            + "data: [{\"text\":\"c\"}]}\r\n\r\n"
            + "data:[DONE]";
    StreamTimes times =
        times(
            ask(
                (path, to, client) -> {
                  RawServer.begin(to, "text/event-stream");
                  for (byte b : all.getBytes("UTF-8")) {
                    to.write(new byte[] {'1', '\r', '\n', b, '\r', '\n'});
                    to.flush();
                  }
                  RawServer.end(to);
                }));
    assertEquals(3, times.chunks().length);
  }

  @Test
  void aChatIsAskedForWithAllThatMakesRunsAlike() throws IOException {
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              stream(to, content("hello "), content("you"), "data: [DONE]\n\n");
              RawServer.end(to);
            })) {
      OpenAiEndpoint endpoint =
          OpenAiEndpoint.builder(server.url(), "tiny", OPTIONS)
              .apiKey("secret")
              .seed(7)
              .parameter("ignore_eos", "true")
              .build();
      assertEquals("hello you", endpoint.complete("Say \"ä\"", 5));
      String request = server.requests.get(0);
      assertTrue(request.startsWith("POST /v1/chat/completions HTTP/1.1\r\n"), request);
      assertTrue(request.contains("Authorization: Bearer secret\r\n"), request);
      assertEquals(
          new ObjectMapper()
              .readTree(
                  "{\"model\":\"tiny\",\"stream\":true,\"temperature\":0,\"seed\":7,"
                      + "\"stream_options\":{\"include_usage\":true},\"ignore_eos\":true,"
                      + "\"max_tokens\":5,\"messages\":[{\"role\":\"user\","
                      + "\"content\":\"Say \\\"ä\\\"\"}]}"),
          body(server));
      assertFalse(endpoint.toString().contains("secret"));
    }
  }

  @Test
  void aCompletionIsAskedForByItsOwnProtocol() throws IOException {
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              stream(
                  to,
                  "data: {\"choices\":[{\"text\":\"\"}]}\n\n",
                  "data: {\"choices\":[{\"text\":\"x\"}]}\n\n",
                  "data: [DONE]\n\n");
              RawServer.end(to);
            })) {
      OpenAiEndpoint endpoint =
          OpenAiEndpoint.builder(server.url() + "/api/v3/", "tiny", OPTIONS)
              .protocol(OpenAiEndpoint.Protocol.COMPLETION)
              .askForUsage(false)
              .build();
      assertEquals(1, times(endpoint.newCaller().call(PROMPT)).chunks().length);
      assertTrue(
          server.requests.get(0).startsWith("POST /api/v3/completions HTTP/1.1\r\n"),
          server.requests.get(0));
      assertEquals("Say \"ä\"", body(server).path("prompt").asText());
      assertFalse(body(server).has("stream_options"));
    }
  }

  @Test
  void aStreamThatEndsBeforeItIsDoneIsBroken() throws IOException {
    assertBroken("ended before [DONE]", answerTo(content("a")));
    assertBroken("a server that does not stream", answerTo("{\"choices\":[{\"text\":\"a\"}]}"));
    assertBroken("a server that does not stream", answerTo());
  }

  @Test
  void aStreamWhoseConnectionBreaksIsBroken() throws IOException {
    assertBroken("broke off", ask((path, to, client) -> stream(to, content("a"))));
    assertBroken(
        "broke off",
        ask(
            (path, to, client) -> {
              RawServer.begin(to, "text/event-stream");
              RawServer.send(to, "ff\r\ndata: {\"choices\"");
            }));
  }

  @Test
  void whatBreaksAfterTheLastPartHarmsNothing() throws IOException {
    CountDownLatch taken = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              stream(to, content("a"), "data: [DONE]\n\n");
              // Breaks once the answer was taken: the client may lose what it has not read.
              taken.await();
            })) {
      assertEquals(1, times(ask(server)).chunks().length);
    } finally {
      taken.countDown();
    }
  }

  @Test
  void anErrorInsideTheStreamIsBrokenInTheServersWords() throws IOException {
    assertBroken(
        "out of memory",
        answerTo(
            content("a"),
            "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n",
            "data: [DONE]\n\n"));
    assertBroken(
        "overloaded",
        answerTo(content("a"), "event: error\ndata: {\"message\":\"overloaded\"}\n\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"choices\":", "gar bage", "{} {}", "[]", "7", "\"x\""})
  void partsThatAreNoObjectsAreBroken(String data) throws IOException {
    assertBroken("a part of the stream", answerTo("data: " + data + "\n\n", "data: [DONE]\n\n"));
  }

  @Test
  void anErrorStatusFailsInTheServersWords() throws IOException {
    Answer answer =
        ask(
            (path, to, client) ->
                RawServer.whole(
                    to, "404 Not Found", "{\"error\":{\"message\":\"no model tiny\"}}"));
    assertEquals(Outcome.FAILED, answer.outcome());
    assertEquals("status 404: no model tiny", answer.detail());
  }

  @Test
  void aStreamThatStallsTimesOutAndIsLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              stream(to, content("a"));
              RawServer.awaitEnd(client, left);
            })) {
      EndpointOptions options =
          EndpointOptions.builder().requestTimeout(Duration.ofMillis(1500)).build();
      OpenAiEndpoint endpoint = OpenAiEndpoint.builder(server.url(), "tiny", options).build();
      assertEquals(Outcome.TIMEOUT, endpoint.newCaller().call(PROMPT).outcome());
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void aStreamWithoutEndIsLeftAtTheLimit() throws Exception {
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              RawServer.begin(to, "text/event-stream");
              while (true) {
                RawServer.chunk(to, "x".repeat(10_000));
              }
            })) {
      EndpointOptions options = EndpointOptions.builder().maxAnswerBytes(1_000_000).build();
      OpenAiEndpoint endpoint = OpenAiEndpoint.builder(server.url(), "tiny", options).build();
      assertBroken("1000000 bytes", endpoint.newCaller().call(PROMPT));
      assertTrue(server.left.await(20, TimeUnit.SECONDS), "the connection was kept");
    }
  }

  @Test
  void aLoadCountsTheTokensOfAnEndpoint() throws IOException {
    try (RawServer server =
        new RawServer(
            (path, to, client) -> {
              stream(to, content("a"), content("b"), "data: [DONE]\n\n");
              RawServer.end(to);
            })) {
      LoadRun run =
          LoadTest.builder(Load.closed(2))
              .warmUp(Duration.ZERO)
              .duration(Duration.ofMillis(300))
              .build()
              .run(OpenAiEndpoint.builder(server.url(), "tiny").build(), Requests.of(PROMPT));
      assertTrue(run.streams().orElseThrow().tokens() >= 2, run.toString());
    }
  }

  @Test
  void whatAnEndpointDoesNotTakeIsABadArgument() throws IOException {
    OpenAiEndpoint.Builder builder = OpenAiEndpoint.builder("http://127.0.0.1:1", "tiny");
    assertThrows(IllegalArgumentException.class, () -> builder.parameter("max_tokens", "3"));
    assertThrows(IllegalArgumentException.class, () -> builder.parameter("a", "text"));
    assertThrows(IllegalArgumentException.class, () -> builder.parameter("a", ""));
    assertThrows(IllegalArgumentException.class, () -> builder.parameter("a", "1 2"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> builder.apiKey("secret\n"));
    assertFalse(e.toString().contains("secret"));
    OpenAiEndpoint endpoint = builder.build();
    assertThrows(
        IllegalArgumentException.class,
        () -> endpoint.newCaller().call(new TensorRequest("", Map.of())));
    InfercException refused = assertThrows(InfercException.class, () -> endpoint.complete("hi", 1));
    assertTrue(refused.getMessage().contains("REFUSED"), refused.getMessage());
    assertEquals("tiny at http://127.0.0.1:1", endpoint.name());
  }
}
