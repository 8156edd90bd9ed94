package io.inferc.execution.internal;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.OutputValues;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Value;
import io.inferc.runtime.ValueSpec;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CallbackSession;
import io.inferc.spi.OutputShapeException;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A session over a back end's: checks on every change of shape, nothing but the run otherwise. */
public final class ModelSession implements InferenceSession {
  private final ModelCore core;
  private final ThreadGuard guard;
  private final SessionState state;
  private final LeakWatch.Handle leak;
  // What each input is read from and each output written to; null where nothing is bound yet.
  private final @Nullable Tensor[] boundInputs;
  private final @Nullable Tensor[] boundOutputs;
  private final boolean[] outputIsCallers;
  // Outputs of unknown size, copied out after each run and closed at the next.
  private final @Nullable Tensor[] takenOutputs;
  private @Nullable BackendSession active;
  private boolean shapesChanged = true;
  // The shapes are as they were, but not all outputs are bound.
  private boolean bindsAnew;
  private boolean hasRun;
  private @Nullable DetachedRun underWay;
  private boolean calledBack;
  private final InterruptibleRun interruptible = new InterruptibleRun();
  private volatile boolean aborted;

  ModelSession(ModelCore core) {
    this.core = core;
    guard = new ThreadGuard("the session of model " + core.name() + " (or the model itself)");
    state = core.newSessionState();
    boundInputs = new Tensor[core.signature().inputs().size()];
    boundOutputs = new Tensor[core.signature().outputs().size()];
    outputIsCallers = new boolean[boundOutputs.length];
    takenOutputs = new Tensor[boundOutputs.length];
    leak = LeakWatch.watch(this, "A session of model " + core.name(), state);
  }

