package io.inferc.benchmark.endpoint;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a remote endpoint is reached.
 *
 * <pre>{@code
 * EndpointOptions options =
 *     EndpointOptions.builder()
 *         .requestTimeout(Duration.ofSeconds(5))
 *         .header("X-Tenant", "bench")
 *         .build();
 * }</pre>
 *
 * <p>Immutable. Its text names headers without their values, which may be secret.
 */
public final class EndpointOptions {
  private static final Duration LONGEST = Duration.ofDays(1);

  /** The versions of HTTP. */
  public enum HttpVersion {
    /** One request at a time on each connection: a connection for each request under way. */
    HTTP_1_1,
    /**
     * Many requests on one connection, where the server offers it; else {@link #HTTP_1_1}. Without
     * TLS the first request asks for the change, which some servers take amiss.
     */
    HTTP_2
  }

  private final Duration connectTimeout;
  private final Duration requestTimeout;
  private final @Nullable SSLContext tls;
  private final Map<String, String> headers;
  private final HttpVersion httpVersion;
  private final long maxAnswerBytes;

  private EndpointOptions(Builder builder) {
    connectTimeout = builder.connectTimeout;
    requestTimeout = builder.requestTimeout;
    tls = builder.tls;
    headers = Map.copyOf(builder.headers);
    httpVersion = builder.httpVersion;
    maxAnswerBytes = builder.maxAnswerBytes;
  }

  /**
   * Returns the usual options: 10 s to connect, 60 s for a request, the JVM's trusted certificates,
   * HTTP 1.1, answers of at most 256 MiB.
   *
   * @return the options
   */
  public static EndpointOptions defaults() {
    return builder().build();
  }

  /**
   * Starts from {@link #defaults()}.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns how long a connection may take; one that takes longer is refused.
   *
   * @return more than 0
   */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /**
   * Returns how long a request may take, from sending it to the last byte of its answer.
   *
   * @return more than 0
   */
  public Duration requestTimeout() {
    return requestTimeout;
  }

  /**
   * Returns whom TLS trusts.
   *
   * @return the context, or empty for the JVM's own
   */
  public Optional<SSLContext> tls() {
    return Optional.ofNullable(tls);
  }

  /**
   * Returns what is sent with each request.
   *
   * @return values by name
   */
  public Map<String, String> headers() {
    return headers;
  }

  /**
   * Returns the version of HTTP that is asked for; gRPC is HTTP/2 whatever it is.
   *
   * @return the version
   */
  public HttpVersion httpVersion() {
    return httpVersion;
  }

  /**
   * Returns how long an answer may be, and how much memory its tensors may take together; one that
   * is longer, or takes more, counts as broken.
   *
   * @return the number of bytes
   */
  public long maxAnswerBytes() {
    return maxAnswerBytes;
  }

  @Override
  public String toString() {
    return "connect within "
        + connectTimeout
        + ", answer within "
        + requestTimeout
        + ", "
        + httpVersion
        + ", at most "
        + maxAnswerBytes
        + " bytes, headers "
        + headers.keySet()
        + (tls == null ? "" : ", its own TLS context");
  }

  /** Collects options; not for several threads. */
  public static final class Builder {
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration requestTimeout = Duration.ofSeconds(60);
    private @Nullable SSLContext tls;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private HttpVersion httpVersion = HttpVersion.HTTP_1_1;
    private long maxAnswerBytes = 256L << 20;

    private Builder() {}

    /**
     * Sets how long a connection may take.
     *
     * @param time more than 0, at most a day
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder connectTimeout(Duration time) {
      connectTimeout = requireTime(time, "a connection");
      return this;
    }

    /**
     * Sets how long a request may take, from sending it to the last byte of its answer. A request
     * whose connection has to be made first counts from before that.
     *
     * @param time more than 0, at most a day
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder requestTimeout(Duration time) {
      requestTimeout = requireTime(time, "a request");
      return this;
    }

    /**
     * Sets whom TLS trusts, for example the authority of a company, and the certificate that is
     * shown to the server.
     *
     * @param context the context, used for each connection
     * @return this builder
     */
    public Builder tls(SSLContext context) {
      tls = Objects.requireNonNull(context, "context");
      return this;
    }

    /**
     * Sends a header with each request.
     *
     * @param name the header's name; the value given last counts
     * @param value the header's value
     * @return this builder
     * @throws IllegalArgumentException if HTTP allows no such name or value, or the client sets it
     *     itself, as it does {@code Content-Length}
     */
    public Builder header(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      try {
        HttpRequest.newBuilder().header(name, value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "Tried to send the header \""
                + ErrorText.line(name)
                + "\" with each request, but its name or value is not allowed, or HTTP sets it"
                + " itself. Choose another.",
            e);
      }
      headers.keySet().removeIf(name::equalsIgnoreCase);
      headers.put(name, value);
      return this;
    }

    /**
     * Sets the version of HTTP that is asked for.
     *
     * @param version the version
     * @return this builder
     */
    public Builder httpVersion(HttpVersion version) {
      httpVersion = Objects.requireNonNull(version, "version");
      return this;
    }

    /**
     * Sets how long an answer may be, and how much memory its tensors may take together, so that no
     * server can fill this process's memory. A text counts as 32 bytes beside its place in the
     * answer.
     *
     * @param bytes from 1 to 1 GiB
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder maxAnswerBytes(long bytes) {
      if (bytes < 1 || bytes > 1L << 30) {
        throw new IllegalArgumentException(
            "Tried to read answers of at most " + bytes + " bytes; give 1 to " + (1L << 30) + ".");
      }
      maxAnswerBytes = bytes;
      return this;
    }

    /**
     * Makes the options.
     *
     * @return the options
     */
    public EndpointOptions build() {
      return new EndpointOptions(this);
    }

    private static Duration requireTime(Duration time, String what) {
      Objects.requireNonNull(time, "time");
      if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "Tried to wait " + time + " for " + what + "; give more than 0 and at most a day.");
      }
      return time;
    }
  }
}
