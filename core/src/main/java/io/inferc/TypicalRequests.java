package io.inferc;

import io.inferc.benchmark.Workload;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The requests that a model is measured with where the user names none: one of the sizes that each
 * profile is best at, with the values of a sample, repeated or cut to the size; without profiles,
 * samples as they are.
 */
final class TypicalRequests {
  private static final int SIZES = 4;

  private TypicalRequests() {}

  static RequestMix of(List<ValueInfo> inputs, List<ShapeProfile> profiles, Dataset samples) {
    if (profiles.isEmpty()) {
      return RequestMix.of(samples, SIZES);
    }
    List<RequestMix.Part> parts = new ArrayList<>();
    samples
        .limit(1)
        .forEach(
            (index, sample) -> {
              for (ShapeProfile profile : profiles) {
                parts.add(new RequestMix.Part(request(inputs, profile, sample), 1));
              }
              return false;
            });
    return RequestMix.merged(parts);
  }

  /**
   * Makes requests that a model has run once.
   *
   * @param model the model, compiled as it was given
   * @param notes hears if samples cannot be brought to the sizes of the profiles
   */
  static RequestMix tried(
      CompiledModel model,
      List<ValueInfo> inputs,
      List<ShapeProfile> profiles,
      Dataset samples,
      Consumer<String> notes) {
    RequestMix typical = of(inputs, profiles, samples);
    try {
      typical.parts().forEach(p -> model.run(p.workload().inputs()).close());
      return typical;
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException | IllegalArgumentException e) {
      notes.accept(
          "Samples cannot be brought to the sizes of the profiles ("
              + e.getMessage()
              + "), so they were measured as they are; requests(...) sets others.");
      return of(inputs, List.of(), samples);
    }
  }

  private static Workload request(
      List<ValueInfo> inputs, ShapeProfile profile, Map<String, Tensor> sample) {
    Map<String, Tensor> request = new LinkedHashMap<>();
    sample.forEach(
        (name, tensor) -> request.put(name, resized(tensor, best(inputs, profile, name, tensor))));
    return RequestMix.workload(TensorRequest.of(request));
  }

  /** The sizes that a profile is best at; those that it does not bind are as in the sample. */
  private static long[] best(
      List<ValueInfo> inputs, ShapeProfile profile, String name, Tensor tensor) {
    long[] sizes = tensor.shape();
    List<Range> bound = profile.inputs().getOrDefault(name, List.of());
    List<Dimension> dimensions = TypicalSizes.dimensions(inputs, name);
    for (int axis = 0; axis < sizes.length; axis++) {
      if (axis < bound.size()) {
        sizes[axis] = bound.get(axis).opt();
      } else if (axis < dimensions.size()) {
        long own = sizes[axis];
        sizes[axis] =
            dimensions.get(axis).symbol().flatMap(profile::range).map(Range::opt).orElse(own);
      }
    }
    return sizes;
  }

  /** Takes values along each axis again from its beginning where there are too few. */
  private static Tensor resized(Tensor tensor, long[] sizes) {
    long[] from = tensor.shape();
    boolean packed = tensor.type() != DataType.STRING && tensor.type().bitWidth() < Byte.SIZE;
    if (packed || tensor.elementCount() == 0) {
      return tensor.copy();
    }
    int count = Math.toIntExact(elements(sizes));
    if (tensor.type() == DataType.STRING) {
      List<String> values = tensor.strings();
      List<String> taken = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        taken.add(values.get(source(i, sizes, from)));
      }
      return Tensor.ofStrings(taken, sizes);
    }
    int width = tensor.type().bitWidth() / Byte.SIZE;
    ByteBuffer source = tensor.bytes();
    ByteBuffer target = ByteBuffer.allocateDirect(count * width).order(ByteOrder.nativeOrder());
    for (int i = 0; i < count; i++) {
      target.put(i * width, source, source(i, sizes, from) * width, width);
    }
    return Tensor.wrap(target, tensor.type(), sizes);
  }

  private static long elements(long[] sizes) {
    long count = 1;
    for (long size : sizes) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  private static int source(int index, long[] sizes, long[] from) {
    long rest = index;
    long source = 0;
    long stride = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      source += rest % sizes[axis] % from[axis] * stride;
      rest /= sizes[axis];
      stride *= from[axis];
    }
    return Math.toIntExact(source);
  }
}
