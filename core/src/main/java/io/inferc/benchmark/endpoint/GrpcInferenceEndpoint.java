package io.inferc.benchmark.endpoint;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model behind a server of the Open Inference Protocol over gRPC: Triton, OpenVINO Model Server,
 * MLServer, KServe. By HTTP it is an {@link OpenInferenceEndpoint}.
 *
 * <pre>{@code
 * try (var served = GrpcInferenceEndpoint.open("http://127.0.0.1:8001", "encoder")) {
 *   LoadRun run = test.run(served, Requests.of(samples, 1000, 1));
 * }
 * }</pre>
 *
 * <p>Tensors travel as raw bytes; outputs are taken as raw bytes and as typed elements. All callers
 * share one connection, on which many requests are under way at once, and no request is sent a
 * second time by itself. {@link EndpointOptions#headers() Headers} go as metadata, and {@link
 * EndpointOptions#httpVersion()} has no say, for gRPC is HTTP/2.
 *
 * <p>An application adds gRPC itself, as {@code io.grpc:grpc-netty-shaded}; inferc brings none.
 * Whoever opens an endpoint closes it, after the callers. Immutable but for that, and safe for use
 * by several threads.
 */
public final class GrpcInferenceEndpoint extends TensorEndpoint implements AutoCloseable {
  private final GrpcConnection connection;
  private final String asked;
  private final @Nullable String version;

  private GrpcInferenceEndpoint(
      GrpcConnection connection, ServedModel model, String asked, @Nullable String version) {
    super(connection.base(), model);
    this.connection = connection;
    this.asked = asked;
    this.version = version;
  }

  /**
   * Opens a model in the version that the server chooses, with {@link EndpointOptions#defaults()}.
   *
   * @param url the server, for example {@code http://127.0.0.1:8001}; {@code https} for TLS
   * @param model the model's name there
   * @return the subject, which the caller closes
   * @throws InfercException if gRPC is not on the class path, or the server cannot be reached, does
   *     not have the model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, or a name is empty
   */
  public static GrpcInferenceEndpoint open(String url, String model) {
    return open(url, model, EndpointOptions.defaults());
  }

  /**
   * Opens a model in the version that the server chooses.
   *
   * @param url the server, for example {@code http://127.0.0.1:8001}; {@code https} for TLS
   * @param model the model's name there
   * @param options how to reach it
   * @return the subject, which the caller closes
   * @throws InfercException if gRPC is not on the class path, or the server cannot be reached, does
   *     not have the model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, a name is empty, or gRPC allows no
   *     such header
   */
  public static GrpcInferenceEndpoint open(String url, String model, EndpointOptions options) {
    return openVersion(url, model, null, options);
  }

  /**
   * Opens one version of a model.
   *
   * @param url the server, for example {@code http://127.0.0.1:8001}; {@code https} for TLS
   * @param model the model's name there
   * @param version the version, as the server names it
   * @param options how to reach it
   * @return the subject, which the caller closes
   * @throws InfercException if gRPC is not on the class path, or the server cannot be reached, does
   *     not have the model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, a name is empty, or gRPC allows no
   *     such header
   */
  public static GrpcInferenceEndpoint open(
      String url, String model, String version, EndpointOptions options) {
    return openVersion(url, model, Objects.requireNonNull(version, "version"), options);
  }

  private static GrpcInferenceEndpoint openVersion(
      String url, String model, @Nullable String version, EndpointOptions options) {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(options, "options");
    requireNames(model, version);
    GrpcConnection connection = connection(url, options);
    String name = text(model, version);
    boolean opened = false;
    try {
      byte[] asked = GrpcMessages.model(model, version);
      if (!GrpcMessages.isReady(connection.call("ModelReady", asked))) {
        throw RequestFailure.notReady();
      }
      ServedModel served = GrpcMessages.metadata(name, connection.call("ModelMetadata", asked));
      opened = true;
      return new GrpcInferenceEndpoint(connection, served, model, version);
    } catch (RequestFailure e) {
      throw notOpened(
          name,
          connection.base(),
          "the Open Inference Protocol over gRPC",
          "the call inference.GRPCInferenceService/ModelReady must answer that the model is ready.",
          e);
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }

  private static GrpcConnection connection(String url, EndpointOptions options) {
    try {
      return GrpcConnection.open(url, options);
    } catch (LinkageError e) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to reach a server by gRPC, which inferc does not bring, but its classes are not"
              + " there or of no use: "
              + e
              + ".",
          "Add io.grpc:grpc-netty-shaded to the application, in a current version, and on the"
              + " module path where inferc is on it.",
          e);
    }
  }

  @Override
  Map<String, Tensor> ask(Map<String, Tensor> tensors) throws RequestFailure {
    return GrpcReply.read(
        connection.call("ModelInfer", GrpcMessages.infer(asked, version, tensors)),
        connection.options().maxAnswerBytes());
  }

  /**
   * Ends the connection, and with it requests under way, which count as broken. Waits some seconds
   * at most; does nothing the second time.
   */
  @Override
  public void close() {
    connection.close();
  }

  /** Returns the name and the protocol. */
  @Override
  public String toString() {
    return name() + ", gRPC";
  }
}
