package io.inferc.shape.internal;

import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.ProfileException;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One profile laid over a model's inputs: the range of each dimension of each input. */
final class ProfileRanges {
  private final ShapeProfile profile;
  // A null list is an input of unknown rank, a null range a dimension that may have any size.
  private final List<@Nullable List<@Nullable Range>> inputs = new ArrayList<>();

  ProfileRanges(ShapeProfile profile, List<TensorSpec> specs) {
    this.profile = profile;
    for (TensorSpec spec : specs) {
      inputs.add(ranges(spec));
    }
  }

  ShapeProfile profile() {
    return profile;
  }

  private @Nullable List<@Nullable Range> ranges(TensorSpec spec) {
    List<Range> direct = profile.inputs().get(spec.name());
    if (spec.shape().dimensions().isEmpty()) {
      return direct == null ? null : new ArrayList<>(direct);
    }
    List<Dimension> dimensions = spec.shape().dimensions().get();
    if (direct != null && direct.size() != dimensions.size()) {
      throw new ProfileException(
          "Tried to bind the input '"
              + spec.name()
              + "' of profile '"
              + profile.name()
              + "' to "
              + direct.size()
              + " ranges, but the model declares "
              + spec
              + ", which has "
              + dimensions.size()
              + " dimensions.",
          "Give one range for each dimension.");
    }
    List<@Nullable Range> ranges = new ArrayList<>();
    for (int axis = 0; axis < dimensions.size(); axis++) {
      ranges.add(range(spec, axis, dimensions.get(axis), direct == null ? null : direct.get(axis)));
    }
    return ranges;
  }

  private @Nullable Range range(
      TensorSpec spec, int axis, Dimension dimension, @Nullable Range direct) {
    if (dimension.isFixed()) {
      long size = dimension.size().getAsLong();
      if (direct != null && !direct.equals(Range.exactly(size))) {
        throw new ProfileException(
            "Tried to bind dimension "
                + axis
                + " of the input '"
                + spec.name()
                + "' to "
                + direct
                + " in profile '"
                + profile.name()
                + "', but the model fixes it at "
                + size
                + " ("
                + spec
                + ").",
            "Use Range.exactly(" + size + ") there, or export the model with an open dimension.");
      }
      return Range.exactly(size);
    }
    Range bySymbol = dimension.symbol().flatMap(profile::range).orElse(null);
    if (direct == null || bySymbol == null) {
      return direct == null ? bySymbol : direct;
    }
    Optional<Range> common = direct.and(bySymbol);
    if (common.isEmpty()) {
      throw new ProfileException(
          "Profile '"
              + profile.name()
              + "' binds dimension "
              + axis
              + " of the input '"
              + spec.name()
              + "' to "
              + direct
              + " and its symbol '"
              + dimension
              + "' to "
              + bySymbol
              + ", which have no size in common.",
          "Make the two ranges overlap, or remove one.");
    }
    return common.get();
  }

  /** Returns the sizes that a dimension may have; empty for any. */
  Optional<Range> range(int input, int axis) {
    List<@Nullable Range> ranges = inputs.get(input);
    return ranges == null ? Optional.empty() : Optional.ofNullable(ranges.get(axis));
  }

  boolean bindsEverything() {
    return inputs.stream().allMatch(r -> r != null && !r.contains(null));
  }

  boolean contains(long[][] shapes) {
    for (int i = 0; i < shapes.length; i++) {
      List<@Nullable Range> ranges = inputs.get(i);
      if (ranges == null) {
        continue;
      }
      if (ranges.size() != shapes[i].length) {
        return false;
      }
      for (int axis = 0; axis < shapes[i].length; axis++) {
        Range range = ranges.get(axis);
        if (range != null && !range.contains(shapes[i][axis])) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Says which sizes are near, where a request is within all bounds and only no multiple of a step.
   */
  Optional<String> nearest(long[][] shapes, List<TensorSpec> specs) {
    List<String> near = new ArrayList<>();
    for (int i = 0; i < shapes.length; i++) {
      List<@Nullable Range> ranges = inputs.get(i);
      if (ranges != null && ranges.size() != shapes[i].length) {
        return Optional.empty();
      }
      for (int axis = 0; ranges != null && axis < shapes[i].length; axis++) {
        Range range = ranges.get(axis);
        long size = shapes[i][axis];
        if (range == null || range.contains(size)) {
          continue;
        }
        if (size < range.min() || size > range.max()) {
          return Optional.empty();
        }
        long below = size - size % range.step();
        near.add(
            String.format(
                Locale.ROOT,
                "dimension %d of '%s' to %d or %d, the multiples of %d next to %d",
                axis,
                specs.get(i).name(),
                below,
                below + range.step(),
                range.step(),
                size));
      }
    }
    return Optional.of("Pad or cut " + String.join(" and ", near) + ".");
  }

  /** Returns one size of each range, or null if a dimension has none. */
  long @Nullable [] sizes(int input, ToLongFunction<Range> which) {
    List<@Nullable Range> ranges = inputs.get(input);
    if (ranges == null) {
      return null;
    }
    long[] sizes = new long[ranges.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      Range range = ranges.get(axis);
      if (range == null) {
        return null;
      }
      sizes[axis] = which.applyAsLong(range);
    }
    return sizes;
  }

  /** Returns text such as {@code online: input_ids[1..32 (opt 8), 8..512 (opt 128)]}. */
  String describe(List<TensorSpec> specs) {
    StringBuilder text = new StringBuilder(profile.name()).append(":");
    for (int i = 0; i < specs.size(); i++) {
      text.append(' ').append(specs.get(i).name()).append('[');
      List<@Nullable Range> ranges = inputs.get(i);
      if (ranges == null) {
        text.append("any rank");
      } else {
        for (int axis = 0; axis < ranges.size(); axis++) {
          Range range = ranges.get(axis);
          text.append(axis == 0 ? "" : ", ").append(range == null ? "any" : range.toString());
        }
      }
      text.append(']');
    }
    return text.toString();
  }
}
