package io.inferc.benchmark.trace;

import io.inferc.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The shapes of all inputs of a request.
 *
 * @param sizes the sizes of each input, outermost first, by name in the model's order
 */
public record RequestShapes(Map<String, List<Long>> sizes) {
  public RequestShapes {
    Objects.requireNonNull(sizes, "sizes");
    Map<String, List<Long>> copy = new LinkedHashMap<>();
    sizes.forEach((name, shape) -> copy.put(Objects.requireNonNull(name), List.copyOf(shape)));
    sizes = Collections.unmodifiableMap(copy);
  }

  /**
   * Returns the shape of an input.
   *
   * @param input its name
   * @return the sizes, outermost first, in a fresh array
   * @throws IllegalArgumentException if there is no such input
   */
  public long[] of(String input) {
    Objects.requireNonNull(input, "input");
    List<Long> shape = sizes.get(input);
    if (shape == null) {
      throw new IllegalArgumentException(
          "Tried to read the shape of the input '"
              + input
              + "', but the inputs are "
              + sizes.keySet()
              + ". Correct the name.");
    }
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  static RequestShapes of(List<TensorSpec> inputs, long[][] shapes) {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    for (int i = 0; i < shapes.length; i++) {
      sizes.put(inputs.get(i).name(), LongStream.of(shapes[i]).boxed().toList());
    }
    return new RequestShapes(sizes);
  }

  /** Returns a hash that differs from process to process. */
  @Override
  public int hashCode() {
    long sum = 0;
    for (Map.Entry<String, List<Long>> input : sizes.entrySet()) {
      long hash = SizeHash.add(SizeHash.SEED, input.getKey().hashCode());
      for (long size : input.getValue()) {
        hash = SizeHash.add(hash, size);
      }
      sum += hash;
    }
    return Long.hashCode(sum);
  }

  /** Returns text such as {@code ids 4x128, mask 4x128}. */
  @Override
  public String toString() {
    return sizes.entrySet().stream()
        .map(
            e ->
                e.getKey()
                    + " "
                    + e.getValue().stream().map(String::valueOf).collect(Collectors.joining("x")))
        .collect(Collectors.joining(", "));
  }
}
