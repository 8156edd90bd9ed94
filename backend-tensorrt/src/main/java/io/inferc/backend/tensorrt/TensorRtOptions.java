package io.inferc.backend.tensorrt;

import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What can be set of TensorRT. Precision is no option: the model itself says it, but for TF32.
 *
 * <p>Immutable.
 *
 * <pre>{@code
 * TensorRtOptions options = TensorRtOptions.builder()
 *     .builderLevel(3)
 *     .workspaceBytes(4L << 30)
 *     .timingCache(Path.of("timing.cache"))
 *     .build();
 * }</pre>
 */
public final class TensorRtOptions implements BackendOptions {
  static final int DEFAULT_LEVEL = 3;

  private final boolean tf32;
  private final int builderLevel;
  private final OptionalLong workspaceBytes;
  private final Optional<Path> timingCache;
  private final boolean isolatedBuild;
  private final int cudaGraphs;
  private final HardwareCompatibility hardwareCompatibility;
  private final boolean versionCompatible;
  private final boolean layerDetails;

  private TensorRtOptions(Builder b) {
    tf32 = b.tf32;
    builderLevel = b.builderLevel;
    workspaceBytes =
        b.workspaceBytes == 0 ? OptionalLong.empty() : OptionalLong.of(b.workspaceBytes);
    timingCache = Optional.ofNullable(b.timingCache);
    isolatedBuild = b.isolatedBuild;
    cudaGraphs = b.cudaGraphs;
    hardwareCompatibility = b.hardwareCompatibility;
    versionCompatible = b.versionCompatible;
    layerDetails = b.layerDetails;
  }

  /**
   * Starts with the defaults: TF32 off, level 3, builds in a process of their own, no CUDA graphs.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the defaults.
   *
   * @return options with nothing set
   */
  public static TensorRtOptions defaults() {
    return builder().build();
  }

  /**
   * Starts with what is set here.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.tf32 = tf32;
    copy.builderLevel = builderLevel;
    copy.workspaceBytes = workspaceBytes.orElse(0);
    copy.timingCache = timingCache.orElse(null);
    copy.isolatedBuild = isolatedBuild;
    copy.cudaGraphs = cudaGraphs;
    copy.hardwareCompatibility = hardwareCompatibility;
    copy.versionCompatible = versionCompatible;
    copy.layerDetails = layerDetails;
    return copy;
  }

  @Override
  public String backend() {
    return Target.TENSORRT;
  }

  @Override
  public SortedMap<String, String> describe() {
    SortedMap<String, String> text = new TreeMap<>();
    if (tf32) {
      text.put("tf32", "true");
    }
    if (builderLevel != DEFAULT_LEVEL) {
      text.put("builder_level", Integer.toString(builderLevel));
    }
    workspaceBytes.ifPresent(bytes -> text.put("workspace_bytes", Long.toString(bytes)));
    timingCache.ifPresent(file -> text.put("timing_cache", file.toString()));
    if (!isolatedBuild) {
      text.put("isolated_build", "false");
    }
    if (cudaGraphs > 0) {
      text.put("cuda_graphs", Integer.toString(cudaGraphs));
    }
    if (hardwareCompatibility != HardwareCompatibility.NONE) {
      text.put("hardware_compatibility", hardwareCompatibility.toString());
    }
    if (versionCompatible) {
      text.put("version_compatible", "true");
    }
    if (!layerDetails) {
      text.put("layer_details", "false");
    }
    return text;
  }

  boolean tf32() {
    return tf32;
  }

  int builderLevel() {
    return builderLevel;
  }

  OptionalLong workspaceBytes() {
    return workspaceBytes;
  }

  Optional<Path> timingCache() {
    return timingCache;
  }

  boolean isolatedBuild() {
    return isolatedBuild;
  }

  int cudaGraphs() {
    return cudaGraphs;
  }

  HardwareCompatibility hardwareCompatibility() {
    return hardwareCompatibility;
  }

  boolean versionCompatible() {
    return versionCompatible;
  }

  boolean layerDetails() {
    return layerDetails;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TensorRtOptions o && o.describe().equals(describe());
  }

  @Override
  public int hashCode() {
    return describe().hashCode();
  }

  /** Returns what differs from the defaults. */
  @Override
  public String toString() {
    return describe().toString();
  }

