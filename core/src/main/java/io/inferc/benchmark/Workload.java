package io.inferc.benchmark;

import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * A request that is sent again and again.
 *
 * @param name what reports call it, for example {@code "4 x 128"}
 * @param inputs a tensor for each input, by name; they stay the caller's and are only read
 */
public record Workload(String name, Map<String, Tensor> inputs) {
  public Workload {
    inputs = Map.copyOf(inputs);
  }

  /**
   * Makes a workload.
   *
   * @param name what reports call it
   * @param inputs a tensor for each input, by name
   * @return the workload
   */
  public static Workload of(String name, Map<String, Tensor> inputs) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(inputs, "inputs");
    return new Workload(name, inputs);
  }
}
