package io.inferc.backend.migraphx;

import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.Target;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the MIGraphX back end compiles and what it keeps.
 *
 * <pre>{@code
 * MigraphxOptions options = MigraphxOptions.builder()
 *     .exhaustiveTuning(true)
 *     .programs(4)
 *     .build();
 * }</pre>
 *
 * <p>Where the library is, no option says: it is looked for before there are any. The system
 * property {@code inferc.migraphx.library} names its file or folder.
 *
 * <p>Immutable.
 */
public final class MigraphxOptions implements BackendOptions {
  private static final int DEFAULT_PROGRAMS = 16;

  private final boolean fastMath;
  private final boolean exhaustiveTuning;
  private final boolean openDimensions;
  private final int programs;
  private final OptionalLong loopRounds;

  private MigraphxOptions(Builder b) {
    fastMath = b.fastMath;
    exhaustiveTuning = b.exhaustiveTuning;
    openDimensions = b.openDimensions;
    programs = b.programs;
    loopRounds = b.loopRounds == 0 ? OptionalLong.empty() : OptionalLong.of(b.loopRounds);
  }

  /**
   * Starts with the defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns exact mathematics, no tuning beyond MIGraphX's own, a program for each combination of
   * sizes and at most 16 of them.
   *
   * @return the default options
   */
  public static MigraphxOptions defaults() {
    return builder().build();
  }

  @Override
  public String backend() {
    return Target.MIGRAPHX;
  }

  @Override
  public SortedMap<String, String> describe() {
    SortedMap<String, String> text = new TreeMap<>();
    if (fastMath) {
      text.put("fast_math", "true");
    }
    if (exhaustiveTuning) {
      text.put("exhaustive_tuning", "true");
    }
    if (openDimensions) {
      text.put("open_dimensions", "true");
    }
    if (programs != DEFAULT_PROGRAMS) {
      text.put("programs", Integer.toString(programs));
    }
    loopRounds.ifPresent(n -> text.put("loop_rounds", Long.toString(n)));
    return text;
  }

  /** What a compiled program depends on; the rest may differ when it is loaded. */
  Map<String, String> decisive() {
    return Map.of(
        "fast_math", Boolean.toString(fastMath),
        "exhaustive_tuning", Boolean.toString(exhaustiveTuning),
        "open_dimensions", Boolean.toString(openDimensions),
        "loop_rounds", loopRounds.isPresent() ? Long.toString(loopRounds.getAsLong()) : "none");
  }

  boolean fastMath() {
    return fastMath;
  }

  boolean exhaustiveTuning() {
    return exhaustiveTuning;
  }

  boolean openDimensions() {
    return openDimensions;
  }

  int programs() {
    return programs;
  }

  OptionalLong loopRounds() {
    return loopRounds;
  }

  /** Builds {@link MigraphxOptions}. */
  public static final class Builder {
    // MIGraphX itself turns it on; then GELU, for one, is an approximation.
    private boolean fastMath;
    private boolean exhaustiveTuning;
    private boolean openDimensions;
    private int programs = DEFAULT_PROGRAMS;
    private long loopRounds;

    private Builder() {}

    /**
     * Lets MIGraphX replace functions by faster approximations on the GPU; by default off, other
     * than in MIGraphX itself.
     *
     * @param allowed true to approximate
     * @return this
     */
    public Builder fastMath(boolean allowed) {
      fastMath = allowed;
      return this;
    }

    /**
     * Times every kernel there is for each operator and takes the fastest: minutes to hours of
     * compiling for a GPU, without effect elsewhere.
     *
     * @param exhaustive true to try all
     * @return this
     */
    public Builder exhaustiveTuning(boolean exhaustive) {
      exhaustiveTuning = exhaustive;
      return this;
    }

    /**
     * Compiles one program for a whole profile, with its dimensions open, in place of one program
     * for each combination of sizes. MIGraphX has that for some operators only and calls it
     * experimental; a model it cannot read so is refused.
     *
     * @param open true for open dimensions
     * @return this
     */
    public Builder openDimensions(boolean open) {
      openDimensions = open;
      return this;
    }

    /**
     * Bounds how many programs a model keeps, each for one combination of input sizes. Where more
     * are asked for, the one that was not used for the longest time is dropped and compiled again
     * when needed. By default 16.
     *
     * @param most 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder programs(int most) {
      if (most < 1) {
        throw new IllegalArgumentException(
            "Tried to keep " + most + " compiled programs; it takes at least 1.");
      }
      programs = most;
      return this;
    }

    /**
     * Bounds the rounds of a Loop whose number only the data tells. MIGraphX stops such a loop
     * there without a word, so a model that has one is refused unless this is set.
     *
     * @param most 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder loopRounds(long most) {
      if (most < 1) {
        throw new IllegalArgumentException(
            "Tried to bound loops to " + most + " rounds; it takes at least 1.");
      }
      loopRounds = most;
      return this;
    }

    /**
     * Finishes the options.
     *
     * @return the options
     */
    public MigraphxOptions build() {
      return new MigraphxOptions(this);
    }
  }
}
