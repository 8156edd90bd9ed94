package io.inferc;

import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** The size that each symbol of a model most likely has. */
final class TypicalSizes {
  private TypicalSizes() {}

  /**
   * Takes the sizes that the first profile is best at, else those of the first sample.
   *
   * @param inputs the model's inputs
   * @param profiles the shape profiles
   * @param samples typical inputs
   * @return sizes by symbol; what neither says is left out
   */
  static Map<String, Long> of(
      List<ValueInfo> inputs, List<ShapeProfile> profiles, Optional<Dataset> samples) {
    Map<String, Long> sizes = new HashMap<>();
    if (!profiles.isEmpty()) {
      ShapeProfile profile = profiles.get(0);
      profile.symbols().forEach((symbol, range) -> sizes.put(symbol, range.opt()));
      profile.inputs().forEach((name, ranges) -> bind(inputs, name, optimal(ranges), sizes));
    } else {
      samples.ifPresent(
          s ->
              s.forEach(
                  (index, sample) -> {
                    sample.forEach((name, tensor) -> bind(inputs, name, boxed(tensor), sizes));
                    return false;
                  }));
    }
    return sizes;
  }

  /**
   * Takes the sizes of a request.
   *
   * @param inputs the model's inputs
   * @param request a tensor for each input
   * @return sizes by symbol
   */
  static Map<String, Long> of(List<ValueInfo> inputs, Map<String, Tensor> request) {
    Map<String, Long> sizes = new HashMap<>();
    request.forEach((name, tensor) -> bind(inputs, name, boxed(tensor), sizes));
    return sizes;
  }

  private static List<Long> optimal(List<Range> ranges) {
    return ranges.stream().map(Range::opt).toList();
  }

  private static List<Long> boxed(Tensor tensor) {
    return LongStream.of(tensor.shape()).boxed().toList();
  }

  private static void bind(
      List<ValueInfo> inputs, String name, List<Long> found, Map<String, Long> sizes) {
    List<Dimension> dimensions = dimensions(inputs, name);
    for (int i = 0; i < Math.min(dimensions.size(), found.size()); i++) {
      long size = found.get(i);
      dimensions.get(i).symbol().ifPresent(s -> sizes.putIfAbsent(s, size));
    }
  }

  /** The declared dimensions of an input; none where they are not known. */
  static List<Dimension> dimensions(List<ValueInfo> inputs, String name) {
    return inputs.stream()
        .filter(i -> i.name().equals(name))
        .findFirst()
        .flatMap(ValueInfo::tensor)
        .map(TensorSpec::shape)
        .flatMap(TensorShape::dimensions)
        .orElse(List.of());
  }
}
