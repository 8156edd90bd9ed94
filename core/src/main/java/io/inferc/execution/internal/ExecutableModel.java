package io.inferc.execution.internal;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.ModelMemory;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.runtime.ValueSpec;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.Capabilities;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The {@link CompiledModel} over any back end's model.
 *
 * <p>Applications get one from the facade; this class is for code that talks to back ends directly,
 * such as reference runs.
 */
public final class ExecutableModel implements CompiledModel {
  private final ModelCore core;
  private volatile ModelFacts facts;
  private volatile CompilationReport report = CompilationReport.none();
  private final ModelLimits limits;
  private final Backend backend;
  private final Target.Choice choice;
  private final List<ShapeProfile> profiles;
  private final SessionPool pool;
  // Those of the caller are not closed.
  private final List<BufferPool> ownBuffers;
  private final AtomicBoolean closed = new AtomicBoolean();
  // Held by calls to the model itself, which close() waits for.
  private final ReentrantLock uses = new ReentrantLock();
  private final LeakWatch.Handle leak;

  private ExecutableModel(
      String name,
      ModelFacts facts,
      ModelLimits limits,
      BackendModel model,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ExecutionOptions options,
      BoundedClose closing) {
    this.facts = facts;
    this.limits = limits;
    this.backend = backend;
    this.choice = choice;
    this.profiles = List.copyOf(profiles);
    Capabilities capabilities = backend.capabilities(choice);
    MemoryKind bound = capabilities.bufferMemory();
    if (options.bufferPool().isPresent()) {
      ownBuffers = List.of();
    } else if (bound == MemoryKind.HOST) {
      ownBuffers = List.of(BufferPool.builder().build());
    } else {
      // Results that callers own may be many, and pinned memory is dear: only sessions have it.
      ownBuffers =
          List.of(
              BufferPool.builder().build(),
              BufferPool.builder().allocator(backend.allocator(bound, choice)).build());
    }
    List<BufferPool> used = options.bufferPool().map(List::of).orElse(ownBuffers);
    int sessions;
    try {
      core =
          new ModelCore(
              name, model, profiles, capabilities, used.get(0), used.get(used.size() - 1), closing);
      sessions = options.sessionsFor(model);
    } catch (RuntimeException e) {
      ownBuffers.forEach(BufferPool::close);
      throw e;
    }
    pool = new SessionPool(core, sessions);
    // Not this object: sessions and requests under way hold the core, and may outlive this.
    leak = LeakWatch.watch(core, "The compiled model " + name, core.freeing());
  }

  /**
   * Takes over a model that a back end has compiled or loaded; it is closed if this fails.
   *
   * @param name what messages and reports call the model
   * @param model the back end's model
   * @param backend the back end
   * @param choice the back end, device and options
   * @param profiles the shape profiles in order of preference
   * @param options how requests are served
   * @return the model, owned by the caller
   * @throws InfercException if a profile does not fit the model
   */
  public static ExecutableModel of(
      String name,
      BackendModel model,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ExecutionOptions options) {
    return of(
        name,
        ModelFacts.unknown(),
        ModelLimits.defaults(),
        model,
        backend,
        choice,
        profiles,
        options);
  }

  /**
   * Takes over a model that a back end has compiled or loaded, with what is known of how it was
   * made; it is closed if this fails.
   *
   * @param name what messages and reports call the model
   * @param facts what is known of it
   * @param limits what it was held to
   * @param model the back end's model
   * @param backend the back end
   * @param choice the back end, device and options
   * @param profiles the shape profiles in order of preference
   * @param options how requests are served
   * @return the model, owned by the caller
   * @throws InfercException if a profile does not fit the model
   */
  public static ExecutableModel of(
      String name,
      ModelFacts facts,
      ModelLimits limits,
      BackendModel model,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ExecutionOptions options) {
    return of(name, facts, limits, model, backend, choice, profiles, options, BoundedClose.DEFAULT);
  }

