package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Splits tensors into groups whose buffers and histograms fit a bound on memory. What runtimes say
 * of the shapes of intermediate tensors is too vague for that, so the largest sample is run.
 */
final class MemoryGroups implements AutoCloseable {
  // Two arrays of int and one of long.
  private static final long HISTOGRAM_BYTES = Histogram.BINS * 16L;
  // Few enough that looking at sizes takes little memory itself.
  private static final int PROBED_TOGETHER = 32;

  private final Map<String, Tensor> largest = new LinkedHashMap<>();
  private long largestIndex;
  private long largestBytes = -1;

  private MemoryGroups() {}

  /**
   * Splits tensors in order.
   *
   * @param names the tensors
   * @param inputs those of them that are inputs of the model, which take no memory of ours
   * @param samples the samples, visited once to find the largest
   * @param budget the bound in bytes; a tensor beyond it is a group by itself
   * @param cancellation stops the work
   * @return the groups; together they are {@code names}
   */
  static List<List<String>> split(
      OnnxModel model,
      Backend backend,
      Target.Choice choice,
      List<String> names,
      Set<String> inputs,
      Dataset samples,
      long budget,
      Cancellation cancellation) {
    try (MemoryGroups groups = new MemoryGroups()) {
      samples.forEach(
          (index, sample) -> {
            cancellation.throwIfCancelled(Stage.CALIBRATE);
            groups.offer(index, sample);
            return true;
          });
      if (groups.largestBytes < 0) {
        return List.of(names);
      }
      List<String> returned = names.stream().filter(n -> !inputs.contains(n)).toList();
      Map<String, Long> sizes = new HashMap<>();
      for (int i = 0; i < returned.size(); i += PROBED_TOGETHER) {
        cancellation.throwIfCancelled(Stage.CALIBRATE);
        List<String> some = returned.subList(i, Math.min(i + PROBED_TOGETHER, returned.size()));
        try (ReferenceRun run = ReferenceRun.open(model, backend, choice, some)) {
          run.run(groups.largestIndex, groups.largest);
          some.forEach(name -> sizes.put(name, run.output(name).byteSize()));
        }
      }
      return fill(names, sizes, budget);
    }
  }

  private void offer(long index, Map<String, Tensor> sample) {
    long bytes = sample.values().stream().mapToLong(Tensor::byteSize).sum();
    if (bytes > largestBytes) {
      close();
      sample.forEach((name, tensor) -> largest.put(name, tensor.copy()));
      largestIndex = index;
      largestBytes = bytes;
    }
  }

  static List<List<String>> fill(List<String> names, Map<String, Long> sizes, long budget) {
    List<List<String>> groups = new ArrayList<>();
    List<String> group = new ArrayList<>();
    long used = 0;
    for (String name : names) {
      long needed = sizes.getOrDefault(name, 0L) + HISTOGRAM_BYTES;
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

  @Override
  public void close() {
    largest.values().forEach(Tensor::close);
    largest.clear();
  }
}
