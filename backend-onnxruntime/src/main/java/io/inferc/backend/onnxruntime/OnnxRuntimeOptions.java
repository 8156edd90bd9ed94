package io.inferc.backend.onnxruntime;

import io.inferc.runtime.BackendOptions;
import io.inferc.runtime.Target;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The options of the ONNX Runtime back end. What is not set is left to ONNX Runtime, but for the
 * threads of a process that may not use the whole machine: {@link Builder#intraOpThreads}.
 *
 * <pre>{@code
 * OnnxRuntimeOptions options = OnnxRuntimeOptions.builder()
 *     .optimization(Optimization.ALL)
 *     .intraOpThreads(4)
 *     .spinning(false)
 *     .build();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class OnnxRuntimeOptions implements BackendOptions {
  /** How far ONNX Runtime rewrites the graph. */
  public enum Optimization {
    /** Not at all. */
    NONE,
    /** Removes what is redundant; valid on every machine. */
    BASIC,
    /** Fuses nodes for the providers in use. */
    EXTENDED,
    /** Changes memory layouts too; the default. */
    ALL
  }

  // What has a method here, so that the two ways cannot contradict each other.
  private static final Map<String, String> OWN_METHODS =
      Map.of(
          SessionThreads.INTRA_OP_SPINNING,
          "spinning(…)",
          SessionThreads.INTER_OP_SPINNING,
          "spinning(…)",
          "optimization.disable_specified_optimizers",
          "disabledOptimizers(…)",
          "session.optimized_model_external_initializers_file_name",
          "CompiledModel.save(…)");

  private final Optional<Optimization> optimization;
  private final SessionThreads threads;
  private final Optional<Boolean> memoryPattern;
  private final Optional<Boolean> cpuArena;
  private final boolean shrinkArenaAfterRun;
  private final Set<String> disabledOptimizers;
  private final Map<String, String> sessionConfig;
  private final List<ExecutionProvider> providers;

  private OnnxRuntimeOptions(Builder b) {
    optimization = Optional.ofNullable(b.optimization);
    threads = b.threads.build();
    memoryPattern = Optional.ofNullable(b.memoryPattern);
    cpuArena = Optional.ofNullable(b.cpuArena);
    shrinkArenaAfterRun = b.shrinkArenaAfterRun;
    disabledOptimizers = Set.copyOf(b.disabledOptimizers);
    sessionConfig = Map.copyOf(b.sessionConfig);
    providers = List.copyOf(b.providers);
  }

  /**
   * Starts with everything left to ONNX Runtime.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns everything left to ONNX Runtime.
   *
   * @return the default options
   */
  public static OnnxRuntimeOptions defaults() {
    return builder().build();
  }

  @Override
  public String backend() {
    return Target.ONNX_RUNTIME;
  }

  @Override
  public SortedMap<String, String> describe() {
    SortedMap<String, String> text = new TreeMap<>();
    optimization.ifPresent(o -> text.put("optimization", o.toString()));
    threads.describe(text);
    memoryPattern.ifPresent(m -> text.put("memory_pattern", m.toString()));
    cpuArena.ifPresent(a -> text.put("cpu_arena", a.toString()));
    if (shrinkArenaAfterRun) {
      text.put("shrink_arena_after_run", "true");
    }
    if (!disabledOptimizers.isEmpty()) {
      text.put(
          "disabled_optimizers", String.join(";", disabledOptimizers.stream().sorted().toList()));
    }
    sessionConfig.forEach((k, v) -> text.put("config." + k, v));
    for (int i = 0; i < providers.size(); i++) {
      ExecutionProvider provider = providers.get(i);
      text.put(
          "provider." + i,
          provider.name()
              + provider.options()
              + provider.library().map(l -> " from " + l).orElse(""));
    }
    return text;
  }

  /**
   * Starts with what is set here.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder copy = new Builder();
    copy.optimization = optimization.orElse(null);
    copy.threads.copy(threads);
    copy.memoryPattern = memoryPattern.orElse(null);
    copy.cpuArena = cpuArena.orElse(null);
    copy.shrinkArenaAfterRun = shrinkArenaAfterRun;
    copy.disabledOptimizers.addAll(disabledOptimizers);
    copy.sessionConfig.putAll(sessionConfig);
    copy.providers.addAll(providers);
    return copy;
  }

  Optional<Optimization> optimization() {
    return optimization;
  }

  SessionThreads threads() {
    return threads;
  }

  Optional<Boolean> memoryPattern() {
    return memoryPattern;
  }

  Optional<Boolean> cpuArena() {
    return cpuArena;
  }

  boolean shrinkArenaAfterRun() {
    return shrinkArenaAfterRun;
  }

  Set<String> disabledOptimizers() {
    return disabledOptimizers;
  }

  Map<String, String> sessionConfig() {
    return sessionConfig;
  }

  List<ExecutionProvider> providers() {
    return providers;
  }

  OnnxRuntimeOptions with(List<ExecutionProvider> others) {
    Builder copy = toBuilder();
    copy.providers.clear();
    copy.providers.addAll(others);
    return copy.build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OnnxRuntimeOptions o && o.describe().equals(describe());
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

  /** Builds {@link OnnxRuntimeOptions}. */
  public static final class Builder {
    private @Nullable Optimization optimization;
    private final SessionThreads.Builder threads = SessionThreads.builder();
    private @Nullable Boolean memoryPattern;
    private @Nullable Boolean cpuArena;
    private boolean shrinkArenaAfterRun;
    private final Set<String> disabledOptimizers = new LinkedHashSet<>();
    private final Map<String, String> sessionConfig = new TreeMap<>();
    private final List<ExecutionProvider> providers = new ArrayList<>();

    private Builder() {}

    /**
     * Sets how far the graph is rewritten.
     *
     * @param level the level
     * @return this
     */
    public Builder optimization(Optimization level) {
      Objects.requireNonNull(level, "level");
      optimization = level;
      return this;
    }

    /**
     * Sets the threads inside an operator. If they are not set, a process that may use fewer
     * processors than the machine has cores, being bound to them or by a quota of its container,
     * gives a model as many threads; ONNX Runtime alone would make one for each core.
     *
     * @param count 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less, or a shared pool was chosen
     */
    public Builder intraOpThreads(int count) {
      threads.intraOp(count);
      return this;
    }

    /**
     * Sets the threads between operators, which {@link #parallel} needs; if they are not set, as
     * many as {@link #intraOpThreads} says of those inside.
     *
     * @param count 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less, or a shared pool was chosen
     */
    public Builder interOpThreads(int count) {
      threads.interOp(count);
      return this;
    }

    /**
     * Sets whether idle threads spin for a while, which lowers latency and burns CPU time. By
     * default, threads spin during a run, and stop when it ends. With {@link #sharedThreadPool} it
     * says so of the shared pool.
     *
     * @param on true to spin
     * @return this
     */
    public Builder spinning(boolean on) {
      threads.spinning(on);
      return this;
    }

    /**
     * Runs independent branches of the graph at the same time.
     *
     * @param on true for parallel, false for one operator at a time (the default)
     * @return this
     */
    public Builder parallel(boolean on) {
      threads.parallel(on);
      return this;
    }

    /**
     * Sets whether the memory of a run is planned from the run before, for the same shapes.
     *
     * @param on true to plan
     * @return this
     */
    public Builder memoryPattern(boolean on) {
      memoryPattern = on;
      return this;
    }

    /**
     * Sets whether memory is kept in an arena between runs. Off, each run allocates and frees:
     * slower, and smaller.
     *
     * @param on true to keep it
     * @return this
     * @throws IllegalArgumentException if it is switched off while shrinking is on
     */
    public Builder cpuArena(boolean on) {
      if (!on && shrinkArenaAfterRun) {
        throw arenaConflict();
      }
      cpuArena = on;
      return this;
    }

    /**
     * Gives the arena's free memory back to the system after each run.
     *
     * @param on true to give it back
     * @return this
     * @throws IllegalArgumentException if the arena is switched off
     */
    public Builder shrinkArenaAfterRun(boolean on) {
      if (on && Boolean.FALSE.equals(cpuArena)) {
        throw arenaConflict();
      }
      shrinkArenaAfterRun = on;
      return this;
    }

    private static IllegalArgumentException arenaConflict() {
      return new IllegalArgumentException(
          "Tried to shrink the arena after each run and to have no arena. Choose one.");
    }

    /**
     * Shares one thread pool with every model of the process that asks for the same. ONNX Runtime
     * has one such pool, made with its environment: if the application already made the environment
     * without it, or a model with other sizes or spinning, compiling is refused.
     *
     * @param intraOp threads inside an operator, 1 or more
     * @param interOp threads between operators, 1 or more
     * @return this
     * @throws IllegalArgumentException if a number is less, or threads of the model's own were set
     */
    public Builder sharedThreadPool(int intraOp, int interOp) {
      threads.sharedPool(intraOp, interOp);
      return this;
    }

    /**
     * Switches graph optimizers off by name.
     *
     * @param names ONNX Runtime's names, for example {@code "MatMulAddFusion"}
     * @return this
     * @throws IllegalArgumentException if a name is empty or holds a semicolon
     */
    public Builder disabledOptimizers(String... names) {
      Objects.requireNonNull(names, "names");
      for (String name : names) {
        if (name.isBlank() || name.contains(";")) {
          throw new IllegalArgumentException(
              "Tried to switch off the optimizer '"
                  + name
                  + "'; give one name each, such as \"MatMulAddFusion\".");
        }
      }
      disabledOptimizers.addAll(List.of(names));
      return this;
    }

    /**
     * Sets an entry of ONNX Runtime's session configuration that has no method here.
     *
     * @param key for example {@code "session.set_denormal_as_zero"}
     * @param value its value
     * @return this
     * @throws IllegalArgumentException if there is a method for the key, or it was set to another
     *     value before
     */
    public Builder sessionConfig(String key, String value) {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(value, "value");
      if (OWN_METHODS.containsKey(key)) {
        throw new IllegalArgumentException(
            "Tried to set the session configuration entry '"
                + key
                + "', which has a method of its own. Use "
                + OWN_METHODS.get(key)
                + ".");
      }
      String former = sessionConfig.get(key);
      if (former != null && !former.equals(value)) {
        throw new IllegalArgumentException(
            "Tried to set the session configuration entry '"
                + key
                + "' to '"
                + value
                + "', but it is '"
                + former
                + "' already. Set it once.");
      }
      sessionConfig.put(key, value);
      return this;
    }

    /**
     * Adds an execution provider. Nodes go to the first that takes them, and to the CPU at last.
     *
     * @param provider the provider
     * @return this
     * @throws IllegalArgumentException if one of that name was added before
     */
    public Builder provider(ExecutionProvider provider) {
      Objects.requireNonNull(provider, "provider");
      if (providers.stream().anyMatch(p -> p.name().equals(provider.name()))) {
        throw new IllegalArgumentException(
            "Tried to add the execution provider '"
                + provider.name()
                + "' a second time. Put all its options into one.");
      }
      providers.add(provider);
      return this;
    }

    /**
     * Finishes the options.
     *
     * @return the options
     * @throws IllegalArgumentException if settings contradict each other
     */
    public OnnxRuntimeOptions build() {
      return new OnnxRuntimeOptions(this);
    }
  }
}
