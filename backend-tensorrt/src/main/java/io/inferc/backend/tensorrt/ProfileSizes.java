package io.inferc.backend.tensorrt;

import io.inferc.backend.tensorrt.BuildPlan.Profile;
import io.inferc.backend.tensorrt.BuildPlan.Sizes;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns shape profiles into sizes for each input with an open dimension. */
final class ProfileSizes {
  private ProfileSizes() {}

  /**
   * Works out the sizes.
   *
   * @throws InfercException if a dimension is open and no range binds it, or a range does not fit
   */
  static List<Profile> of(String model, List<TensorSpec> inputs, List<ShapeProfile> profiles) {
    List<TensorSpec> open = inputs.stream().filter(i -> !i.shape().isFixed()).toList();
    if (!open.isEmpty() && profiles.isEmpty()) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to compile the model "
              + model
              + " for TensorRT without a shape profile, but the shape of its input "
              + open.get(0)
              + " is open.",
          "Say which sizes it will see, with Compiler.Builder.profile(ShapeProfile.named(…)"
              + ".range(…)).");
    }
    List<Profile> all = new ArrayList<>();
    for (ShapeProfile profile : profiles) {
      List<Sizes> sizes = new ArrayList<>();
      for (TensorSpec input : open) {
        sizes.add(sizes(input, profile));
      }
      all.add(new Profile(profile.name(), sizes));
    }
    return all;
  }

  private static Sizes sizes(TensorSpec input, ShapeProfile profile) {
    List<Range> direct = profile.inputs().getOrDefault(input.name(), List.of());
    List<Dimension> dimensions =
        input
            .shape()
            .dimensions()
            .orElseThrow(
                () ->
                    refusal(
                        input,
                        profile,
                        "has an unknown rank",
                        "Export the model with the rank of that input declared."));
    boolean bound = profile.inputs().containsKey(input.name());
    if (bound && direct.size() != dimensions.size()) {
      throw refusal(
          input,
          profile,
          "has " + dimensions.size() + " dimensions and " + direct.size() + " ranges",
          "Give one range for each dimension.");
    }
    List<Long> min = new ArrayList<>();
    List<Long> opt = new ArrayList<>();
    List<Long> max = new ArrayList<>();
    for (int axis = 0; axis < dimensions.size(); axis++) {
      Optional<Range> own = bound ? Optional.of(direct.get(axis)) : Optional.empty();
      Range range = range(input, axis, dimensions.get(axis), own, profile);
      min.add(range.min());
      opt.add(range.opt());
      max.add(range.max());
    }
    return new Sizes(input.name(), min, opt, max);
  }

  private static Range range(
      TensorSpec input, int axis, Dimension dimension, Optional<Range> own, ShapeProfile profile) {
    if (dimension.isFixed()) {
      return Range.exactly(dimension.size().getAsLong());
    }
    Optional<Range> shared = dimension.symbol().flatMap(profile::range);
    if (own.isEmpty() || shared.isEmpty()) {
      return own.or(() -> shared)
          .orElseThrow(
              () ->
                  refusal(
                      input,
                      profile,
                      "has the dimension " + axis + " (" + dimension + ") unbound",
                      "Bind it with range(…) or input(…): TensorRT needs a range for each."));
    }
    return own.get()
        .and(shared.get())
        .orElseThrow(
            () ->
                refusal(
                    input,
                    profile,
                    "has the dimension "
                        + axis
                        + " bound to "
                        + own.get()
                        + " and its symbol to "
                        + shared.get()
                        + ", which have no size in common",
                    "Make the two ranges overlap, or remove one."));
  }

  private static InfercException refusal(
      TensorSpec input, ShapeProfile profile, String found, String remedy) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to use the shape profile '"
            + profile.name()
            + "' with TensorRT, but the input "
            + input
            + " "
            + found
            + ".",
        remedy);
  }
}
