package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The range of each dimension of each input in each profile. Immutable. */
final class ProfileSizes {
  /** The number that stands for the declared sizes where there are no profiles. */
  static final int NONE = -1;

  private static final String BIND =
      "Bind it with ShapeProfile.range(symbol, min, opt, max) or input(name, ranges): MIGraphX"
          + " compiles for the sizes it is given. MigraphxOptions.Builder.defaultRange() is for all"
          + " dimensions that no profile binds.";

  private final List<List<List<Range>>> profiles;

  private ProfileSizes(List<List<List<Range>>> profiles) {
    this.profiles = profiles;
  }

  /**
   * Lays profiles over inputs.
   *
   * @param standard the range of dimensions that no profile binds, if there is one
   * @throws InfercException if a dimension stays open
   */
  static ProfileSizes of(
      String model,
      List<TensorSpec> inputs,
      List<ShapeProfile> profiles,
      Optional<Range> standard) {
    List<List<List<Range>>> all = new ArrayList<>();
    List<ShapeProfile> laid =
        profiles.isEmpty() ? List.of(ShapeProfile.named("the model's own sizes")) : profiles;
    for (ShapeProfile profile : laid) {
      List<List<Range>> ranges = new ArrayList<>();
      for (TensorSpec input : inputs) {
        ranges.add(ranges(model, input, profile, standard));
      }
      all.add(List.copyOf(ranges));
    }
    return new ProfileSizes(List.copyOf(all));
  }

  /** Returns the ranges of an input; those of {@link #NONE} are its declared sizes. */
  List<Range> ranges(int profile, int input) {
    return profiles.get(Math.max(0, profile)).get(input);
  }

  private static List<Range> ranges(
      String model, TensorSpec input, ShapeProfile profile, Optional<Range> standard) {
    List<Range> direct = profile.inputs().get(input.name());
    if (input.shape().dimensions().isEmpty()) {
      if (direct == null) {
        throw refusal(model, input, profile, "its rank is open");
      }
      return direct;
    }
    List<Dimension> dimensions = input.shape().dimensions().get();
    if (direct != null && direct.size() != dimensions.size()) {
      throw refusal(
          model,
          input,
          profile,
          "it has " + dimensions.size() + " dimensions and " + direct.size() + " ranges");
    }
    List<Range> ranges = new ArrayList<>();
    for (int axis = 0; axis < dimensions.size(); axis++) {
      Dimension dimension = dimensions.get(axis);
      Optional<Range> own = direct == null ? Optional.empty() : Optional.of(direct.get(axis));
      Optional<Range> shared = dimension.symbol().flatMap(profile::range);
      Optional<Range> range =
          dimension.isFixed()
              ? Optional.of(Range.exactly(dimension.size().getAsLong()))
              : both(own, shared);
      if (own.isEmpty() && shared.isEmpty()) {
        range = range.or(() -> standard);
      }
      if (range.isEmpty()) {
        throw refusal(
            model, input, profile, "its dimension " + axis + " (" + dimension + ") is open");
      }
      ranges.add(range.get());
    }
    return List.copyOf(ranges);
  }

  /** What both allow; what only one says where there is no other. */
  private static Optional<Range> both(Optional<Range> own, Optional<Range> shared) {
    if (own.isEmpty() || shared.isEmpty()) {
      return own.or(() -> shared);
    }
    return own.get().and(shared.get());
  }

  /**
   * Refuses a request outside the ranges; core has only checked those that a profile binds.
   *
   * @param sizes the sizes of each input
   */
  void check(String model, List<TensorSpec> inputs, int profile, long[][] sizes) {
    for (int i = 0; i < sizes.length; i++) {
      List<Range> ranges = ranges(profile, i);
      for (int axis = 0; axis < ranges.size(); axis++) {
        if (!ranges.get(axis).contains(sizes[i][axis])) {
          throw new InfercException(
              Stage.RUN,
              "Tried to run the model "
                  + model
                  + " with the sizes "
                  + Arrays.toString(sizes[i])
                  + " of the input "
                  + inputs.get(i)
                  + ", but it was compiled for "
                  + ranges
                  + ".",
              "Ask for sizes within, or compile with a profile or a default range that holds them"
                  + " (MigraphxOptions.Builder.defaultRange).");
        }
      }
    }
  }

  private static InfercException refusal(
      String model, TensorSpec input, ShapeProfile profile, String found) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for MIGraphX with the shape profile '"
            + profile.name()
            + "', but of its input "
            + input
            + " it has to be said which sizes it takes: "
            + found
            + ".",
        BIND);
  }
}
