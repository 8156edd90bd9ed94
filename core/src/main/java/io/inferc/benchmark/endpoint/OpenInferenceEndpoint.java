package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.benchmark.load.Answer;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model behind a server of the Open Inference Protocol over HTTP: Triton, OpenVINO Model Server,
 * MLServer, KServe. By gRPC it is a {@link GrpcInferenceEndpoint}.
 *
 * <p>Tensors travel in Triton's binary tensor data extension where the server announces it, else as
 * JSON. All callers share one pool of connections. Immutable and safe for use by several threads;
 * there is nothing to close.
 */
public final class OpenInferenceEndpoint extends TensorEndpoint {
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpEndpoint http;
  private final String path;
  private final boolean binary;

  private OpenInferenceEndpoint(HttpEndpoint http, ServedModel model, String path, boolean binary) {
    super(http.base(), model);
    this.http = http;
    this.path = path;
    this.binary = binary;
  }

  /**
   * Opens a model in the version that the server chooses, with {@link EndpointOptions#defaults()}.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}, with what may stand before
   *     {@code /v2}
   * @param model the model's name there
   * @return the subject
   * @throws io.inferc.common.InfercException if the server cannot be reached, does not have the
   *     model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, or a name is empty
   */
  public static OpenInferenceEndpoint open(String url, String model) {
    return open(url, model, EndpointOptions.defaults());
  }

  /**
   * Opens a model in the version that the server chooses.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}
   * @param model the model's name there
   * @param options how to reach it
   * @return the subject
   * @throws io.inferc.common.InfercException if the server cannot be reached, does not have the
   *     model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, or a name is empty
   */
  public static OpenInferenceEndpoint open(String url, String model, EndpointOptions options) {
    return openVersion(url, model, null, options);
  }

  /**
   * Opens one version of a model.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}
   * @param model the model's name there
   * @param version the version, as the server names it
   * @param options how to reach it
   * @return the subject
   * @throws io.inferc.common.InfercException if the server cannot be reached, does not have the
   *     model ready, or does not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, or a name is empty
   */
  public static OpenInferenceEndpoint open(
      String url, String model, String version, EndpointOptions options) {
    return openVersion(url, model, Objects.requireNonNull(version, "version"), options);
  }

  private static OpenInferenceEndpoint openVersion(
      String url, String model, @Nullable String version, EndpointOptions options) {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(options, "options");
    requireNames(model, version);
    HttpEndpoint http = new HttpEndpoint(url, options);
    String name = text(model, version);
    String path =
        "/v2/models/"
            + HttpEndpoint.segment(model)
            + (version == null ? "" : "/versions/" + HttpEndpoint.segment(version));
    try {
      requireReady(http, path);
      JsonNode metadata = json(http, path);
      if (!metadata.isObject()) {
        throw RequestFailure.broken("its metadata are no JSON object");
      }
      ServedModel served =
          new ServedModel(
              name,
              metadata.path("platform").asText(""),
              specs(metadata.path("inputs")),
              specs(metadata.path("outputs")));
      return new OpenInferenceEndpoint(http, served, path, announcesBinary(http));
    } catch (RequestFailure e) {
      throw notOpened(
          name,
          http.base(),
          "the Open Inference Protocol",
          "GET " + http.base() + path + "/ready must have the status 200.",
          e);
    }
  }

  private static void requireReady(HttpEndpoint http, String path) throws RequestFailure {
    byte[] said = http.bytes(http.request(path + "/ready").GET().build()).body();
    try {
      // The protocol says it by the status; KServe's own server in the body, too.
      JsonNode ready = MAPPER.readTree(said).path("ready");
      if (ready.isBoolean() && !ready.booleanValue()) {
        throw RequestFailure.notReady();
      }
    } catch (IOException e) {
      // A body is not asked for.
    }
  }

  private static JsonNode json(HttpEndpoint http, String path) throws RequestFailure {
    byte[] body = http.bytes(http.request(path).GET().build()).body();
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw RequestFailure.broken(
          "what GET " + path + " answers cannot be read as JSON: " + ErrorText.of(body));
    }
  }

  private static boolean announcesBinary(HttpEndpoint http) throws RequestFailure {
    try {
      for (JsonNode extension : json(http, "/v2").path("extensions")) {
        if (extension.asText().equals("binary_tensor_data")) {
          return true;
        }
      }
      return false;
    } catch (RequestFailure e) {
      if (e.outcome() == Answer.Outcome.FAILED) {
        // Proxies that pass on models alone have no such page; JSON is what each server has.
        return false;
      }
      throw e;
    }
  }

  private static List<TensorSpec> specs(JsonNode tensors) throws RequestFailure {
    List<TensorSpec> specs = new ArrayList<>();
    for (JsonNode tensor : tensors) {
      OutputMemory.requireRoom(specs.size());
      List<Long> shape = new ArrayList<>();
      for (JsonNode size : tensor.path("shape")) {
        shape.add(size.canConvertToLong() ? size.asLong() : -1);
      }
      specs.add(
          ServedModel.tensor(
              tensor.path("name").asText(),
              tensor.path("datatype").asText(),
              shape,
              tensor.toString()));
    }
    return specs;
  }

  /**
   * Returns the same endpoint spoken to in JSON, whatever the server announces: to measure what
   * that costs.
   *
   * @return the subject
   */
  public OpenInferenceEndpoint withJson() {
    return new OpenInferenceEndpoint(http, model(), path, false);
  }

  /**
   * Tells how tensors travel.
   *
   * @return true by the binary tensor data extension, false as JSON
   */
  public boolean sendsBinary() {
    return binary;
  }

  @Override
  Map<String, Tensor> ask(Map<String, Tensor> tensors) throws RequestFailure {
    TensorMessage message = TensorMessage.of(tensors, binary);
    HttpRequest.Builder request =
        http.request(path + "/infer")
            .setHeader("Content-Type", binary ? "application/octet-stream" : "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(message.bytes()));
    if (binary) {
      request.setHeader(JSON_LENGTH, Integer.toString(message.jsonLength()));
    }
    HttpEndpoint.Reply<byte[]> reply = http.bytes(request.build());
    byte[] body = reply.body();
    Optional<String> header = reply.headers().firstValue(JSON_LENGTH);
    return TensorReply.read(
        body,
        header.isEmpty() ? body.length : jsonLength(header.get(), body.length),
        http.options().maxAnswerBytes());
  }

  private static int jsonLength(String header, int length) throws RequestFailure {
    try {
      int json = Integer.parseInt(header);
      if (json >= 0 && json <= length) {
        return json;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw RequestFailure.broken(
        "the header " + JSON_LENGTH + " does not fit the answer: " + ErrorText.line(header));
  }

  /** Returns the name and how tensors travel. */
  @Override
  public String toString() {
    return name() + (binary ? ", binary tensors" : ", JSON tensors");
  }
}
