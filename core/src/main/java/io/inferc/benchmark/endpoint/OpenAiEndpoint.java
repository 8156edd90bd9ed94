package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Subject;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A language model behind a server of OpenAI's completion or chat protocol with streaming: vLLM,
 * Text Generation Inference, llama.cpp, SGLang, TensorRT-LLM.
 *
 * <p>Its requests are {@link PromptRequest}s, each asked with temperature 0 and a seed, so that
 * runs are alike. Parts without text do not count, as the first one that names a role alone; the
 * number of tokens is what the server says of its use, else one for each part. An answer that does
 * not end in {@code [DONE]}, or has an error inside, is broken. It is whole at that mark, whatever
 * becomes of the connection.
 *
 * <pre>{@code
 * OpenAiEndpoint served =
 *     OpenAiEndpoint.builder("http://127.0.0.1:8000", "llama").seed(7).build();
 * }</pre>
 *
 * <p>All callers share one pool of connections. Immutable and safe for use by several threads;
 * there is nothing to close.
 */
public final class OpenAiEndpoint implements Subject {
  private static final int CALLERS = 64;
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Set<String> OWN =
      Set.of("model", "prompt", "messages", "max_tokens", "stream", "stream_options");

  private final HttpEndpoint http;
  private final String model;
  private final Protocol protocol;
  private final String path;
  private final ObjectNode common;
  private final @Nullable String apiKey;

  /** What a prompt is sent as. */
  public enum Protocol {
    /**
     * A user's message, to {@code /v1/chat/completions}: the server puts its template around it.
     */
    CHAT,
    /** The text itself, to {@code /v1/completions}. */
    COMPLETION
  }

  private OpenAiEndpoint(Builder builder) {
    http = builder.http;
    model = builder.model;
    protocol = builder.protocol;
    String version = URI.create(http.base()).getRawPath().isEmpty() ? "/v1" : "";
    path = version + (protocol == Protocol.CHAT ? "/chat/completions" : "/completions");
    apiKey = builder.apiKey;
    common = MAPPER.createObjectNode();
    common.put("model", model).put("stream", true).put("temperature", 0).put("seed", builder.seed);
    if (builder.asksForUsage) {
      common.putObject("stream_options").put("include_usage", true);
    }
    common.setAll(builder.parameters);
  }

  /**
   * Starts an endpoint of the chat protocol with {@link EndpointOptions#defaults()}.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}; {@code /v1} is added if
   *     nothing stands behind the port
   * @param model the model's name there
   * @return a builder
   * @throws IllegalArgumentException if the address is none
   */
  public static Builder builder(String url, String model) {
    return builder(url, model, EndpointOptions.defaults());
  }

  /**
   * Starts an endpoint of the chat protocol.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}; {@code /v1} is added if
   *     nothing stands behind the port
   * @param model the model's name there
   * @param options how to reach it
   * @return a builder
   * @throws IllegalArgumentException if the address is none
   */
  public static Builder builder(String url, String model, EndpointOptions options) {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(options, "options");
    return new Builder(new HttpEndpoint(url, options), model);
  }

  /** Returns for example {@code llama at http://127.0.0.1:8000}. */
  @Override
  public String name() {
    return model + " at " + http.base();
  }

  /** As many as 64: each only waits for the server, which decides how many it serves at once. */
  @Override
  public int usualCallers() {
    return CALLERS;
  }

  /**
   * Returns what a prompt is sent as.
   *
   * @return the protocol
   */
  public Protocol protocol() {
    return protocol;
  }

