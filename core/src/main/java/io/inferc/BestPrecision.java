package io.inferc;

import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.search.Objective;
import io.inferc.tensor.Dataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks for whatever precision is best on the target, or on the fastest of several targets, and
 * still gives the right answers: found by compiling and measuring.
 *
 * <pre>{@code
 * Compiler compiler = Compiler.forTarget(Target.fastest())
 *     .precision(Precision.best(samples).within(Tolerance.embedding()).budget(Duration.ofMinutes(5)))
 *     .build();
 * CompiledModel model = compiler.compile(path);
 * System.out.println(model.report());
 * }</pre>
 *
 * <p><b>What is tried:</b> on each back end the model as it was given, cleaned up, in each reduced
 * precision that it has, and for the best of these the back end's options that matter and a mix of
 * precisions. Three fifths of the samples calibrate, one fifth is what candidates are judged by,
 * and one fifth is what the choice is proved on and nothing else sees. Where nothing is better for
 * certain, the result is the model as it was given. {@link
 * io.inferc.runtime.CompiledModel#report()} tells all of it.
 *
 * <p>Immutable.
 *
 * @see io.inferc.search.CandidateSearch
 */
public final class BestPrecision {
  private final Dataset samples;
  private @Nullable Dataset proving;
  private @Nullable Tolerance tolerance;
  private @Nullable OutputView view;
  private Duration budget = Duration.ofMinutes(5);
  private Objective objective = Objective.latency();
  private @Nullable RequestMix requests;
  private List<Precision> among = List.of();
  private @Nullable Path state;

  private BestPrecision(Dataset samples) {
    this.samples = samples;
  }

  /** A copy with one thing changed; nobody sees it before. */
  private BestPrecision with(Consumer<BestPrecision> change) {
    BestPrecision copy = new BestPrecision(samples);
    copy.proving = proving;
    copy.tolerance = tolerance;
    copy.view = view;
    copy.budget = budget;
    copy.objective = objective;
    copy.requests = requests;
    copy.among = among;
    copy.state = state;
    change.accept(copy);
    return copy;
  }

  static BestPrecision of(Dataset samples) {
    return new BestPrecision(samples);
  }

  /**
   * Sets how far answers may be from the original's. It has no default: what an application
   * notices, only its author knows.
   *
   * @param tolerance the limits
   * @return a copy
   */
  public BestPrecision within(Tolerance tolerance) {
    Objects.requireNonNull(tolerance, "tolerance");
    return with(c -> c.tolerance = tolerance);
  }

  /**
   * Holds the tolerance against what the application makes of the outputs, such as the text that is
   * read, instead of the outputs.
   *
   * @param view the view
   * @return a copy
   */
  public BestPrecision view(OutputView view) {
    Objects.requireNonNull(view, "view");
    return with(c -> c.view = view);
  }

  /**
   * Sets how long a compilation may take, by default 5 minutes. What does not fit is not tried, and
   * the report says so.
   *
   * @param time more than 0
   * @return a copy
   * @throws IllegalArgumentException if it is not
   */
  public BestPrecision budget(Duration time) {
    Objects.requireNonNull(time, "time");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(
          "Tried to find the best precision in " + time + "; it takes some time.");
    }
    return with(c -> c.budget = time);
  }

  /**
   * Sets what is best; by default {@link Objective#latency()}.
   *
   * @param objective the objective
   * @return a copy
   */
  public BestPrecision objective(Objective objective) {
    Objects.requireNonNull(objective, "objective");
    return with(c -> c.objective = objective);
  }

  /**
   * Sets the requests that are measured. By default these are one of the sizes that each profile is
   * best at, made of the samples' values; without profiles, samples of up to four sizes.
   *
   * @param requests the requests with their shares, for example those of a trace
   * @return a copy
   */
  public BestPrecision requests(RequestMix requests) {
    Objects.requireNonNull(requests, "requests");
    return with(c -> c.requests = requests);
  }

  /**
   * Sets which precisions are tried; by default all that the back ends have. Those that a back end
   * does not have are passed over there.
   *
   * @param precisions one or more
   * @return a copy
   * @throws IllegalArgumentException if there are none
   */
  public BestPrecision among(Precision... precisions) {
    Objects.requireNonNull(precisions, "precisions");
    if (precisions.length == 0) {
      throw new IllegalArgumentException(
          "Tried to find the best of no precisions; give at least one, or leave among() out.");
    }
    return with(c -> c.among = List.of(precisions));
  }

  /**
   * Proves the choice on samples of one's own; three quarters of the others then calibrate, and one
   * quarter is what candidates are judged by.
   *
   * @param samples samples that are not among the others
   * @return a copy
   */
  public BestPrecision provedOn(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return with(c -> c.proving = samples);
  }

  /**
   * Keeps what was measured in a file, and goes on from there if it exists and is of the same
   * model, samples, settings and machine.
   *
   * @param file a JSON file
   * @return a copy
   */
  public BestPrecision resume(Path file) {
    Objects.requireNonNull(file, "file");
    return with(c -> c.state = file);
  }

  Dataset samples() {
    return samples;
  }

  Optional<Dataset> proving() {
    return Optional.ofNullable(proving);
  }

  Optional<Tolerance> tolerance() {
    return Optional.ofNullable(tolerance);
  }

  Optional<OutputView> view() {
    return Optional.ofNullable(view);
  }

  Duration budget() {
    return budget;
  }

  Objective objective() {
    return objective;
  }

  Optional<RequestMix> requests() {
    return Optional.ofNullable(requests);
  }

  List<Precision> among() {
    return among;
  }

  Optional<Path> state() {
    return Optional.ofNullable(state);
  }

  /** Returns for example {@code the best precision within embedding in PT5M}. */
  @Override
  public String toString() {
    return "the best precision"
        + (tolerance == null ? "" : " within " + tolerance.name())
        + " in "
        + budget;
  }
}
