package io.inferc.benchmark.study;

import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.study.GateResult.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/** A condition that a build holds a candidate to. What cannot be shown does not pass. Immutable. */
public final class Gate {
  /** The name of the gate that every study has. */
  static final String TRUSTED = "a measurement to be trusted";

  private final String name;
  private final BiFunction<StudyResult, Integer, Finding> check;

  private record Finding(Verdict verdict, String explanation) {}

  private static final Finding NO_BASELINE =
      new Finding(Verdict.NOT_SHOWN, "There is no baseline to compare with.");
  private static final Finding NOT_COMPARED =
      new Finding(
          Verdict.NOT_SHOWN,
          "Some requests had no answer, or fewer than five blocks had requests, so that none were"
              + " compared.");

  private Gate(String name, BiFunction<StudyResult, Integer, Finding> check) {
    this.name = name;
    this.check = check;
  }

  /**
   * Asks for a measurement that can be trusted: every study has this gate.
   *
   * @return the gate
   */
  static Gate trusted() {
    return new Gate(
        TRUSTED,
        (result, variant) -> {
          List<String> reasons = result.voidReasons();
          return reasons.isEmpty()
              ? new Finding(Verdict.PASSED, "Nothing speaks against the figures.")
              : new Finding(Verdict.NOT_SHOWN, String.join(" ", reasons));
        });
  }

