package io.inferc;

import io.inferc.benchmark.load.RequestMix;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks a compiler to measure whether a reduced precision pays, and to leave in single precision
 * what does not: a model is never slower than it was given, and the report says why.
 *
 * <pre>{@code
 * Compiler compiler = Compiler.forTarget(Target.openVino())
 *     .precision(Precision.int8(samples))
 *     .verify(Verification.measured())
 *     .build();
 * compiler.compile(path).report().regions().forEach(System.out::println);
 * }</pre>
 *
 * <p>Quantized layers of one kind stay only where the 95 % interval of what they gain is above 1,
 * measured in turns; see {@link io.inferc.search.RegionCheck}. If all that is left is not faster
 * than the model as it was given for certain, that is what the compiler returns.
 *
 * <p>Immutable.
 */
public final class Verification {
  private static final Verification MEASURED = new Verification(null, Duration.ofMinutes(2));

  private final @Nullable RequestMix requests;
  private final Duration budget;

  private Verification(@Nullable RequestMix requests, Duration budget) {
    this.requests = requests;
    this.budget = budget;
  }

  /**
   * Returns a verification on requests made of the precision's samples, of the sizes that the
   * profiles are best at, in about 2 minutes at most.
   *
   * @return the defaults
   */
  public static Verification measured() {
    return MEASURED;
  }

  /**
   * Sets the requests that are measured.
   *
   * @param requests the requests with their shares
   * @return a copy
   */
  public Verification requests(RequestMix requests) {
    Objects.requireNonNull(requests, "requests");
    return new Verification(requests, budget);
  }

  /**
   * Sets about how long it may take beyond compiling; by default 2 minutes. Layers that it does not
   * come to stay as they were asked for, and the report says so.
   *
   * @param time more than 0
   * @return a copy
   * @throws IllegalArgumentException if it is not
   */
  public Verification budget(Duration time) {
    Objects.requireNonNull(time, "time");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("Tried to measure for " + time + "; it takes some time.");
    }
    return new Verification(requests, time);
  }

  Optional<RequestMix> requests() {
    return Optional.ofNullable(requests);
  }

  Duration budget() {
    return budget;
  }
}
