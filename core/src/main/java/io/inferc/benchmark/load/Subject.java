package io.inferc.benchmark.load;

import io.inferc.runtime.CompiledModel;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is measured: a compiled model of any back end, a function, or a remote endpoint.
 *
 * <p>Implementations may be called from several threads; each thread has a {@link Caller} of its
 * own. A subject does not own what it stands for: a model that was given to one stays its owner's.
 */
public interface Subject {
  /**
   * Returns what reports call it.
   *
   * @return a name, for example the model's and its target's
   */
  String name();

  /**
   * Opens what one thread needs to ask: a session with its buffers, or a connection.
   *
   * @return a caller for one thread at a time, which whoever opened it closes
   * @throws io.inferc.common.InfercException if it cannot be opened
   */
  Caller newCaller();

  /**
   * Returns how many callers a load with a rate gets where nobody says how many: the number of
   * requests that may be under way at once before others wait.
   *
   * @return 1 or more; as many as the process has processors unless a subject knows better
   */
  default int usualCallers() {
    return Runtime.getRuntime().availableProcessors();
  }

  /**
   * Measures a compiled model: each caller has a session whose input buffers are filled before each
   * call, inside the time that counts, as an application would.
   *
   * @param model the model, which stays the caller's
   * @return the subject; its requests are {@link TensorRequest}s
   */
  static Subject of(CompiledModel model) {
    Objects.requireNonNull(model, "model");
    return new ModelSubject(model);
  }

  /**
   * Measures a function, for example a whole pipeline around a model.
   *
   * @param name what reports call it
   * @param function answers a request by returning; called by several threads at once
   * @return the subject; what the function throws counts as a failed request
   */
  static Subject of(String name, Consumer<? super Request> function) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(function, "function");
    return new FunctionSubject(name, function);
  }

  /** Asks, one request at a time. */
  interface Caller extends AutoCloseable {
    /**
     * Sends a request and waits until it is answered.
     *
     * @param request the request
     * @return how it ended; what went wrong with one request is an answer, not an exception
     * @throws io.inferc.common.CancelledException if the thread was interrupted
     * @throws IllegalArgumentException if the subject takes no requests of this kind
     */
    Answer call(Request request);

    /** Frees what the caller holds; does nothing the second time. */
    @Override
    void close();
  }
}