  /**
   * Asks that a percentile of the latency be no more than a margin above the baseline's at equal
   * load: a test of non-inferiority. It passes when the whole interval of the ratio is within the
   * margin, and fails when all of it is beyond, so that a run too short to tell does not pass.
   *
   * @param percentile above 0 and below 100
   * @param margin the share by which it may be above, 0 or more, for example 0.05
   * @return the gate
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public static Gate notSlower(double percentile, double margin) {
    requirePercentile(percentile);
    if (!(margin >= 0) || Double.isInfinite(margin)) {
      throw new IllegalArgumentException(
          "Tried to allow a latency a margin of "
              + margin
              + "; give a share of 0 or more, such as 0.05.");
    }
    String name =
        "P" + number(percentile) + " at most " + percent(margin) + " above the baseline's";
    return new Gate(
        name,
        (result, variant) ->
            variant == 0
                ? NO_BASELINE
                : failed(result, variant)
                    .or(() -> tooFew(result, variant, percentile))
                    .orElseGet(
                        () ->
                            result
                                .latency(variant, percentile)
                                .map(difference -> atMost(difference.ratio(), 1 + margin))
                                .orElse(NOT_COMPARED)));
  }

  /** What fails at once leaves time for the rest. */
  private static Optional<Finding> failed(StudyResult result, int variant) {
    long failed = result.rounds().of(0).failed() + result.rounds().of(variant).failed();
    return failed == 0
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Verdict.NOT_SHOWN,
                String.format(
                    Locale.ROOT,
                    "%,d requests failed, which latencies leave out, so that none were compared.",
                    failed)));
  }

  /** Of few requests a high percentile is the longest, whichever was asked for. */
  private static Optional<Finding> tooFew(StudyResult result, int variant, double percentile) {
    long requests = result.rounds().of(variant).requests();
    long blocks = Math.max(1, result.rounds().rounds().size());
    double needed = 1 / (1 - percentile / 100);
    return requests >= needed * blocks * (1 - 1e-9)
        ? Optional.empty()
        : Optional.of(
            new Finding(
                Verdict.NOT_SHOWN,
                String.format(
                    Locale.ROOT,
                    "A block has %.0f requests on average, and its P%s takes %.0f. Measure for"
                        + " longer, or in fewer blocks.",
                    (double) requests / blocks,
                    number(percentile),
                    Math.ceil(needed))));
  }

  private static Finding atMost(RatioEstimate ratio, double most) {
    Verdict verdict =
        ratio.high() <= most
            ? Verdict.PASSED
            : ratio.low() > most ? Verdict.FAILED : Verdict.NOT_SHOWN;
    return new Finding(verdict, "At equal load it is " + ratio + " times the baseline's.");
  }

  /**
   * Asks that a percentile of the latency be within a limit under the load of the study. Requests
   * that fail or have no answer count as ones that took forever.
   *
   * @param percentile above 0 and below 100
   * @param limit the limit
   * @return the gate
   * @throws IllegalArgumentException if the percentile is out of its range, or the limit not
   *     positive
   */
  public static Gate within(double percentile, Duration limit) {
    requirePercentile(percentile);
    Objects.requireNonNull(limit, "limit");
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException(
          "Tried to hold a latency to a limit of " + limit + "; give one above 0.");
    }
    double millis = limit.toNanos() / 1e6;
    return new Gate(
        "P" + number(percentile) + " within " + number(millis) + " ms",
        (result, variant) -> {
          LatencyDistribution latency = result.rounds().of(variant).latencyWithFailures();
          if (latency.count() == 0) {
            return new Finding(Verdict.NOT_SHOWN, "No request came.");
          }
          PercentileEstimate found = latency.percentile(percentile);
          if (Double.isInfinite(found.low()) && found.low() > 0) {
            return new Finding(
                Verdict.FAILED,
                String.format(
                    Locale.ROOT,
                    "Under %s so many of %,d requests failed or had no answer that it is endless.",
                    result.rounds().settings().load(),
                    latency.count()));
          }
          String interval =
              Double.isFinite(found.low()) && Double.isFinite(found.high())
                  ? String.format(
                      Locale.ROOT,
                      "with 95 %% confidence from %.3f to %.3f ms",
                      found.low(),
                      found.high())
                  : "of too few answers for an interval";
          String told =
              String.format(
                  Locale.ROOT,
                  "Under %s it is %.3f ms, %s.",
                  result.rounds().settings().load(),
                  found.value(),
                  interval);
          return new Finding(
              found.high() <= millis
                  ? Verdict.PASSED
                  : found.low() > millis ? Verdict.FAILED : Verdict.NOT_SHOWN,
              told);
        });
  }

  /**
   * Asks for a gain in throughput at the study's latency limit.
   *
   * @param atLeast how many times the baseline's throughput, above 0, for example 1.5
   * @return the gate
   * @throws IllegalArgumentException if the number is not positive and finite
   */
  public static Gate throughputGain(double atLeast) {
    if (!(atLeast > 0) || Double.isInfinite(atLeast)) {
      throw new IllegalArgumentException(
          "Tried to ask for " + atLeast + " times the throughput; give a number above 0.");
    }
    return new Gate(
        "at least " + number(atLeast) + " times the baseline's throughput",
        (result, variant) -> {
          if (variant == 0) {
            return NO_BASELINE;
          }
          Optional<RatioEstimate> ratio =
              result.limits().flatMap(limits -> limits.ratio(0, variant));
          return ratio
              .map(
                  r ->
                      new Finding(
                          r.low() >= atLeast
                              ? Verdict.PASSED
                              : r.high() < atLeast ? Verdict.FAILED : Verdict.NOT_SHOWN,
                          "At equal latency it serves " + r + " times as many requests."))
              .orElseGet(
                  () ->
                      new Finding(
                          Verdict.NOT_SHOWN,
                          "No highest load within the limit was found for both."));
        });
  }

  GateResult check(StudyResult result, int variant) {
    Finding found = check.apply(result, variant);
    return new GateResult(
        name, result.variants().get(variant).name(), found.verdict(), found.explanation());
  }

  private static String percent(double share) {
    return number(100 * share) + " %";
  }

  private static void requirePercentile(double percentile) {
    if (!(percentile > 0 && percentile < 100)) {
      throw new IllegalArgumentException(
          "Tried to hold the percentile "
              + percentile
              + " to a gate; give one above 0 and below 100, such as 95.");
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** Returns what is asked. */
  @Override
  public String toString() {
    return name;
  }
}
