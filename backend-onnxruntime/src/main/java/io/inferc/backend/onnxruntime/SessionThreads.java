package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import io.inferc.spi.ProcessorShare;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which threads a model runs on: its own, or a share in the process's pool, and what they do while
 * they wait.
 *
 * @param intraOp threads inside an operator, or empty for as many as there are processors for the
 *     process
 * @param interOp threads between operators, or empty for as many
 * @param spinning whether idle threads spin, or empty to spin during a run alone
 * @param parallel whether branches of the graph run at the same time
 * @param sharedPool the pool of the process, or empty for threads of the model's own
 */
record SessionThreads(
    OptionalInt intraOp,
    OptionalInt interOp,
    Optional<Boolean> spinning,
    boolean parallel,
    Optional<SharedThreadPool> sharedPool) {
  static final String INTRA_OP_SPINNING = "session.intra_op.allow_spinning";
  static final String INTER_OP_SPINNING = "session.inter_op.allow_spinning";

  /** As many as there are threads, so that these are the user's to choose. */
  private static final String AFFINITIES = "session.intra_op_thread_affinities";

  private static final String STOP_SPINNING = "session.force_spinning_stop";

  static Builder builder() {
    return new Builder();
  }

  void describe(Map<String, String> text) {
    intraOp.ifPresent(n -> text.put("intra_op_threads", Integer.toString(n)));
    interOp.ifPresent(n -> text.put("inter_op_threads", Integer.toString(n)));
    spinning.ifPresent(s -> text.put("spinning", s.toString()));
    if (parallel) {
      text.put("execution_mode", "parallel");
    }
    sharedPool.ifPresent(
        p -> text.put("shared_thread_pool", p.intraOpThreads() + "/" + p.interOpThreads()));
  }

  /**
   * Sets the threads of a session.
   *
   * @param session the session's options
   * @param entries the keys that the user sets by name, which are left alone
   */
  void applyTo(SessionOptions session, Set<String> entries) throws OrtException {
    session.setExecutionMode(parallel ? ExecutionMode.PARALLEL : ExecutionMode.SEQUENTIAL);
    // ONNX Runtime itself makes a thread for each core of the machine, and binds it to that.
    OptionalInt share = ProcessorShare.here().threads();
    boolean own = sharedPool.isEmpty();
    OptionalInt inside =
        intraOp.isEmpty() && own && !entries.contains(AFFINITIES) ? share : intraOp;
    if (inside.isPresent()) {
      session.setIntraOpNumThreads(inside.getAsInt());
    }
    OptionalInt between = interOp.isEmpty() && own && parallel ? share : interOp;
    if (between.isPresent()) {
      session.setInterOpNumThreads(between.getAsInt());
    }
    if (sharedPool.isPresent()) {
      session.disablePerSessionThreads();
    } else if (spinning.isPresent()) {
      String on = spinning.get() ? "1" : "0";
      session.addConfigEntry(INTRA_OP_SPINNING, on);
      session.addConfigEntry(INTER_OP_SPINNING, on);
    }
    if (spinning.isEmpty() && !entries.contains(STOP_SPINNING)) {
      // Threads may spin between the kernels of a run, but a model that nobody asks anything of
      // must not burn the cores that others in the process need.
      session.addConfigEntry(STOP_SPINNING, "1");
    }
  }

  /** Collects settings, and refuses those that contradict each other. */
  static final class Builder {
    private int intraOp;
    private int interOp;
    private @Nullable Boolean spinning;
    private boolean parallel;
    private int sharedIntraOp;
    private int sharedInterOp;

    private Builder() {}

    void copy(SessionThreads from) {
      intraOp = from.intraOp.orElse(0);
      interOp = from.interOp.orElse(0);
      parallel = from.parallel;
      sharedIntraOp = from.sharedPool.map(SharedThreadPool::intraOpThreads).orElse(0);
      sharedInterOp = from.sharedPool.map(SharedThreadPool::interOpThreads).orElse(0);
      spinning =
          from.spinning.or(() -> from.sharedPool.flatMap(SharedThreadPool::spinning)).orElse(null);
    }

    void intraOp(int threads) {
      intraOp = own("intra-op", threads);
    }

    void interOp(int threads) {
      interOp = own("inter-op", threads);
    }

    private int own(String which, int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException(
            "Tried to set " + threads + " " + which + " threads; it takes at least 1.");
      }
      if (sharedIntraOp != 0) {
        throw poolConflict();
      }
      return threads;
    }

    private static IllegalArgumentException poolConflict() {
      return new IllegalArgumentException(
          "Tried to give a model threads of its own and a share in the process's thread pool. Set"
              + " intraOpThreads/interOpThreads, or sharedThreadPool, not both.");
    }

    void spinning(boolean on) {
      spinning = on;
    }

    void parallel(boolean on) {
      parallel = on;
    }

    void sharedPool(int intraOpThreads, int interOpThreads) {
      if (intraOpThreads < 1 || interOpThreads < 1) {
        throw new IllegalArgumentException(
            "Tried to share a pool of "
                + intraOpThreads
                + " intra-op and "
                + interOpThreads
                + " inter-op threads; it takes at least 1 of each.");
      }
      if (intraOp != 0 || interOp != 0) {
        throw poolConflict();
      }
      sharedIntraOp = intraOpThreads;
      sharedInterOp = interOpThreads;
    }

    SessionThreads build() {
      if (interOp > 0 && !parallel) {
        throw new IllegalArgumentException(
            "Tried to set inter-op threads without parallel execution, which alone uses them. Add"
                + " parallel(true).");
      }
      Optional<Boolean> spin = Optional.ofNullable(spinning);
      return new SessionThreads(
          intraOp == 0 ? OptionalInt.empty() : OptionalInt.of(intraOp),
          interOp == 0 ? OptionalInt.empty() : OptionalInt.of(interOp),
          spin,
          parallel,
          sharedIntraOp == 0
              ? Optional.empty()
              : Optional.of(new SharedThreadPool(sharedIntraOp, sharedInterOp, spin)));
    }
  }
}
