package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.benchmark.load.StreamTimes;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the completion or chat protocol that comes in parts. Parts are timed by the thread
 * that takes them from the connection, before they are read. It is whole at {@code [DONE]}: what
 * becomes of the connection afterwards is no part of it.
 */
final class StreamedCompletion implements BodySubscriber<StreamedCompletion.Completed> {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  // A model's reasoning is made of tokens as well; servers differ in what they call it.
  private static final List<String> CONTENT = List.of("content", "reasoning_content", "reasoning");

  private final CompletableFuture<Completed> result = new CompletableFuture<>();
  private final EventLines lines = new EventLines(this::event);
  private final StringBuilder text = new StringBuilder();
  private final boolean keepsText;
  private final long limit;
  private Flow.@Nullable Subscription subscription;
  private long bytes;
  private long now;
  private long[] times = new long[64];
  private int parts;
  private int tokens = -1;

  /**
   * Makes the reader of one answer.
   *
   * @param limit how many bytes it may have
   * @param keepsText whether the text is wanted, too
   */
  StreamedCompletion(long limit, boolean keepsText) {
    this.limit = limit;
    this.keepsText = keepsText;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    now = System.nanoTime();
    if (result.isDone()) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        bytes += buffer.remaining();
        if (bytes > limit) {
          throw RequestFailure.tooLong(limit);
        }
        lines.add(buffer);
      }
    } catch (RequestFailure e) {
      result.completeExceptionally(e);
      if (subscription != null) {
        subscription.cancel();
      }
    }
  }

  private void event(String type, String data) throws RequestFailure {
    if (result.isDone()) {
      return;
    }
    if (data.strip().equals("[DONE]")) {
      complete();
      return;
    }
    JsonNode chunk;
    try {
      chunk = MAPPER.readTree(data);
    } catch (JsonProcessingException e) {
      throw RequestFailure.broken("a part of the stream is no JSON: " + ErrorText.line(data));
    }
    if (type.equals("error") || chunk.hasNonNull("error")) {
      throw RequestFailure.broken("an error inside the stream: " + ErrorText.of(chunk));
    }
    if (!chunk.isObject()) {
      throw RequestFailure.broken("a part of the stream is no object: " + ErrorText.line(data));
    }
    boolean content = false;
    for (JsonNode choice : chunk.path("choices")) {
      content |= take(choice.path("text"));
      JsonNode delta = choice.path("delta");
      for (String name : CONTENT) {
        content |= take(delta.path(name));
      }
      // A call of a tool is an answer, too.
      content |= delta.path("tool_calls").size() > 0;
    }
    if (content) {
      if (parts == times.length) {
        times = Arrays.copyOf(times, 2 * parts);
      }
      times[parts++] = now;
    }
    JsonNode used = chunk.path("usage").path("completion_tokens");
    if (used.isInt() && used.intValue() >= 0) {
      tokens = used.intValue();
    }
  }

  private boolean take(JsonNode part) {
    if (!part.isTextual() || part.textValue().isEmpty()) {
      return false;
    }
    if (keepsText) {
      text.append(part.textValue());
    }
    return true;
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    try {
      lines.finish();
    } catch (RequestFailure e) {
      result.completeExceptionally(e);
      return;
    }
    // Has no effect after [DONE].
    result.completeExceptionally(
        RequestFailure.broken(
            parts == 0
                ? "an answer without parts, which does not end in [DONE], as from a server that"
                    + " does not stream"
                : "the stream ended before [DONE]"));
  }

  private void complete() {
    StreamTimes stream = StreamTimes.of(Arrays.copyOf(times, parts), tokens < 0 ? parts : tokens);
    result.complete(new Completed(stream, text.toString()));
  }

  @Override
  public CompletionStage<Completed> getBody() {
    return result;
  }

  /** A whole answer. */
  record Completed(StreamTimes times, String text) {}
}
