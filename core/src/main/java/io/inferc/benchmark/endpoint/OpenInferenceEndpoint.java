package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
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
 * A model behind a server of the Open Inference Protocol (KServe's version 2) over HTTP: Triton,
 * OpenVINO Model Server, MLServer, KServe.
 *
 * <p>Tensors travel in Triton's binary tensor data extension where the server announces it, else as
 * JSON. Its requests are {@link TensorRequest}s; writing one and reading its outputs is inside the
 * time that counts, for an application has to do both.
 *
 * <p>All callers share one pool of connections. Immutable and safe for use by several threads;
 * there is nothing to close.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
public final class OpenInferenceEndpoint implements Subject {
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";
  private static final int CALLERS = 64;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpEndpoint http;
  private final String model;
  private final String path;
  private final boolean binary;
  private final String platform;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;

  private OpenInferenceEndpoint(
      HttpEndpoint http,
      String model,
      String path,
      boolean binary,
      String platform,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs) {
    this.http = http;
    this.model = model;
    this.path = path;
    this.binary = binary;
    this.platform = platform;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Opens a model in the version that the server chooses, with {@link EndpointOptions#defaults()}.
   *
   * @param url the server, for example {@code http://127.0.0.1:8000}, with what may stand before
   *     {@code /v2}
   * @param model the model's name there
   * @return the subject
   * @throws InfercException if the server cannot be reached, does not have the model ready, or does
   *     not describe it as the protocol says
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
   * @throws InfercException if the server cannot be reached, does not have the model ready, or does
   *     not describe it as the protocol says
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
   * @throws InfercException if the server cannot be reached, does not have the model ready, or does
   *     not describe it as the protocol says
   * @throws IllegalArgumentException if the address is none, or a name is empty
   */
  public static OpenInferenceEndpoint open(
      String url, String model, String version, EndpointOptions options) {
    return openVersion(url, model, Objects.requireNonNull(version, "version"), options);
  }

  private static OpenInferenceEndpoint openVersion(
      String url, String model, @Nullable String version, EndpointOptions options) {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(options, "options");
    if (model.isEmpty() || "".equals(version)) {
      throw new IllegalArgumentException(
          "Tried to open a model with an empty name or version; give those that the server has.");
    }
    HttpEndpoint http = new HttpEndpoint(url, options);
    String name = version == null ? model : model + " version " + version;
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
      return new OpenInferenceEndpoint(
          http,
          name,
          path,
          announcesBinary(http),
          metadata.path("platform").asText(""),
          specs(metadata.path("inputs")),
          specs(metadata.path("outputs")));
    } catch (RequestFailure e) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to open the model "
              + ErrorText.line(name)
              + " at "
              + http.base()
              + " by the Open Inference Protocol, but got "
              + outcome(e),
          switch (e.outcome()) {
            case REFUSED ->
                "Start the server, or correct the address; for TLS, give"
                    + " EndpointOptions.tls a context that trusts its certificate.";
            case TIMEOUT ->
                "Wait until the server has loaded the model, or raise the limits of"
                    + " EndpointOptions.";
            default ->
                "Look at the server's log; GET "
                    + http.base()
                    + path
                    + "/ready must have the status 200.";
          },
          e);
    }
  }

  private static String outcome(RequestFailure failure) {
    return failure.outcome() + ": " + failure.detail() + ".";
  }

  private static void requireReady(HttpEndpoint http, String path) throws RequestFailure {
    byte[] said = http.bytes(http.request(path + "/ready").GET().build()).body();
    try {
      // The protocol says it by the status; KServe's own server in the body, too.
      JsonNode ready = MAPPER.readTree(said).path("ready");
      if (ready.isBoolean() && !ready.booleanValue()) {
        throw new RequestFailure(Answer.Outcome.FAILED, "the model is there, but not ready");
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
      String name = tensor.path("name").asText();
      Optional<DataType> type = ProtocolTypes.type(tensor.path("datatype").asText());
      if (name.isEmpty() || type.isEmpty()) {
        throw RequestFailure.broken(
            "its metadata describe a tensor without a name or with an unknown datatype: "
                + ErrorText.line(tensor.toString()));
      }
      List<Dimension> dimensions = new ArrayList<>();
      for (JsonNode size : tensor.path("shape")) {
        dimensions.add(
            size.canConvertToLong() && size.asLong() >= 0
                ? Dimension.fixed(size.asLong())
                : Dimension.unknown());
      }
      specs.add(new TensorSpec(name, type.get(), TensorShape.of(dimensions)));
    }
    return List.copyOf(specs);
  }

  /**
   * Returns the same endpoint spoken to in JSON, whatever the server announces: to measure what
   * that costs.
   *
   * @return the subject
   */
  public OpenInferenceEndpoint withJson() {
    return new OpenInferenceEndpoint(http, model, path, false, platform, inputs, outputs);
  }

  /**
   * Tells how tensors travel.
   *
   * @return true by the binary tensor data extension, false as JSON
   */
  public boolean sendsBinary() {
    return binary;
  }

  /**
   * Returns what runs the model, as the server says.
   *
   * @return for example {@code onnxruntime_onnx}; empty if it does not say
   */
  public String platform() {
    return platform;
  }

  /**
   * Returns the inputs that the server describes.
   *
   * @return the inputs, none if it describes none; sizes that may vary are unknown
   */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /**
   * Returns the outputs that the server describes.
   *
   * @return the outputs, none if it describes none; sizes that may vary are unknown
   */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** Returns for example {@code encoder at http://127.0.0.1:8000}. */
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
   * Asks once and returns what came, to compare it with what a local model gives.
   *
   * @param tensors a tensor for each input, by name; they stay the caller's
   * @return the outputs by name, in the server's order, which the caller closes
   * @throws InfercException if the request fails
   * @throws io.inferc.common.CancelledException if the thread was interrupted
   * @throws IllegalArgumentException if a type has no name in the protocol, or a number none in
   *     JSON
   */
  public Map<String, Tensor> infer(Map<String, Tensor> tensors) {
    Objects.requireNonNull(tensors, "tensors");
    try {
      return ask(tensors);
    } catch (RequestFailure e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to infer with " + ErrorText.line(name()) + ", but got " + outcome(e),
          e.outcome() == Answer.Outcome.TIMEOUT
              ? "Raise EndpointOptions.requestTimeout, or look at the server."
              : "Compare names, types and shapes with those of inputs(), and look at the server's"
                  + " log.",
          e);
    }
  }

  private Map<String, Tensor> ask(Map<String, Tensor> tensors) throws RequestFailure {
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
        body, header.isEmpty() ? body.length : jsonLength(header.get(), body.length));
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

  @Override
  public Caller newCaller() {
    return new EndpointCaller<>(
        this,
        TensorRequest.class,
        request -> {
          ask(request.inputs()).values().forEach(Tensor::close);
          return Answer.ok();
        });
  }

  /** Returns the name and how tensors travel. */
  @Override
  public String toString() {
    return name() + (binary ? ", binary tensors" : ", JSON tensors");
  }
}
