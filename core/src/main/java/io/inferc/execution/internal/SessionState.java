package io.inferc.execution.internal;

import io.inferc.shape.internal.ProfileSelector;
import io.inferc.spi.AbortableSession;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session holds of native memory: its buffers, and one back-end session for each profile it
 * has served. Apart from the session itself, so that a leaked one can still be freed.
 */
final class SessionState implements Runnable {
  private final BackendModel model;
  private final Buffers[] inputs;
  private final Buffers[] outputs;
  private final @Nullable BackendSession[] backendSessions;
  private boolean freed;

  SessionState(BackendModel model, Signature signature, int profiles, BufferPool pool) {
    this.model = model;
    inputs = buffers(signature.inputs(), pool);
    outputs = buffers(signature.outputs(), pool);
    backendSessions = new BackendSession[Math.max(1, profiles)];
  }

  private static Buffers[] buffers(List<TensorSpec> specs, BufferPool pool) {
    return specs.stream().map(s -> new Buffers(pool, s.type())).toArray(Buffers[]::new);
  }

  Buffers input(int index) {
    return inputs[index];
  }

  Buffers output(int index) {
    return outputs[index];
  }

  /** Under the lock, since {@link #abort} may look at the same moment. */
  synchronized BackendSession backend(int profile) {
    int slot = profile == ProfileSelector.NO_PROFILE ? 0 : profile;
    BackendSession session = backendSessions[slot];
    if (session == null) {
      session = model.newSession(profile);
      backendSessions[slot] = session;
    }
    return session;
  }

  /** Asks runs under way to end, where the runtime can do that; from any thread. */
  synchronized void abort() {
    for (BackendSession session : backendSessions) {
      if (session instanceof AbortableSession abortable) {
        abortable.abort();
      }
    }
  }

  static boolean isBuffered(TensorSpec spec) {
    return spec.type() != DataType.STRING;
  }

  /** Frees everything; further calls do nothing. */
  @Override
  public synchronized void run() {
    if (freed) {
      return;
    }
    freed = true;
    for (int i = 0; i < backendSessions.length; i++) {
      BackendSession session = backendSessions[i];
      if (session != null) {
        backendSessions[i] = null;
        session.close();
      }
    }
    for (Buffers b : inputs) {
      b.release();
    }
    for (Buffers b : outputs) {
      b.release();
    }
  }
}