  /**
   * Asks once and returns the text, to see whether the server answers, and what.
   *
   * @param prompt the text
   * @param maxTokens how many tokens may be answered, 1 or more
   * @return the answer, with the model's reasoning where the server sends it
   * @throws InfercException if the request fails
   * @throws io.inferc.common.CancelledException if the thread was interrupted
   */
  public String complete(String prompt, int maxTokens) {
    Objects.requireNonNull(prompt, "prompt");
    try {
      return ask(new PromptRequest("", prompt, maxTokens), true).text();
    } catch (RequestFailure e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to ask " + ErrorText.line(name()) + " by " + path + ", but got " + e.text(),
          switch (e.outcome()) {
            case REFUSED -> RequestFailure.REACH_IT;
            case TIMEOUT -> "Raise EndpointOptions.requestTimeout, or look at the server.";
            default ->
                "Look at the server's log, and whether it has this model and protocol and"
                    + " takes stream_options (Builder.askForUsage).";
          },
          e);
    }
  }

  private StreamedCompletion.Completed ask(PromptRequest request, boolean keepText)
      throws RequestFailure {
    HttpRequest.Builder builder =
        http.request(path)
            .setHeader("Content-Type", "application/json")
            .setHeader("Accept", "text/event-stream")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body(request)));
    if (apiKey != null) {
      builder.setHeader("Authorization", "Bearer " + apiKey);
    }
    long limit = http.options().maxAnswerBytes();
    return http.send(builder.build(), () -> new StreamedCompletion(limit, keepText)).body();
  }

  private byte[] body(PromptRequest request) {
    ObjectNode body = MAPPER.createObjectNode();
    body.setAll(common);
    body.put("max_tokens", request.maxTokens());
    if (protocol == Protocol.CHAT) {
      body.putArray("messages").addObject().put("role", "user").put("content", request.prompt());
    } else {
      body.put("prompt", request.prompt());
    }
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Tried to send a prompt as JSON, but it is no text: a half of a character stands alone.",
          e);
    }
  }

  @Override
  public Caller newCaller() {
    return new EndpointCaller<>(
        this, PromptRequest.class, request -> Answer.ok(ask(request, false).times()));
  }

  /** Returns the name and the protocol; never the key. */
  @Override
  public String toString() {
    return name() + ", " + protocol;
  }

  /** Collects what is asked beside the prompt; not for several threads. */
  public static final class Builder {
    private final HttpEndpoint http;
    private final String model;
    private final ObjectNode parameters = MAPPER.createObjectNode();
    private Protocol protocol = Protocol.CHAT;
    private @Nullable String apiKey;
    private long seed = 1;
    private boolean asksForUsage = true;

    private Builder(HttpEndpoint http, String model) {
      this.http = http;
      this.model = model;
    }

    /**
     * Sets what a prompt is sent as.
     *
     * @param protocol the protocol; {@link Protocol#CHAT} unless set
     * @return this builder
     */
    public Builder protocol(Protocol protocol) {
      this.protocol = Objects.requireNonNull(protocol, "protocol");
      return this;
    }

    /**
     * Sends a key as the bearer of each request.
     *
     * @param key the key, which is in no text of ours
     * @return this builder
     * @throws IllegalArgumentException if HTTP cannot carry it
     */
    public Builder apiKey(String key) {
      Objects.requireNonNull(key, "key");
      try {
        HttpRequest.newBuilder().setHeader("Authorization", "Bearer " + key);
      } catch (IllegalArgumentException e) {
        // The client's own message, and so the cause, holds the key.
        throw new IllegalArgumentException(
            "Tried to send an API key that HTTP cannot carry; is there a line break at its end?");
      }
      apiKey = key;
      return this;
    }

    /**
     * Sets what the server draws by, if it draws at all.
     *
     * @param seed any number; 1 unless set
     * @return this builder
     */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Sets whether servers are asked to count tokens, by {@code stream_options}. Some older ones
     * refuse requests that ask.
     *
     * @param asks true unless set
     * @return this builder
     */
    public Builder askForUsage(boolean asks) {
      asksForUsage = asks;
      return this;
    }

    /**
     * Adds a parameter to each request, or sets one anew, such as {@code ignore_eos} of vLLM, which
     * makes all answers equally long, or {@code temperature}.
     *
     * @param name its name
     * @param json its value in JSON, for example {@code true}
     * @return this builder
     * @throws IllegalArgumentException if the value is no JSON, or the parameter is one that the
     *     endpoint sets by what it is asked
     */
    public Builder parameter(String name, String json) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(json, "json");
      if (OWN.contains(name)) {
        throw new IllegalArgumentException(
            "Tried to set the parameter " + name + ", which the endpoint sets; leave it out.");
      }
      try {
        JsonNode value = MAPPER.readTree(json);
        if (value.isMissingNode()) {
          throw new IllegalArgumentException(
              "Tried to set the parameter " + name + " to nothing; give its value in JSON.");
        }
        parameters.set(name, value);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(
            "Tried to set the parameter "
                + name
                + " to "
                + ErrorText.line(json)
                + ", which is no JSON; texts stand in quotes.",
            e);
      }
      return this;
    }

    /**
     * Makes the endpoint. The server is not asked yet; {@link OpenAiEndpoint#complete} does.
     *
     * @return the subject
     */
    public OpenAiEndpoint build() {
      return new OpenAiEndpoint(this);
    }
  }
}
