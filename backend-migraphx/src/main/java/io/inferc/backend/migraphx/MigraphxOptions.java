package io.inferc.backend.migraphx;

import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.Range;
import io.inferc.runtime.Target;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
  private final boolean asynchronous;
  private final Optional<Range> defaultRange;
  private final int programs;
  private final OptionalLong loopRounds;

  private MigraphxOptions(Builder b) {
    fastMath = b.fastMath;
    exhaustiveTuning = b.exhaustiveTuning;
    openDimensions = b.openDimensions;
    asynchronous = b.asynchronous;
    defaultRange = Optional.ofNullable(b.defaultRange);
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
   * sizes and at most 16 of them, and on a GPU runs for which MIGraphX copies inputs and outputs.
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
    if (asynchronous) {
      text.put("asynchronous", "true");
    }
    defaultRange.ifPresent(r -> text.put("default_range", r.toString()));
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
        "asynchronous", Boolean.toString(asynchronous),
        "default_range", defaultRange.map(Range::toString).orElse("none"),
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

  boolean asynchronous() {
    return asynchronous;
  }

  Optional<Range> defaultRange() {
    return defaultRange;
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
    private boolean asynchronous;
    private @Nullable Range defaultRange;
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
     * @throws IllegalArgumentException together with {@link #asynchronous}, for which memory of a
     *     known size is set aside
     */
    public Builder openDimensions(boolean open) {
      openDimensions = open;
      checkSizesKnown();
      return this;
    }

    /**
     * Gives each session a stream of its own on the GPU: it copies inputs to the device, starts the
     * run and copies outputs back without waiting in between. Sessions of one model, those that
     * serve {@link io.inferc.runtime.CompiledModel#runAsync} among them, then overlap their copies
     * with each other's computations. Without it, which is the default, MIGraphX copies by itself
     * (its option {@code offload_copy}) and waits in every run.
     *
     * <p>For the target {@code gpu} only; others refuse it when they compile.
     *
     * @param streams true for a stream for each session
     * @return this
     * @throws IllegalArgumentException together with {@link #openDimensions}
     */
    public Builder asynchronous(boolean streams) {
      asynchronous = streams;
      checkSizesKnown();
      return this;
    }

    private void checkSizesKnown() {
      if (openDimensions && asynchronous) {
        throw new IllegalArgumentException(
            "Tried to set both open dimensions and asynchronous runs, which set memory aside before"
                + " they start and have to know all sizes. Choose one of the two.");
      }
    }

    /**
     * Sets the sizes of dimensions that no shape profile binds, so that profiles need not name
     * each; without it a model with such a dimension is refused. Requests outside are refused.
     *
     * @param range the smallest size, 1 or more, the one to compile for, and the largest
     * @return this
     * @throws IllegalArgumentException if the smallest is 0, since MIGraphX has no empty tensors
     */
    public Builder defaultRange(Range range) {
      if (range.min() < 1) {
        throw new IllegalArgumentException(
            "Tried to set the default range " + range + "; MIGraphX takes sizes of 1 and more.");
      }
      defaultRange = range;
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
