package io.inferc.runtime;

import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * What a run returned: one tensor for each output, by name in the model's order. It owns them, all
 * are closed with it.
 *
 * <pre>{@code
 * try (Outputs outputs = model.run(inputs)) {
 *   float[] scores = outputs.tensor("scores").toFloatArray();
 * }
 * }</pre>
 *
 * <p>A map that cannot be changed. Closing twice does no harm, nor does closing single tensors
 * before. As thread-safe as the tensors in it.
 */
public final class Outputs extends OwnedMap<Tensor> {
  private Outputs(Map<String, ? extends Tensor> tensors) {
    super(tensors, Tensor::close);
  }

  /**
   * Takes over tensors, for a {@link CompiledModel} of your own such as one for tests.
   *
   * @param tensors the tensors by name, in the order to keep
   * @return outputs that own the tensors
   */
  public static Outputs of(Map<String, ? extends Tensor> tensors) {
    Objects.requireNonNull(tensors, "tensors");
    return new Outputs(tensors);
  }

  /**
   * Returns an output.
   *
   * @param name the output's name
   * @return the tensor, which is closed with these outputs
   * @throws IllegalArgumentException if there is no such output; the message lists those there are
   */
  public Tensor tensor(String name) {
    Objects.requireNonNull(name, "name");
    return require(name);
  }

  /** Closes all tensors. */
  @Override
  public void close() {
    super.close();
  }
}
