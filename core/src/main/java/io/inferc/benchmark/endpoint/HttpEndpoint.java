package io.inferc.benchmark.endpoint;

import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server that is spoken to by HTTP, with one pool of connections for all who ask it. */
final class HttpEndpoint {
  private static final int OK = 200;
  private static final int ERROR_BYTES = 64 << 10;
  private static final int LAST_PORT = 65535;

  private final String base;
  private final EndpointOptions options;
  private final HttpClient client;

  HttpEndpoint(String url, EndpointOptions options) {
    this.base = base(url);
    this.options = options;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(options.connectTimeout())
            // A measurement of another server than was named would be none of the one that was.
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(
                options.httpVersion() == EndpointOptions.HttpVersion.HTTP_2
                    ? HttpClient.Version.HTTP_2
                    : HttpClient.Version.HTTP_1_1);
    options.tls().ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  /** An address as it is shown, without a slash at the end. */
  static String base(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(refusal(url), e);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https"))
        || uri.getHost() == null
        // Without one it is -1.
        || uri.getPort() == 0
        || uri.getPort() > LAST_PORT
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(refusal(url));
    }
    String text = uri.toString();
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    return text;
  }

  // A URL may hold a password, which is for no log.
  private static String refusal(String url) {
    return "Tried to reach an endpoint at \""
        + ErrorText.line(url.replaceAll("//[^/]*@", "//…@"))
        + "\", which is no address of a server; give one as in http://host:8000, with a port"
        + " from 1 to "
        + LAST_PORT
        + ", without user, query and fragment.";
  }

  /** Where the server is, without a slash at the end. */
  String base() {
    return base;
  }

  EndpointOptions options() {
    return options;
  }

  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    options.headers().forEach(request::setHeader);
    return request;
  }

  /** The whole body of an answer with its headers. */
  Reply<byte[]> bytes(HttpRequest request) throws RequestFailure {
    return send(request, () -> BoundedBody.whole(options.maxAnswerBytes()));
  }

  /**
   * Sends a request and waits for its answer, headers and body.
   *
   * @throws RequestFailure if there is none, or its status is not 200
   * @throws CancelledException if the thread was interrupted, whose interrupt is kept
   */
  <T> Reply<T> send(HttpRequest request, Supplier<BodySubscriber<T>> body) throws RequestFailure {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException(Stage.BENCHMARK);
    }
    AtomicInteger status = new AtomicInteger();
    CompletableFuture<HttpResponse<Received<T>>> future =
        client.sendAsync(
            request,
            info -> {
              status.set(info.statusCode());
              return info.statusCode() == OK
                  ? BodySubscribers.mapping(body.get(), value -> new Received<>(value, null))
                  : BodySubscribers.mapping(
                      BoundedBody.beginning(ERROR_BYTES),
                      error -> new Received<>(null, ErrorText.of(error)));
            });
    try {
      // The client's own limit ends with the headers, and bodies stall as well.
      HttpResponse<Received<T>> response =
          future.get(options.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
      T value = response.body().value();
      if (value == null) {
        throw status(response.statusCode(), response.body().error());
      }
      return new Reply<>(value, response.headers());
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.BENCHMARK);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw RequestFailure.timeout(options.requestTimeout());
    } catch (ExecutionException e) {
      throw failure(e, status.get());
    }
  }

  private static RequestFailure status(int status, @Nullable String said) {
    return new RequestFailure(
        Outcome.FAILED,
        "status "
            + status
            + (said == null || said.isEmpty() ? ", without a message" : ": " + said));
  }

  private RequestFailure failure(ExecutionException thrown, int status) {
    Throwable last = thrown;
    for (Throwable t = thrown.getCause(); t != null; t = t.getCause()) {
      last = t;
      if (t instanceof Error error) {
        throw error;
      }
      if (t instanceof RequestFailure failure) {
        return failure;
      }
      if (t instanceof HttpConnectTimeoutException) {
        return RequestFailure.refused(
            "no connection within " + RequestFailure.seconds(options.connectTimeout()));
      }
      if (t instanceof HttpTimeoutException) {
        return new RequestFailure(Outcome.TIMEOUT, ErrorText.of(t));
      }
    }
    RequestFailure unconnected = status == 0 ? RequestFailure.noConnection(thrown) : null;
    if (unconnected != null) {
      return unconnected;
    }
    String said = ErrorText.of(last);
    return switch (status) {
      case 0 -> RequestFailure.broken("the connection broke off before an answer: " + said);
      case OK -> RequestFailure.broken("the answer broke off: " + said);
      default -> status(status, "its message broke off: " + said);
    };
  }

  /** An answer of status 200. */
  record Reply<T>(T body, HttpHeaders headers) {}

  private record Received<T>(@Nullable T value, @Nullable String error) {}
}
