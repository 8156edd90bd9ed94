package io.inferc.spi;

import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import java.util.List;

/**
 * What a saved model shall be loaded as.
 *
 * @param modelName what messages and reports call the model
 * @param choice the back end, device and options
 * @param profiles the shape profiles it was compiled for
 * @param limits what it was held to when it was compiled, and an ONNX model among its files may ask
 *     for
 */
public record LoadRequest(
    String modelName, Target.Choice choice, List<ShapeProfile> profiles, ModelLimits limits) {
  public LoadRequest {
    profiles = List.copyOf(profiles);
  }
}