  static ExecutableModel of(
      String name,
      ModelFacts facts,
      ModelLimits limits,
      BackendModel model,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      ExecutionOptions options,
      BoundedClose closing) {
    try {
      return new ExecutableModel(
          name, facts, limits, model, backend, choice, profiles, options, closing);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Target.Choice target() {
    return choice;
  }

  @Override
  public String backendVersion() {
    return backend.version();
  }

  @Override
  public List<TensorSpec> inputs() {
    return core.signature().inputs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return core.signature().outputs();
  }

  @Override
  public List<ValueSpec> otherOutputs() {
    return core.model().otherOutputs();
  }

  @Override
  public List<ShapeProfile> profiles() {
    return profiles;
  }

  @Override
  public String precision() {
    return facts.precision();
  }

  /**
   * Adds what was found out when the model first ran.
   *
   * @param warning what a user should know, in whole sentences
   */
  public void warn(String warning) {
    Objects.requireNonNull(warning, "warning");
    facts = facts.with(warning);
  }

  /**
   * Sets what was tried and measured to make the model.
   *
   * @param made the report
   */
  public void report(CompilationReport made) {
    report = Objects.requireNonNull(made, "made");
  }

  @Override
  public CompilationReport report() {
    return report;
  }

  @Override
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>(facts.warnings());
    warnings.addAll(core.outputShapes().warnings());
    return List.copyOf(warnings);
  }

  @Override
  public OptionalLong weightBytes() {
    return facts.weightBytes();
  }

  @Override
  public ModelMemory memory() {
    return whileOpen(
        "ask for the memory of a model",
        model -> {
          long buffers =
              ownBuffers.stream()
                  .map(BufferPool::statistics)
                  .mapToLong(s -> s.bytesInUse() + s.bytesIdle())
                  .sum();
          return new ModelMemory(facts.weightBytes(), buffers, model.memoryBytes());
        });
  }

  @Override
  public List<KernelInfo> kernels() {
    return whileOpen("list the kernels of a model", BackendModel::kernels);
  }

  @Override
  public List<KernelInfo> kernels(Map<String, Tensor> request) {
    Objects.requireNonNull(request, "request");
    // A run checks the request as every run is checked.
    run(request).close();
    return whileOpen("measure the kernels of a model", model -> model.kernels(request));
  }

  /**
   * Returns how many requests of {@link #run} and {@link #runAsync} are served at once.
   *
   * @return the number of sessions, 1 or more
   */
  public int sessions() {
    return pool.size();
  }

  /**
   * Returns the pool that results come from, for its statistics; what sessions bind by themselves
   * comes from it, too, unless the back end wants other memory for that and the pool is the
   * model's.
   *
   * @return the pool
   */
  public BufferPool bufferPool() {
    return core.pool();
  }

  private void checkOpen(String asked) {
    if (closed.get()) {
      throw new ResourceClosedException(asked, "the model " + core.name());
    }
  }

  /**
   * Under the lock that close() waits for, and with the model kept from the collector meanwhile.
   */
  private <T> T whileOpen(String asked, Function<BackendModel, T> use) {
    uses.lock();
    try {
      checkOpen(asked);
      return use.apply(core.model());
    } finally {
      uses.unlock();
      Reference.reachabilityFence(core);
    }
  }

  @Override
  public InferenceSession newSession() {
    // So that no session can be opened behind the back of close().
    return whileOpen("open a session", model -> core.open());
  }

  @Override
  public Outputs run(Map<String, Tensor> inputs) {
    checkOpen("run a model");
    return pool.run(inputs);
  }

  @Override
  public CompletableFuture<Outputs> runAsync(Map<String, Tensor> inputs) {
    checkOpen("run a model");
    long[][] shapes = ModelCore.shapes(core.signature().arrange(inputs));
    core.profiles().symbols(shapes);
    core.profiles().select(shapes);
    return pool.runAsync(inputs);
  }

  @Override
  public void save(Path folder) {
    Objects.requireNonNull(folder, "folder");
    whileOpen(
        "save a model",
        model -> {
          write(folder, model);
          return folder;
        });
  }

  private void write(Path folder, BackendModel model) {
    if (!backend.capabilities(choice).savable()) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to save the model "
              + core.name()
              + ", but the back end "
              + choice
              + " cannot save compiled models.",
          "Compile it again where it is needed.");
    }
    new SavedModel(
            core.name(), facts, limits, backend.fingerprint(choice), choice.device(), profiles)
        .write(folder, model::save);
  }

  /** Returns name, target, precision, inputs and outputs, also after close. */
  @Override
  public String toString() {
    return name()
        + " on "
        + choice
        + " at "
        + precision()
        + (closed.get() ? " (closed): " : ": ")
        + core.signature();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      core.closing().close("The model " + core.name(), this::freeWithin, core::abortRuns);
    }
  }

  /** Frees all once nothing runs; false if something still does after that time. */
  private boolean freeWithin(long nanos) {
    long start = System.nanoTime();
    // Whoever gets this lock later finds the model closed.
    if (!BoundedClose.await(nanos, n -> uses.tryLock(n, TimeUnit.NANOSECONDS))) {
      return false;
    }
    uses.unlock();
    try {
      if (!pool.close(BoundedClose.left(nanos, start))
          || !core.closeSessions(BoundedClose.left(nanos, start))) {
        return false;
      }
      core.model().close();
      ownBuffers.forEach(BufferPool::close);
      leak.closedInOrder();
      return true;
    } finally {
      Reference.reachabilityFence(core);
    }
  }
}
