package io.inferc.spi;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.ModelSource;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import java.util.List;

/**
 * A model and what is wanted of it.
 *
 * @param source the model; it stays the caller's and is valid during the call
 * @param modelName what messages and reports call the model
 * @param choice the back end, device and options
 * @param profiles the shapes to serve, in order of preference; may be empty
 * @param precision the precision, which the capabilities support
 * @param faithful true to run the graph node by node as it is, so that any tensor may be an output:
 *     for reference runs
 * @param progress hears of progress
 * @param cancellation stops the work
 */
public record CompileRequest(
    ModelSource source,
    String modelName,
    Target.Choice choice,
    List<ShapeProfile> profiles,
    PrecisionPlan precision,
    boolean faithful,
    ProgressListener progress,
    Cancellation cancellation) {
  public CompileRequest {
    profiles = List.copyOf(profiles);
  }

  /**
   * Returns a request for a model as it is: FP32, no profiles, silent, not cancellable.
   *
   * @param source the model
   * @param modelName what messages call it
   * @param choice the back end, device and options
   * @return the request
   */
  public static CompileRequest of(ModelSource source, String modelName, Target.Choice choice) {
    return new CompileRequest(
        source,
        modelName,
        choice,
        List.of(),
        PrecisionPlan.fp32(),
        false,
        ProgressListener.none(),
        new Cancellation());
  }

  /**
   * Returns this request with the graph to be run as it is.
   *
   * @return a copy that is {@link #faithful()}
   */
  public CompileRequest asFaithful() {
    return new CompileRequest(
        source, modelName, choice, profiles, precision, true, progress, cancellation);
  }
}
