package io.inferc.benchmark.endpoint;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A model behind the protocol on gRPC's own server, which reads and writes messages by protobuf's
 * own code.
 */
final class GrpcTestServer implements AutoCloseable {
  /** The request for inference that came last. */
  volatile Message asked = DynamicMessage.getDefaultInstance(GrpcSchema.of("ModelInferRequest"));

  /** The metadata of the call that came last. */
  volatile Metadata headers = new Metadata();

  /** Opens when a caller has left before its answer. */
  final CountDownLatch left = new CountDownLatch(1);

  private final Server server;
  private final boolean tls;
  private final Infer infer;
  private int open;

  /** Answers a request for inference by ending the call. */
  interface Infer {
    void answer(Message request, ServerCall<byte[], byte[]> call);
  }

  private GrpcTestServer(int port, SSLContext context, Infer infer) throws IOException {
    this.infer = infer;
    this.tls = context != null;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .maxInboundMessageSize(64 << 20)
            .addTransportFilter(
                new ServerTransportFilter() {
                  @Override
                  public Attributes transportReady(Attributes attributes) {
                    count(1);
                    return attributes;
                  }

                  @Override
                  public void transportTerminated(Attributes attributes) {
                    if (attributes != null) {
                      count(-1);
                    }
                  }
                })
            .addService(
                ServerServiceDefinition.builder("inference.GRPCInferenceService")
                    .addMethod(method("ModelReady"), handler(this::ready))
                    .addMethod(method("ModelMetadata"), handler(this::metadata))
                    .addMethod(method("ModelInfer"), handler(this::infer))
                    .build());
    if (tls) {
      builder.sslContext(
          new JdkSslContext(
              context,
              false,
              null,
              SupportedCipherSuiteFilter.INSTANCE,
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  "h2"),
              ClientAuth.NONE,
              null,
              false));
    }
    server = builder.build().start();
  }

  static GrpcTestServer with(Infer infer) throws IOException {
    return new GrpcTestServer(0, null, infer);
  }

  static GrpcTestServer at(int port) throws IOException {
    return new GrpcTestServer(port, null, GrpcTestServer::echoRaw);
  }

  static GrpcTestServer tls(SSLContext context) throws IOException {
    return new GrpcTestServer(0, context, GrpcTestServer::echoRaw);
  }

  int port() {
    return server.getPort();
  }

  String url() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + server.getPort();
  }

  private void ready(Message request, ServerCall<byte[], byte[]> call) {
    if (!GrpcSchema.text(request, "name").equals("echo")) {
      call.close(Status.NOT_FOUND.withDescription("Model is\nnot found"), new Metadata());
      return;
    }
    send(call, GrpcSchema.message("ModelReadyResponse", "ready", true));
  }

  private void metadata(Message request, ServerCall<byte[], byte[]> call) {
    Message x =
        GrpcSchema.message(
            "TensorMetadata", "name", "x", "datatype", "FP32", "shape", List.of(-1L, 2L));
    send(
        call,
        GrpcSchema.message(
            "ModelMetadataResponse",
            "name",
            GrpcSchema.text(request, "name"),
            "versions",
            List.of("3"),
            "platform",
            "mirror",
            "inputs",
            List.of(x),
            "outputs",
            List.of(x)));
  }

  private void infer(Message request, ServerCall<byte[], byte[]> call) {
    asked = request;
    infer.answer(request, call);
  }

  /** Answers by the inputs, raw as they came. */
  static void echoRaw(Message request, ServerCall<byte[], byte[]> call) {
    List<Message> outputs = new ArrayList<>();
    for (Message input : GrpcSchema.messages(request, "inputs")) {
      outputs.add(
          GrpcSchema.message(
              "InferOutputTensor",
              "name",
              GrpcSchema.text(input, "name"),
              "datatype",
              GrpcSchema.text(input, "datatype"),
              "shape",
              GrpcSchema.list(input, "shape")));
    }
    List<?> raw = GrpcSchema.list(request, "raw_input_contents");
    send(
        call,
        GrpcSchema.message(
            "ModelInferResponse", "id", "7", "outputs", outputs, "raw_output_contents", raw));
  }

  private synchronized void count(int opened) {
    open += opened;
    notifyAll();
  }

  /** How many connections there are. */
  synchronized int open() {
    return open;
  }

  /** Waits until there are none, of whose end a server hears later than the client. */
  synchronized void awaitNoConnections() throws InterruptedException {
    while (open > 0) {
      wait();
    }
  }

  static void send(ServerCall<byte[], byte[]> call, Message answer) {
    send(call, answer.toByteArray());
  }

  static void send(ServerCall<byte[], byte[]> call, byte[] answer) {
    call.sendHeaders(new Metadata());
    call.sendMessage(answer);
    call.close(Status.OK, new Metadata());
  }

  static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    Bytes bytes = new Bytes();
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("inference.GRPCInferenceService/" + name)
        .build();
  }

  private ServerCallHandler<byte[], byte[]> handler(Infer answer) {
    return (call, metadata) -> {
      headers = metadata;
      String name = call.getMethodDescriptor().getBareMethodName();
      call.request(1);
      return new ServerCall.Listener<>() {
        private byte[] message;

        @Override
        public void onMessage(byte[] request) {
          message = request;
        }

        @Override
        public void onHalfClose() {
          String type = name.equals("ModelMetadata") ? "ModelReady" : name;
          try {
            answer.answer(DynamicMessage.parseFrom(GrpcSchema.of(type + "Request"), message), call);
          } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
          }
        }

        @Override
        public void onCancel() {
          left.countDown();
        }
      };
    };
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
