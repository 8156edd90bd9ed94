package io.inferc.benchmark.load;

import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A request of tensors.
 *
 * @param kind the group that its figures are counted in
 * @param inputs a tensor for each input, by name; they stay their owner's and are only read
 */
public record TensorRequest(String kind, Map<String, Tensor> inputs) implements Request {
  public TensorRequest {
    Objects.requireNonNull(kind, "kind");
    inputs = Map.copyOf(inputs);
  }

  /**
   * Makes a request whose kind is the shapes of its inputs.
   *
   * @param inputs a tensor for each input, by name
   * @return the request; the kind is for example {@code 4x128}, or {@code 4x128, 4} where inputs
   *     differ, in the order of their names
   */
  public static TensorRequest of(Map<String, Tensor> inputs) {
    Objects.requireNonNull(inputs, "inputs");
    String kind =
        new TreeMap<>(inputs)
            .values().stream()
                .map(
                    t ->
                        LongStream.of(t.shape())
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining("x")))
                .distinct()
                .collect(Collectors.joining(", "));
    return new TensorRequest(kind, inputs);
  }
}
