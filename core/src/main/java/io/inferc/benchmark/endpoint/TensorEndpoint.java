package io.inferc.benchmark.endpoint;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model behind a server of the Open Inference Protocol (KServe's version 2), however it is spoken
 * to.
 *
 * <p>Its requests are {@link TensorRequest}s; writing one and reading its outputs is inside the
 * time that counts, for an application has to do both. Safe for use by several threads.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
public abstract sealed class TensorEndpoint implements Subject
    permits GrpcInferenceEndpoint, OpenInferenceEndpoint {
  private static final int CALLERS = 64;

  private final String base;
  private final ServedModel model;

  /** An endpoint at the address {@code base}. */
  TensorEndpoint(String base, ServedModel model) {
    this.base = base;
    this.model = model;
  }

  static void requireNames(String model, @Nullable String version) {
    Objects.requireNonNull(model, "model");
    if (model.isEmpty() || "".equals(version)) {
      throw new IllegalArgumentException(
          "Tried to open a model with an empty name or version; give those that the server has.");
    }
  }

  static String text(String model, @Nullable String version) {
    return version == null ? model : model + " version " + version;
  }

  /**
   * What is thrown of a model that could not be opened.
   *
   * @param protocol by what the server was asked
   * @param check what has to succeed, in the words of the remedy
   */
  static InfercException notOpened(
      String model, String base, String protocol, String check, RequestFailure failure) {
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to open the model "
            + ErrorText.line(model)
            + " at "
            + base
            + " by "
            + protocol
            + ", but got "
            + failure.text(),
        switch (failure.outcome()) {
          case REFUSED -> RequestFailure.REACH_IT;
          case TIMEOUT ->
              "Wait until the server has loaded the model, or raise the limits of"
                  + " EndpointOptions.";
          default -> "Look at the server's log; " + check;
        },
        failure);
  }

  final ServedModel model() {
    return model;
  }

  /** Asks once; the caller closes the outputs. */
  abstract Map<String, Tensor> ask(Map<String, Tensor> tensors) throws RequestFailure;

  /**
   * Returns what runs the model, as the server says.
   *
   * @return for example {@code onnxruntime_onnx}; empty if it does not say
   */
  public final String platform() {
    return model.platform();
  }

  /**
   * Returns the inputs that the server describes.
   *
   * @return the inputs, none if it describes none; sizes that may vary are unknown
   */
  public final List<TensorSpec> inputs() {
    return model.inputs();
  }

  /**
   * Returns the outputs that the server describes.
   *
   * @return the outputs, none if it describes none; sizes that may vary are unknown
   */
  public final List<TensorSpec> outputs() {
    return model.outputs();
  }

  /** Returns for example {@code encoder at http://127.0.0.1:8000}. */
  @Override
  public final String name() {
    return model.name() + " at " + base;
  }

  /** As many as 64: each only waits for the server, which decides how many it serves at once. */
  @Override
  public final int usualCallers() {
    return CALLERS;
  }

  /**
   * Asks once and returns what came, to compare it with what a local model gives.
   *
   * @param tensors a tensor for each input, by name; they stay the caller's
   * @return the outputs by name, in the server's order, which the caller closes
   * @throws InfercException if the request fails
   * @throws io.inferc.common.CancelledException if the thread was interrupted
   * @throws io.inferc.common.ResourceClosedException if the endpoint has to be closed, and was
   * @throws IllegalArgumentException if the protocol has no name for a type, or no way to send what
   *     a tensor holds
   */
  public final Map<String, Tensor> infer(Map<String, Tensor> tensors) {
    Objects.requireNonNull(tensors, "tensors");
    try {
      return ask(tensors);
    } catch (RequestFailure e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to infer with " + ErrorText.line(name()) + ", but got " + e.text(),
          e.outcome() == Outcome.TIMEOUT
              ? "Raise EndpointOptions.requestTimeout, or look at the server."
              : "Compare names, types and shapes with those of inputs(), and look at the server's"
                  + " log.",
          e);
    }
  }

  @Override
  public final Caller newCaller() {
    return new EndpointCaller<>(
        this,
        TensorRequest.class,
        request -> {
          ask(request.inputs()).values().forEach(Tensor::close);
          return Answer.ok();
        });
  }
}
