package io.inferc.backend.openvino;

import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The options of the OpenVINO back end. What is not set is left to OpenVINO, but for the inference
 * precision: a model compiled at FP32 computes in FP32, also on processors for which OpenVINO would
 * choose bfloat16.
 *
 * <pre>{@code
 * OpenVinoOptions options = OpenVinoOptions.builder()
 *     .performanceHint(PerformanceHint.THROUGHPUT)
 *     .streams(2)
 *     .threads(4)
 *     .cacheDirectory(Path.of("/var/cache/models"))
 *     .build();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class OpenVinoOptions implements BackendOptions {
  /** What OpenVINO tunes a model for. */
  public enum PerformanceHint {
    /** The shortest time of one request; OpenVINO's own choice for one device. */
    LATENCY,
    /** The most requests in a time, several at once. */
    THROUGHPUT,
    /** The most requests in a time over all devices of {@code AUTO}. */
    CUMULATIVE_THROUGHPUT
  }

  /** The arithmetic that a device may choose for what the model says in FP32. */
  public enum InferencePrecision {
    /** IEEE 754 single precision. */
    FP32,
    /** IEEE 754 half precision. */
    FP16,
    /** bfloat16. */
    BF16
  }

  /** Which models a busy device serves first. */
  public enum ModelPriority {
    /** After others. */
    LOW,
    /** The default. */
    MEDIUM,
    /** Before others. */
    HIGH
  }

  static final String PRECISION_KEY = "INFERENCE_PRECISION_HINT";
  static final String HINT_KEY = "PERFORMANCE_HINT";
  static final String STREAMS_KEY = "NUM_STREAMS";
  static final String THREADS_KEY = "INFERENCE_NUM_THREADS";
  static final String PROFILING_KEY = "PERF_COUNT";

  // What has a method here, so that the two ways cannot contradict each other.
  private static final Map<String, String> OWN_METHODS =
      Map.of(
          HINT_KEY,
          "performanceHint(…)",
          "NUM_STREAMS",
          "streams(…)",
          "INFERENCE_NUM_THREADS",
          "threads(…)",
          "ENABLE_CPU_PINNING",
          "pinning(…)",
          PRECISION_KEY,
          "inferencePrecision(…)",
          "CACHE_DIR",
          "cacheDirectory(…)",
          "MODEL_PRIORITY",
          "modelPriority(…)",
          PROFILING_KEY,
          "profiling(…)");

  private final SortedMap<String, String> properties;
  private final boolean profiling;

  private OpenVinoOptions(SortedMap<String, String> properties) {
    this.properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
    profiling = properties.containsKey(PROFILING_KEY);
  }

  /**
   * Starts with everything left to OpenVINO.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns everything left to OpenVINO.
   *
   * @return the default options
   */
  public static OpenVinoOptions defaults() {
    return builder().build();
  }

  @Override
  public String backend() {
    return Target.OPENVINO;
  }

  /** Returns what was set, under OpenVINO's names. */
  @Override
  public SortedMap<String, String> describe() {
    return properties;
  }

  /**
   * Starts with what is set here.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.properties.putAll(properties);
    return copy;
  }

  boolean profiling() {
    return profiling;
  }

  Optional<String> inferencePrecision() {
    return Optional.ofNullable(properties.get(PRECISION_KEY));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OpenVinoOptions o && o.properties.equals(properties);
  }

  @Override
  public int hashCode() {
    return properties.hashCode();
  }

  /** Returns what was set. */
  @Override
  public String toString() {
    return properties.toString();
  }

  /** Builds {@link OpenVinoOptions}. */
  public static final class Builder {
    private final SortedMap<String, String> properties = new TreeMap<>();

    private Builder() {}

    /**
     * Sets what models are tuned for.
     *
     * @param hint the aim
     * @return this
     */
    public Builder performanceHint(PerformanceHint hint) {
      properties.put(HINT_KEY, Objects.requireNonNull(hint).toString());
      return this;
    }

    /**
     * Sets how many requests a device runs at once, each on its share of the threads. As many
     * sessions have to run at once to use them; the model's own pool has as many as OpenVINO calls
     * optimal, unless {@code Compiler.Builder.sessions(…)} says otherwise.
     *
     * @param count 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder streams(int count) {
      properties.put(STREAMS_KEY, atLeastOne("streams", count));
      return this;
    }

    /**
     * Sets the threads of the CPU for one model, shared by its streams. If neither is set, a
     * process whose container has a quota of fewer processors than the machine has cores gives a
     * model as many as that, 2 at least.
     *
     * <p>With one thread, or on one processor, OpenVINO 2026.4 damages its memory where it fails to
     * work out shapes during a run of open sizes, which on more threads only ends that run with an
     * exception: the process may end then, or at a later run. Take 2 or more threads on 2
     * processors or more, or fix the sizes by a profile.
     *
     * @param count 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder threads(int count) {
      properties.put(THREADS_KEY, atLeastOne("threads", count));
      return this;
    }

    private static String atLeastOne(String what, int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "Tried to set " + count + " " + what + "; it takes at least 1.");
      }
      return Integer.toString(count);
    }

    /**
     * Sets whether threads of the CPU keep to one core each.
     *
     * @param on true to keep them there
     * @return this
     */
    public Builder pinning(boolean on) {
      properties.put("ENABLE_CPU_PINNING", on ? "YES" : "NO");
      return this;
    }

    /**
     * Sets the arithmetic for what the model says in FP32, in place of what the compiler's
     * precision would ask for.
     *
     * @param precision one that the device has; others are refused when a model is compiled
     * @return this
     */
    public Builder inferencePrecision(InferencePrecision precision) {
      properties.put(
          PRECISION_KEY, precision.toString().toLowerCase(Locale.ROOT).replace("fp", "f"));
      return this;
    }

    /**
     * Keeps compiled models in a folder, so that compiling one again takes less time. The folder is
     * OpenVINO's, made if it is missing, and never emptied.
     *
     * @param folder the folder
     * @return this
     */
    public Builder cacheDirectory(Path folder) {
      properties.put("CACHE_DIR", folder.toString());
      return this;
    }

    /**
     * Sets which models a device serves first; for GPU, NPU and {@code AUTO}.
     *
     * @param priority the priority
     * @return this
     */
    public Builder modelPriority(ModelPriority priority) {
      properties.put("MODEL_PRIORITY", Objects.requireNonNull(priority).toString());
      return this;
    }

    /**
     * Measures each kernel of every run. {@link io.inferc.runtime.CompiledModel#kernels()} then
     * tells the mean times of the last run of each open session of the first profile, in
     * milliseconds, or those of a run on zeros if none has run. It costs a little on each run.
     *
     * @param on true to measure
     * @return this
     */
    public Builder profiling(boolean on) {
      if (on) {
        properties.put(PROFILING_KEY, "YES");
      } else {
        properties.remove(PROFILING_KEY);
      }
      return this;
    }

    /**
     * Sets a property of OpenVINO's that has no method here.
     *
     * @param key OpenVINO's own name, for example {@code "ENABLE_HYPER_THREADING"}
     * @param value its value as text
     * @return this
     * @throws IllegalArgumentException if there is a method for the key, it is empty, or it was set
     *     to another value before
     */
    public Builder property(String key, String value) {
      if (key.isBlank()) {
        throw new IllegalArgumentException("Tried to set a property without a name. Name it.");
      }
      if (OWN_METHODS.containsKey(key)) {
        throw new IllegalArgumentException(
            "Tried to set the property '"
                + key
                + "', which has a method of its own. Use "
                + OWN_METHODS.get(key)
                + ".");
      }
      String former = properties.get(key);
      if (former != null && !former.equals(value)) {
        throw new IllegalArgumentException(
            "Tried to set the property '"
                + key
                + "' to '"
                + value
                + "', but it is '"
                + former
                + "' already. Set it once.");
      }
      properties.put(key, value);
      return this;
    }

    /**
     * Finishes the options.
     *
     * @return the options
     */
    public OpenVinoOptions build() {
      return new OpenVinoOptions(properties);
    }
  }
}
