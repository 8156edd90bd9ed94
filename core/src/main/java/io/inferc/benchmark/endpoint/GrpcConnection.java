package io.inferc.benchmark.endpoint;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.common.CancelledException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** A server that is spoken to by gRPC; with {@link GrpcCall} all that names gRPC's classes. */
final class GrpcConnection implements AutoCloseable {
  private static final String SERVICE = "inference.GRPCInferenceService";
  private static final Duration WAIT = Duration.ofSeconds(10);
  // gRPC sets them itself, and drops them without a word where they are given.
  private static final Set<String> OWN_HEADERS = Set.of("content-type", "te", "user-agent");

  private final String base;
  private final EndpointOptions options;
  private final ManagedChannel channel;
  private volatile boolean unreachable;

  private GrpcConnection(String base, EndpointOptions options, ManagedChannel channel) {
    this.base = base;
    this.options = options;
    this.channel = channel;
  }

  /** Makes a connection, which is built up at the first call. */
  static GrpcConnection open(String url, EndpointOptions options) {
    String base = HttpEndpoint.base(url);
    URI uri = URI.create(base);
    if (!uri.getRawPath().isEmpty()) {
      throw new IllegalArgumentException(
          "Tried to reach an endpoint by gRPC at \""
              + ErrorText.line(base)
              + "\", but gRPC has no paths; leave out what stands behind the port.");
    }
    metadata(options);
    boolean tls = uri.getScheme().equalsIgnoreCase("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost().replaceAll("^\\[|]$", "");
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(host, port)
            .maxInboundMessageSize((int) options.maxAnswerBytes())
            .withOption(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.max(1, options.connectTimeout().toMillis()))
            // A request that was sent twice would be measured as one.
            .disableRetry();
    if (tls) {
      builder.sslContext(sslContext(options));
    } else {
      builder.usePlaintext();
    }
    return new GrpcConnection(base, options, builder.build());
  }

  private static SslContext sslContext(EndpointOptions options) {
    ApplicationProtocolConfig http2 =
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2");
    SSLContext context = options.tls().orElseGet(GrpcConnection::ofTheJvm);
    return new JdkSslContext(
        context,
        true,
        null,
        SupportedCipherSuiteFilter.INSTANCE,
        http2,
        ClientAuth.NONE,
        null,
        false);
  }

  private static SSLContext ofTheJvm() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a JVM without TLS", e);
    }
  }

  /** New each time, for a call changes what it is given. */
  private static Metadata metadata(EndpointOptions options) {
    Metadata metadata = new Metadata();
    for (Map.Entry<String, String> header : options.headers().entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      try {
        if (OWN_HEADERS.contains(name) || name.startsWith("grpc-")) {
          throw new IllegalArgumentException("gRPC sets it itself");
        }
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), header.getValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "Tried to send the header \""
                + ErrorText.line(header.getKey())
                + "\" by gRPC, which does not allow it: "
                + ErrorText.of(e)
                + ". Choose another.",
            e);
      }
    }
    return metadata;
  }

  /** Where the server is, without a slash at the end. */
  String base() {
    return base;
  }

  EndpointOptions options() {
    return options;
  }

  /**
   * Calls a method of the protocol and waits for its answer.
   *
   * @throws RequestFailure if there is none, or it says that the call failed
   * @throws CancelledException if the thread was interrupted, whose interrupt is kept
   * @throws ResourceClosedException if the connection was closed before
   */
  byte[] call(String method, byte[] request) throws RequestFailure {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException(Stage.BENCHMARK);
    }
    if (channel.isShutdown()) {
      throw new ResourceClosedException("ask " + method, "the endpoint at " + base);
    }
    long deadline = System.nanoTime() + options.requestTimeout().toNanos();
    if (unreachable) {
      unreachable = false;
      connectAnew(deadline);
    }
    GrpcCall call = new GrpcCall(options);
    CallOptions how =
        CallOptions.DEFAULT
            .withExecutor(call)
            .withStreamTracerFactory(call)
            .withDeadlineAfter(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    try {
      return call.ask(channel.newCall(method(method), how), metadata(options), request);
    } catch (RequestFailure e) {
      if (channel.isShutdown()) {
        throw RequestFailure.broken("the endpoint was closed while it was asked");
      }
      // A connection that is still being made is left to the next call.
      if (call.hadNoConnection() && e.outcome() != Outcome.TIMEOUT) {
        unreachable = true;
      }
      throw e;
    }
  }

  /**
   * Forgets that the server could not be reached: for seconds to minutes gRPC would answer calls by
   * that failure, without asking again.
   *
   * @param deadline of {@link System#nanoTime()}, behind which the call has no time
   */
  private void connectAnew(long deadline) {
    CountDownLatch forgotten = new CountDownLatch(1);
    channel.enterIdle();
    // Comes behind what is under way inside the channel, the failure itself included.
    channel.notifyWhenStateChanged(ConnectivityState.TRANSIENT_FAILURE, forgotten::countDown);
    try {
      long left = deadline - System.nanoTime();
      forgotten.await(Math.min(left, WAIT.toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.BENCHMARK);
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(GrpcBytes.INSTANCE)
        .setResponseMarshaller(GrpcBytes.INSTANCE)
        .build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(WAIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // It ends all the same.
      Thread.currentThread().interrupt();
    }
  }
}
