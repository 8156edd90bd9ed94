package io.inferc.backend.tensorrt;

import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One set of shapes of a model that is measured.
 *
 * @param name what reports call it, for example {@code 32x128}
 * @param open sizes for the open dimensions of each input, outermost first
 */
record BenchmarkCase(String name, List<Long> open) {
  private static final int VOCABULARY = 30_000;

  /** A profile of exactly these shapes. */
  ShapeProfile profile(OnnxModel model) {
    ShapeProfile profile = ShapeProfile.named(name);
    for (TensorSpec input : inputs(model)) {
      Range[] ranges = shape(input).stream().map(Range::exactly).toArray(Range[]::new);
      profile = profile.input(input.name(), ranges);
    }
    return profile;
  }

  static List<TensorSpec> inputs(OnnxModel model) {
    return model.graph().requiredInputs().stream()
        .map(ValueInfo::tensor)
        .map(spec -> spec.orElseThrow())
        .toList();
  }

  private List<Long> shape(TensorSpec input) {
    List<Long> sizes = new ArrayList<>();
    int next = 0;
    for (Dimension d : input.shape().dimensions().orElseThrow()) {
      if (!d.isFixed() && next == open.size()) {
        throw tooFewOrMany(input);
      }
      sizes.add(d.isFixed() ? d.size().getAsLong() : open.get(next++));
    }
    if (next < open.size()) {
      throw tooFewOrMany(input);
    }
    return sizes;
  }

  private IllegalArgumentException tooFewOrMany(TensorSpec input) {
    return new IllegalArgumentException(
        "The case "
            + name
            + " has the sizes "
            + open
            + ", which are not those that "
            + input
            + " leaves open.");
  }

  Map<String, Tensor> tensors(OnnxModel model) {
    return tensors(model, 5);
  }

  /** Inputs that look like real ones: word numbers, a full mask, pixels. */
  Map<String, Tensor> tensors(OnnxModel model, int seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (TensorSpec input : inputs(model)) {
      long[] shape = shape(input).stream().mapToLong(Long::longValue).toArray();
      Tensor tensor = Tensor.allocate(input.type(), shape);
      int count = Math.toIntExact(tensor.elementCount());
      for (int i = 0; i < count; i++) {
        if (input.type() == DataType.INT64) {
          tensor.longs().put(i, word(input.name(), random));
        } else if (input.type() == DataType.INT32) {
          tensor.ints().put(i, (int) word(input.name(), random));
        } else if (input.type() == DataType.FLOAT32) {
          tensor.floats().put(i, random.nextFloat() * 2 - 1);
        } else {
          throw new IllegalArgumentException("no values are known for " + input);
        }
      }
      tensors.put(input.name(), tensor);
    }
    return tensors;
  }

  private static long word(String input, Random random) {
    if (input.contains("mask")) {
      return 1;
    }
    return input.contains("type") ? 0 : 1000 + random.nextInt(VOCABULARY - 1000);
  }
}
