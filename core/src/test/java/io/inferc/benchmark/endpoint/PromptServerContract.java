package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.endpoint.OpenAiEndpoint.Protocol;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.StreamFigures;
import io.inferc.benchmark.load.StreamTimes;
import io.inferc.common.InfercException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What any real server of OpenAI's protocols has to do that serves the model "tiny" for a key. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PromptServerContract {
  private static final String KEY = "a-key";

  private PythonServer server;
  private String url;

  /** The script of {@code src/test/python} that serves. */
  abstract String script();

  /** Where pip may install the server. */
  abstract Path folder();

  @BeforeAll
  void start() throws Exception {
    String port = PythonServer.freePorts(1).get(0);
    url = "http://127.0.0.1:" + port;
    server = PythonServer.start(script(), folder(), List.of(port, KEY));
    server.await(() -> endpoint(Protocol.COMPLETION).complete("ready?", 1));
  }

  @AfterAll
  void end() {
    if (server != null) {
      server.close();
    }
  }

  final String url() {
    return url;
  }

  /** An endpoint with the key, whose answers are as long as asked for where the server can. */
  OpenAiEndpoint.Builder builder(String url, Protocol protocol) {
    return OpenAiEndpoint.builder(url, "tiny").protocol(protocol).apiKey(KEY);
  }

  final OpenAiEndpoint endpoint(Protocol protocol) {
    return builder(url, protocol).build();
  }

  static String refusal(OpenAiEndpoint endpoint, String prompt) {
    return assertThrows(InfercException.class, () -> endpoint.complete(prompt, 4)).getMessage();
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerStreamsAsManyTokensAsWereAskedForInOrder(Protocol protocol) {
    try (var caller = endpoint(protocol).newCaller()) {
      for (int tokens : new int[] {1, 7, 200}) {
        long before = System.nanoTime();
        Answer answer = caller.call(new PromptRequest("", "Once upon a time", tokens));
        long after = System.nanoTime();
        assertEquals(Outcome.OK, answer.outcome(), answer.toString());
        StreamTimes stream = answer.stream();
        long[] parts = stream.chunks();
        assertEquals(tokens, stream.tokens());
        // Each token of this model is text, and each part has one.
        assertEquals(tokens, parts.length);
        assertTrue(parts[0] > before && parts[parts.length - 1] < after, "parts out of time");
        long[] sorted = parts.clone();
        Arrays.sort(sorted);
        assertEquals(Arrays.toString(sorted), Arrays.toString(parts));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerIsTextAndTheSameAgain(Protocol protocol) {
    String text = endpoint(protocol).complete("hello", 12);
    assertEquals(12, text.strip().split(" ").length, text);
    assertEquals(text, endpoint(protocol).complete("hello", 12));
  }

  @ParameterizedTest
  @EnumSource
  void aLoadIsAnsweredWithoutFailures(Protocol protocol) {
    LoadRun run =
        LoadTest.builder(Load.poisson(20))
            .warmUp(Duration.ofSeconds(1))
            .duration(Duration.ofSeconds(5))
            .build()
            .run(
                endpoint(protocol),
                Requests.drawnFrom(
                    List.of(
                        new PromptRequest("short", "hello", 8),
                        new PromptRequest("long", "a longer prompt ".repeat(20), 40)),
                    1));
    System.out.println(run);
    assertEquals(List.of(), run.failures());
    assertTrue(run.requests() > 20, run.toString());
    for (int i = 0; i < run.samples().size(); i++) {
      StreamTimes answer = run.samples().stream(i);
      assertTrue(answer != null, "no parts");
      assertEquals(run.samples().kind(i).equals("short") ? 8 : 40, answer.tokens(), "cut short");
    }
    StreamFigures streams = run.streams().orElseThrow();
    assertTrue(streams.tokens() >= 8 * run.requests(), streams.toString());
    for (double first : streams.timeToFirstTokenFromSending().toArray()) {
      assertTrue(first > 0 && first < run.service().max().orElseThrow(), streams.toString());
    }
  }
}