  @Override
  public Tensor input(String name) {
    guard.enter("read an input of a session");
    try {
      int index = core.signature().input(name);
      Tensor bound = boundInputs[index];
      if (bound != null && !bound.isClosed()) {
        return bound;
      }
      TensorSpec spec = core.signature().inputs().get(index);
      long[] shape = core.defaultShape(index).orElseThrow(() -> openShape(spec));
      return bindOwnInput(index, spec, shape);
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  private static InfercException openShape(TensorSpec spec) {
    return new InfercException(
        Stage.RUN,
        "Tried to reach the buffer of the input " + spec + ", whose shape is open, without one.",
        "Call input(\"" + spec.name() + "\", sizes…) first, or compile with a shape profile.");
  }

  @Override
  public Tensor input(String name, long... shape) {
    Objects.requireNonNull(shape, "shape");
    guard.enter("read an input of a session");
    try {
      int index = core.signature().input(name);
      Tensor bound = boundInputs[index];
      if (bound != null && !bound.isClosed() && bound.hasShape(shape)) {
        return bound;
      }
      TensorSpec spec = core.signature().inputs().get(index);
      Signature.checkShape("input", spec, shape);
      return bindOwnInput(index, spec, shape);
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  private Tensor bindOwnInput(int index, TensorSpec spec, long[] shape) {
    if (!SessionState.isBuffered(spec)) {
      throw new InfercException(
          Stage.RUN,
          "Tried to reach the buffer of the input " + spec + ", but text has none.",
          "Pass it with bindInput(\"" + spec.name() + "\", Tensor.ofStrings(…)) or run(Map).");
    }
    Tensor shown = state.input(index).show(shape, core.largestInputBytes(index));
    boundInputs[index] = shown;
    shapesChanged = true;
    return shown;
  }

  @Override
  public void bindInput(String name, Tensor tensor) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(tensor, "tensor");
    guard.enter("bind an input of a session");
    try {
      int index = core.signature().input(name);
      core.signature().checkTensor("input", core.signature().inputs().get(index), tensor);
      boolean sameShape = isBoundInShapeOf(tensor, boundInputs[index]);
      state.input(index).release();
      boundInputs[index] = tensor;
      if (sameShape) {
        requireActive().bindInput(index, tensor);
      } else {
        shapesChanged = true;
      }
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  /** Whether a tensor can take the place of a bound one without a look at all shapes. */
  private boolean isBoundInShapeOf(Tensor tensor, @Nullable Tensor bound) {
    return !shapesChanged && bound != null && !bound.isClosed() && bound.hasShape(tensor.shape());
  }

  @Override
  public void bindOutput(String name, Tensor tensor) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(tensor, "tensor");
    guard.enter("bind an output of a session");
    try {
      int index = core.signature().output(name);
      core.signature().checkTensor("output", core.signature().outputs().get(index), tensor);
      boolean sameShape = isBoundInShapeOf(tensor, boundOutputs[index]);
      state.output(index).release();
      boundOutputs[index] = tensor;
      outputIsCallers[index] = true;
      if (sameShape) {
        requireActive().bindOutput(index, tensor);
      } else {
        shapesChanged = true;
      }
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void run() {
    guard.enter("run a session");
    try {
      closeTaken();
      if (shapesChanged || bindsAnew) {
        rebind();
      }
      checkOpen(boundInputs, true);
      checkOpen(boundOutputs, false);
      hasRun = false;
      try {
        runOnce(requireActive());
      } catch (OutputShapeException e) {
        runUnbound();
      }
      hasRun = true;
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  /** Runs once more without what the session bound to outputs, and lets the next run bind anew. */
  private void runUnbound() {
    BackendSession session = requireActive();
    for (int i = 0; i < boundOutputs.length; i++) {
      if (boundOutputs[i] != null && !outputIsCallers[i]) {
        session.unbindOutput(i);
      }
    }
    runOnce(session);
    for (int i = 0; i < boundOutputs.length; i++) {
      Tensor bound = boundOutputs[i];
      if (bound != null && !outputIsCallers[i]) {
        Tensor given = session.takeOutput(i);
        takenOutputs[i] = given;
        core.outputShapes().check(i, bound.shape(), given);
        boundOutputs[i] = null;
      }
    }
    bindsAnew = true;
  }

  private void checkOpen(@Nullable Tensor[] tensors, boolean inputs) {
    for (int i = 0; i < tensors.length; i++) {
      Tensor t = tensors[i];
      if (t != null && t.isClosed()) {
        shapesChanged = true;
        throw new ResourceClosedException(
            "run a session",
            "the tensor bound to '"
                + (inputs ? core.signature().inputs() : core.signature().outputs()).get(i).name()
                + "'");
      }
    }
  }

  private BackendSession requireActive() {
    BackendSession session = active;
    if (session == null) {
      throw new IllegalStateException("no profile was chosen before the run");
    }
    return session;
  }

  /** Checks the bound shapes against each other and the profiles, and tells the back end. */
  private void rebind() {
    Tensor[] inputs = new Tensor[boundInputs.length];
    for (int i = 0; i < inputs.length; i++) {
      Tensor bound = boundInputs[i];
      if (bound == null) {
        TensorSpec spec = core.signature().inputs().get(i);
        bound = bindOwnInput(i, spec, core.defaultShape(i).orElseThrow(() -> openShape(spec)));
      }
      inputs[i] = bound;
    }
    checkOpen(inputs, true);
    long[][] shapes = ModelCore.shapes(inputs);
    Map<String, Long> symbols = core.profiles().symbols(shapes);
    int profile = core.profiles().select(shapes);
    BackendSession session = state.backend(profile);
    active = session;
    for (int i = 0; i < inputs.length; i++) {
      session.bindInput(i, inputs[i]);
    }
    for (int i = 0; i < boundOutputs.length; i++) {
      bindOutputFor(session, i, symbols, profile);
    }
    shapesChanged = false;
    bindsAnew = false;
  }

  private void bindOutputFor(
      BackendSession session, int index, Map<String, Long> symbols, int profile) {
    TensorSpec spec = core.signature().outputs().get(index);
    Optional<long[]> shape = core.outputShapes().bindable(index, symbols);
    if (outputIsCallers[index]) {
      Tensor callers = boundOutputs[index];
      if (callers != null && shape.isPresent() && !callers.hasShape(shape.get())) {
        throw new IllegalArgumentException(
            "Tried to write the output '"
                + spec.name()
                + "' to the bound tensor "
                + callers
                + ", but for these inputs its shape is "
                + Arrays.toString(shape.get())
                + ". Bind a tensor of that shape.");
      }
      if (callers != null) {
        session.bindOutput(index, callers);
      }
      return;
    }
    if (shape.isEmpty()) {
      boundOutputs[index] = null;
      session.unbindOutput(index);
      return;
    }
    Tensor shown = state.output(index).show(shape.get(), core.largestOutputBytes(profile, index));
    boundOutputs[index] = shown;
    session.bindOutput(index, shown);
  }

  @Override
  public Tensor output(String name) {
    guard.enter("read an output of a session");
    try {
      int index = core.signature().output(name);
      if (!hasRun || shapesChanged) {
        throw new InfercException(
            Stage.RUN,
            "Tried to read the output '"
                + name
                + "', but the session has not run since its inputs were bound.",
            "Call run() first.");
      }
      Tensor bound = boundOutputs[index];
      if (bound != null) {
        return bound;
      }
      Tensor taken = takenOutputs[index];
      if (taken == null) {
        taken = requireActive().takeOutput(index);
        takenOutputs[index] = taken;
      }
      return taken;
    } finally {
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public Outputs run(Map<String, Tensor> inputs) {
    start(inputs, null);
    return finish();
  }

  @Override
  public OutputValues runValues(Map<String, Tensor> inputs) {
    List<ValueSpec> others = core.model().otherOutputs();
    if (others.isEmpty()) {
      return InferenceSession.super.runValues(inputs);
    }
    guard.enter("run a session");
    Map<String, Value> values = new LinkedHashMap<>();
    DetachedRun run = null;
    boolean complete = false;
    try {
      run = bindDetached(inputs);
      BackendSession session = run.session();
      session.makeOthers(true);
      try {
        run.execute(this::runOnce);
        run.collect().forEach((name, tensor) -> values.put(name, new Value.Single(tensor)));
        for (int i = 0; i < others.size(); i++) {
          values.put(others.get(i).name(), session.takeOther(i));
        }
      } finally {
        session.makeOthers(false);
      }
      complete = true;
      return OutputValues.of(values);
    } finally {
      if (!complete) {
        if (run != null) {
          run.abandon();
        }
        values.values().forEach(Value::close);
      }
      guard.exit();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Starts a run on the given tensors. The session is then busy until {@link #finish}.
   *
   * @param ended called once when the run has ended, on a thread that must not be kept; null to
   *     wait for the end
   * @return false if the run has ended already and {@code ended} will not be called
   */
  boolean start(Map<String, Tensor> inputs, @Nullable Runnable ended) {
    guard.enter("run a session");
    boolean started = false;
    DetachedRun run = null;
    try {
      run = bindDetached(inputs);
      underWay = run;
      if (ended != null && run.session() instanceof CallbackSession session) {
        calledBack = true;
        session.start(ended);
        // From here on the session may be another thread's.
        started = true;
        return true;
      }
      calledBack = false;
      run.execute(this::runOnce);
      started = true;
      return false;
    } finally {
      if (!started) {
        abandon(run);
      }
      Reference.reachabilityFence(this);
    }
  }

  private void abandon(@Nullable DetachedRun run) {
    underWay = null;
    if (run != null) {
      run.abandon();
    }
    guard.exit();
  }

  /** Returns the results of the run that {@link #start} started and that has ended. */
  Outputs finish() {
    DetachedRun run = Objects.requireNonNull(underWay, "no run was started");
    boolean complete = false;
    try {
      if (calledBack) {
        run.execute(s -> finishCalledBack((CallbackSession) s), this::runOnce);
      }
      Outputs outputs = run.collect();
      complete = true;
      underWay = null;
      guard.exit();
      return outputs;
    } finally {
      if (!complete) {
        abandon(run);
      }
      Reference.reachabilityFence(this);
    }
  }

  /** One native run, which an interrupt of this thread or the closing of the model may end. */
  private void runOnce(BackendSession session) {
    try {
      interruptible.run(session);
    } catch (InfercException e) {
      throw aborted ? closedMeanwhile(e) : e;
    }
  }

  private void finishCalledBack(CallbackSession session) {
    try {
      session.finish();
    } catch (InfercException e) {
      throw aborted ? closedMeanwhile(e) : e;
    }
  }

  private ResourceClosedException closedMeanwhile(InfercException e) {
    ResourceClosedException closed =
        new ResourceClosedException("finish a run", "the model " + core.name());
    closed.addSuppressed(e);
    return closed;
  }

  /** Asks the run under way to end, if the runtime can do that; from any thread. */
  public void abort() {
    aborted = true;
    state.abort();
  }

  private DetachedRun bindDetached(Map<String, Tensor> inputs) {
    Tensor[] arranged = core.signature().arrange(inputs);
    long[][] shapes = ModelCore.shapes(arranged);
    Map<String, Long> symbols = core.profiles().symbols(shapes);
    BackendSession session = state.backend(core.profiles().select(shapes));
    closeTaken();
    hasRun = false;
    // What the caller bound stays in the arrays; the next bound run tells the back end again.
    shapesChanged = true;
    return DetachedRun.bind(
        session, arranged, core.signature().outputs(), core.outputShapes(), symbols, core.pool());
  }

  private void closeTaken() {
    for (int i = 0; i < takenOutputs.length; i++) {
      Tensor taken = takenOutputs[i];
      if (taken != null) {
        takenOutputs[i] = null;
        taken.close();
      }
    }
  }

  /** Returns the model's name, inputs and outputs, also after close. */
  @Override
  public String toString() {
    return "a session of "
        + core.name()
        + (guard.isClosed() ? " (closed): " : ": ")
        + core.signature();
  }

  @Override
  public void close() {
    core.closing().close("A session of the model " + core.name(), this::closeWithin, this::abort);
  }

  /** Closes once nothing runs; false if something still does after that time. */
  boolean closeWithin(long nanos) {
    ThreadGuard.Door door = guard.close(nanos);
    if (door == ThreadGuard.Door.SOMEBODY_INSIDE) {
      return false;
    }
    try {
      if (door == ThreadGuard.Door.SHUT) {
        closeTaken();
      }
      // Also where another thread shut the door, which may still be freeing.
      state.run();
      leak.closedInOrder();
      core.sessionClosed(this, state);
      return true;
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