  /** Builds {@link TensorRtOptions}. */
  public static final class Builder {
    private static final int MOST_GRAPHS = 1024;

    private boolean tf32;
    private int builderLevel = DEFAULT_LEVEL;
    private long workspaceBytes;
    private @Nullable Path timingCache;
    private boolean isolatedBuild = true;
    private int cudaGraphs;
    private HardwareCompatibility hardwareCompatibility = HardwareCompatibility.NONE;
    private boolean versionCompatible;
    private boolean layerDetails = true;

    private Builder() {}

    /**
     * Lets matrix products and convolutions of FLOAT32 tensors round their factors to 10 bits of
     * mantissa. Asking for the precision TF32 does the same.
     *
     * @param on true to allow it; off by default, unlike in TensorRT itself
     * @return this
     */
    public Builder tf32(boolean on) {
      tf32 = on;
      return this;
    }

    /**
     * Sets how much time the build spends on the search for kernels.
     *
     * @param level 0 (fastest build) to 5 (fastest engine); 3 by default
     * @return this
     * @throws IllegalArgumentException if it is outside
     */
    public Builder builderLevel(int level) {
      if (level < 0 || level > 5) {
        throw new IllegalArgumentException(
            "Tried to set the builder level to " + level + "; it takes 0 to 5.");
      }
      builderLevel = level;
      return this;
    }

    /**
     * Limits the device memory that a layer may use for intermediate results.
     *
     * @param bytes the limit, 1 or more; by default all the memory of the device
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder workspaceBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "Tried to limit the workspace to " + bytes + " bytes; it takes at least 1.");
      }
      workspaceBytes = bytes;
      return this;
    }

    /**
     * Keeps measured kernel times in a file, so that later builds on the same kind of GPU with the
     * same TensorRT need not measure again. The file may be shared by builds that run at the same
     * time; one that does not fit or is damaged is replaced.
     *
     * @param file where; made if it is not there
     * @return this
     */
    public Builder timingCache(Path file) {
      timingCache = Objects.requireNonNull(file);
      return this;
    }

    /**
     * Sets whether engines are built in a JVM of their own. That JVM is killed on cancel, and what
     * TensorRT does to it stays away from the application; it takes about a second more.
     *
     * @param on true (the default) for a JVM of its own, false for the application's own process,
     *     where a build under way cannot be stopped and an application that ends meanwhile ends in
     *     native code
     * @return this
     */
    public Builder isolatedBuild(boolean on) {
      isolatedBuild = on;
      return this;
    }

    /**
     * Records each session's work as CUDA graphs, one for each combination of shapes, which starts
     * small models faster. A combination is recorded when it is run a second time.
     *
     * @param shapes how many graphs a session keeps, the least recently used going first; 0, the
     *     default, for none
     * @return this
     * @throws IllegalArgumentException if it is not from 0 to 1,024
     */
    public Builder cudaGraphs(int shapes) {
      if (shapes < 0 || shapes > MOST_GRAPHS) {
        throw new IllegalArgumentException(
            "Tried to keep " + shapes + " CUDA graphs; it takes 0 to " + MOST_GRAPHS + ".");
      }
      cudaGraphs = shapes;
      return this;
    }

    /**
     * Sets on which other GPUs the engine shall run.
     *
     * @param level the level
     * @return this
     */
    public Builder hardwareCompatibility(HardwareCompatibility level) {
      hardwareCompatibility = Objects.requireNonNull(level);
      return this;
    }

    /**
     * Sets whether later versions of TensorRT with the same major number may load the engine. Such
     * an engine carries code of its own, which is run when it is loaded: load only what you trust.
     *
     * @param on true to allow them; off by default
     * @return this
     */
    public Builder versionCompatible(boolean on) {
      versionCompatible = on;
      return this;
    }

    /**
     * Sets whether the engine keeps what each layer was made of and computes in, for the report of
     * what fused. It costs a little space and no time.
     *
     * @param on true (the default) to keep it; false for layer names alone
     * @return this
     */
    public Builder layerDetails(boolean on) {
      layerDetails = on;
      return this;
    }

    /**
     * Finishes the options.
     *
     * @return the options
     */
    public TensorRtOptions build() {
      return new TensorRtOptions(this);
    }
  }
}
