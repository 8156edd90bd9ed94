package io.inferc.shape.internal;

import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.ProfileException;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Decides which shape profile serves a request.
 *
 * <p>The rule: the first profile, in the order given, whose ranges contain every size of the
 * request. Without profiles every shape that the model declares is served, by profile {@link
 * #NO_PROFILE}.
 *
 * <p>Immutable and thread-safe.
 */
public final class ProfileSelector {
  /** The number returned where there are no profiles and any shape is served. */
  public static final int NO_PROFILE = -1;

  private final List<TensorSpec> inputs;
  private final List<ProfileRanges> profiles;

  private ProfileSelector(List<TensorSpec> inputs, List<ProfileRanges> profiles) {
    this.inputs = inputs;
    this.profiles = profiles;
  }

  /**
   * Lays profiles over the inputs of a model.
   *
   * @param inputs the model's inputs
   * @param profiles the profiles in order of preference; may be empty
   * @param rule which shapes the back end can serve
   * @return the selector
   * @throws ProfileException if a profile names a symbol or input the model lacks, contradicts a
   *     fixed size, or leaves a dimension open that the back end needs bound; or if two profiles
   *     share a name
   */
  public static ProfileSelector of(
      List<TensorSpec> inputs, List<ShapeProfile> profiles, DynamicShapes rule) {
    Set<String> names = new LinkedHashSet<>();
    List<ProfileRanges> laid = new ArrayList<>();
    for (ShapeProfile profile : profiles) {
      if (!names.add(profile.name())) {
        throw new ProfileException(
            "Two shape profiles are named '" + profile.name() + "'.",
            "Give each profile a name of its own: reports and messages tell them apart by it.");
      }
      checkNames(inputs, profile);
      laid.add(new ProfileRanges(profile, inputs));
    }
    if (rule != DynamicShapes.ANY) {
      checkEverythingBound(inputs, laid, rule);
    }
    return new ProfileSelector(List.copyOf(inputs), List.copyOf(laid));
  }

  private static void checkNames(List<TensorSpec> inputs, ShapeProfile profile) {
    Set<String> symbols = new LinkedHashSet<>();
    for (TensorSpec input : inputs) {
      for (Dimension d : input.shape().dimensions().orElse(List.of())) {
        d.symbol().ifPresent(symbols::add);
      }
    }
    for (String symbol : profile.symbols().keySet()) {
      if (!symbols.contains(symbol)) {
        throw new ProfileException(
            "Tried to bind the dimension '"
                + symbol
                + "' in profile '"
                + profile.name()
                + "', but "
                + (symbols.isEmpty()
                    ? "the model's inputs have no symbolic dimensions: "
                    : "the model's inputs have the symbols " + symbols + ": ")
                + inputs
                + ".",
            "Correct the name, or bind the input's dimensions directly with"
                + " input(name, Range...).");
      }
    }
    Set<String> names =
        inputs.stream().map(TensorSpec::name).collect(Collectors.toCollection(LinkedHashSet::new));
    for (String name : profile.inputs().keySet()) {
      if (!names.contains(name)) {
        throw new ProfileException(
            "Tried to bind the input '"
                + name
                + "' in profile '"
                + profile.name()
                + "', but the model's inputs are "
                + names
                + ".",
            "Correct the name.");
      }
    }
  }

  private static void checkEverythingBound(
      List<TensorSpec> inputs, List<ProfileRanges> profiles, DynamicShapes rule) {
    if (profiles.isEmpty() && !inputs.stream().allMatch(i -> i.shape().isFixed())) {
      throw new ProfileException(
          "The model has open dimensions (" + inputs + ") and no shape profile was given.",
          "Add .profile(ShapeProfile.named(\"…\").range(symbol, min, opt, max)) for each open"
              + " dimension: this back end compiles for the ranges it is given.");
    }
    for (ProfileRanges profile : profiles) {
      if (!profile.bindsEverything()) {
        throw new ProfileException(
            "Profile '"
                + profile.profile().name()
                + "' leaves dimensions open that this back end needs bound: "
                + profile.describe(inputs)
                + ".",
            "Bind every dimension shown as 'any'.");
      }
      if (rule == DynamicShapes.FIXED_ONLY) {
        checkSingleSizes(inputs, profile);
      }
    }
  }

  private static void checkSingleSizes(List<TensorSpec> inputs, ProfileRanges profile) {
    for (int i = 0; i < inputs.size(); i++) {
      if (!Arrays.equals(profile.sizes(i, Range::min), profile.sizes(i, Range::max))) {
        throw new ProfileException(
            "Profile '"
                + profile.profile().name()
                + "' gives ranges ("
                + profile.describe(inputs)
                + "), but this back end compiles for single sizes only.",
            "Give one profile for each combination of sizes, with fixed(symbol, size).");
      }
    }
  }

  /**
   * Chooses the profile for a request.
   *
   * @param shapes the sizes of each input, in the model's order
   * @return the number of the profile, or {@link #NO_PROFILE} if there are none
   * @throws ProfileException if there are profiles and none contains the request
   */
  public int select(long[][] shapes) {
    if (profiles.isEmpty()) {
      return NO_PROFILE;
    }
    for (int i = 0; i < profiles.size(); i++) {
      if (profiles.get(i).contains(shapes)) {
        return i;
      }
    }
    StringBuilder asked = new StringBuilder();
    for (int i = 0; i < shapes.length; i++) {
      asked.append(i == 0 ? "" : " ").append(inputs.get(i).name());
      asked.append(Arrays.toString(shapes[i]));
    }
    throw new ProfileException(
        "Tried to run with "
            + asked
            + ", but that lies outside every shape profile: "
            + profiles.stream().map(p -> p.describe(inputs)).collect(Collectors.joining("; "))
            + ".",
        profiles.stream()
            .flatMap(p -> p.nearest(shapes, inputs).stream())
            .findFirst()
            .orElse("Split or pad the request, or compile with a profile that contains it."));
  }

  /**
   * Returns the shape that a profile is tuned for.
   *
   * @param profile the profile's number, or {@link #NO_PROFILE}
   * @param input the input's number
   * @return the sizes, or empty if one is open
   */
  public Optional<long[]> optimalShape(int profile, int input) {
    return sizes(profile, input, Range::opt);
  }

  /**
   * Returns the largest shape of a profile.
   *
   * @param profile the profile's number, or {@link #NO_PROFILE}
   * @param input the input's number
   * @return the sizes, or empty if one is unbounded
   */
  public Optional<long[]> largestShape(int profile, int input) {
    return sizes(profile, input, Range::max);
  }

  private Optional<long[]> sizes(int profile, int input, ToLongFunction<Range> which) {
    if (profile == NO_PROFILE) {
      TensorSpec spec = inputs.get(input);
      return spec.shape().isFixed() ? Optional.of(spec.shape().fixedSizes()) : Optional.empty();
    }
    return Optional.ofNullable(profiles.get(profile).sizes(input, which));
  }

  /**
   * Works out the sizes of symbols from the shapes of all inputs.
   *
   * @param shapes the sizes of each input, in the model's order, of the declared rank
   * @return size by symbol
   * @throws IllegalArgumentException if two dimensions of one symbol differ
   */
  public Map<String, Long> symbols(long[][] shapes) {
    Map<String, Long> sizes = new HashMap<>();
    Map<String, String> from = new HashMap<>();
    for (int i = 0; i < shapes.length; i++) {
      List<Dimension> dimensions = inputs.get(i).shape().dimensions().orElse(List.of());
      for (int axis = 0; axis < dimensions.size(); axis++) {
        Optional<String> symbol = dimensions.get(axis).symbol();
        if (symbol.isEmpty()) {
          continue;
        }
        String here = inputs.get(i).name() + Arrays.toString(shapes[i]);
        Long former = sizes.putIfAbsent(symbol.get(), shapes[i][axis]);
        if (former != null && former != shapes[i][axis]) {
          throw new IllegalArgumentException(
              "Tried to run with "
                  + from.get(symbol.get())
                  + " and "
                  + here
                  + ", but both declare the dimension '"
                  + symbol.get()
                  + "', which cannot be "
                  + former
                  + " and "
                  + shapes[i][axis]
                  + " at once. Give both inputs the same size there.");
        }
        from.putIfAbsent(symbol.get(), here);
      }
    }
    return sizes;
  }

  /**
   * Works out an output's shape from the sizes of symbols.
   *
   * @param output the output's declaration
   * @param symbols size by symbol, as from {@link #symbols}
   * @return the sizes, or empty if they are known only after the run
   */
  public static Optional<long[]> outputShape(TensorSpec output, Map<String, Long> symbols) {
    if (output.shape().dimensions().isEmpty()) {
      return Optional.empty();
    }
    List<Dimension> dimensions = output.shape().dimensions().get();
    long[] sizes = new long[dimensions.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      Dimension d = dimensions.get(axis);
      Long size =
          d.isFixed() ? (Long) d.size().getAsLong() : d.symbol().map(symbols::get).orElse(null);
      if (size == null) {
        return Optional.empty();
      }
      sizes[axis] = size;
    }
    return Optional.of(sizes);
  }
}
