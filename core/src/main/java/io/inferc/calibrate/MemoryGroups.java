package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.shape.ProfileSelector;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Splits tensors into groups whose buffers and histograms fit a bound on memory. */
final class MemoryGroups {
  // Two arrays of int and one of long.
  private static final long HISTOGRAM_BYTES = Histogram.BINS * 16L;

  private final List<TensorSpec> inputs;
  private final Map<String, TensorSpec> specs;
  private final ProfileSelector symbolsOf;
  private final Map<String, Long> largest = new HashMap<>();
  private final Set<Map<String, Long>> seen = new HashSet<>();

  private MemoryGroups(List<TensorSpec> inputs, Map<String, TensorSpec> specs) {
    this.inputs = inputs;
    this.specs = specs;
    symbolsOf = ProfileSelector.of(inputs, List.of(), DynamicShapes.ANY);
  }

  /**
   * Splits tensors in order. Sizes follow from the shapes of the samples, which are visited once
   * for it; a tensor whose size depends on the data counts like the largest of the others.
   *
   * @param names the tensors
   * @param inputs the model's inputs
   * @param specs what is known of each tensor
   * @param samples the samples
   * @param budget the bound in bytes; a tensor beyond it is a group by itself
   * @param cancellation stops the visit
   * @return the groups; together they are {@code names}
   */
  static List<List<String>> split(
      List<String> names,
      List<TensorSpec> inputs,
      Map<String, TensorSpec> specs,
      Dataset samples,
      long budget,
      Cancellation cancellation) {
    MemoryGroups groups = new MemoryGroups(inputs, specs);
    samples.forEach(
        (index, sample) -> {
          cancellation.throwIfCancelled(Stage.CALIBRATE);
          groups.measure(names, sample);
          return true;
        });
    return groups.fill(names, budget);
  }

  private void measure(List<String> names, Map<String, Tensor> sample) {
    long[][] shapes = new long[inputs.size()][];
    for (int i = 0; i < shapes.length; i++) {
      Tensor given = sample.get(inputs.get(i).name());
      if (given == null || !inputs.get(i).shape().accepts(given.shape())) {
        // The run will refuse this sample with a better message.
        return;
      }
      shapes[i] = given.shape();
    }
    Map<String, Long> symbols = symbolsOf.symbols(shapes);
    if (!seen.add(symbols)) {
      return;
    }
    for (String name : names) {
      TensorSpec spec = specs.get(name);
      if (spec != null) {
        ProfileSelector.outputShape(spec, symbols)
            .ifPresent(shape -> largest.merge(name, bytes(spec, shape), Math::max));
      }
    }
  }

  private static long bytes(TensorSpec spec, long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    return spec.type().byteSize(elements);
  }

  private List<List<String>> fill(List<String> names, long budget) {
    long unknown = largest.values().stream().mapToLong(Long::longValue).max().orElse(budget);
    List<List<String>> groups = new ArrayList<>();
    List<String> group = new ArrayList<>();
    long used = 0;
    for (String name : names) {
      long needed = largest.getOrDefault(name, unknown) + HISTOGRAM_BYTES;
      if (!group.isEmpty() && used + needed > budget) {
        groups.add(List.copyOf(group));
        group.clear();
        used = 0;
      }
      group.add(name);
      used += needed;
    }
    groups.add(List.copyOf(group));
    return groups;
  }
}
