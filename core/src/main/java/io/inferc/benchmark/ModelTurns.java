package io.inferc.benchmark;

import io.inferc.common.Cancellation;
import io.inferc.runtime.CompiledModel;
import java.time.Duration;
import java.util.Objects;

/**
 * A model with callers whose buffers are filled once, to be run for a while in turns with others.
 *
 * <p>What is measured is the bound form: only {@code run()} is timed. Whoever compares several
 * models runs a turn of each in every round, so that a machine that slows down for a while slows
 * all of them, and compares round by round ({@link RatioInterval#ofPairs}).
 *
 * <pre>{@code
 * try (ModelTurns turns = ModelTurns.open(model, workload, 1, cancellation)) {
 *   turns.turn(Duration.ofMillis(200)); // warms up
 *   double millis = turns.turn(Duration.ofMillis(200)).latency().p50();
 * }
 * }</pre>
 *
 * <p>Not thread-safe. The model and the workload stay the caller's.
 */
public final class ModelTurns implements AutoCloseable {
  private final Clients clients;

  private ModelTurns(Clients clients) {
    this.clients = clients;
  }

  /**
   * Opens a session for each caller and fills its buffers.
   *
   * @param model the model
   * @param workload the request
   * @param callers how many call at once, 1 or more
   * @param cancellation the switch that stops a turn
   * @return the callers, to be closed
   * @throws IllegalArgumentException if there is no caller, or the request does not fit the model
   * @throws io.inferc.common.InfercException if no session can be opened
   */
  public static ModelTurns open(
      CompiledModel model, Workload workload, int callers, Cancellation cancellation) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(workload, "workload");
    Objects.requireNonNull(cancellation, "cancellation");
    if (callers < 1) {
      throw new IllegalArgumentException(
          "Tried to measure "
              + model.name()
              + " with "
              + callers
              + " callers; it takes 1 or more.");
    }
    return new ModelTurns(new Clients(model, workload, callers, System::nanoTime, cancellation));
  }

  /**
   * Lets every caller run for some time, once at least.
   *
   * @param time how long; a run that has begun is finished
   * @return the latencies of the turn in milliseconds, and its runs a second
   * @throws io.inferc.common.InfercException if a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public Measurement.Round turn(Duration time) {
    Objects.requireNonNull(time, "time");
    Benchmark.Turn turn = clients.turn(time.toNanos());
    return new Measurement.Round(
        LatencySummary.of(turn.nanos()), turn.nanos().getTotalCount() / turn.seconds());
  }

  @Override
  public void close() {
    clients.close();
  }
}
