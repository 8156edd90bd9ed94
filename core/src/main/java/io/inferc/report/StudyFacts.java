package io.inferc.report;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.LoadBlocks;
import io.inferc.benchmark.load.LoadComparison;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.statistics.SteadyState;
import io.inferc.benchmark.study.StudyResult;
import io.inferc.benchmark.study.VariantFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A study's result with what all formats ask of it, worked out once.
 *
 * @param result the result
 * @param variants what each variant did, the baseline first
 * @param voidReasons why figures cannot be trusted, none if they can
 */
record StudyFacts(StudyResult result, List<Measured> variants, List<String> voidReasons) {
  static final double MEDIAN = 50;
  static final double P95 = 95;
  static final double P99 = 99;

  /**
   * What one variant did in its turns.
   *
   * @param series how it is drawn
   * @param blocks its turns
   * @param figures what was measured of it alone
   * @param latency of all its turns
   * @param queueing the part of it before a worker was free
   * @param service the part of it that the subject took
   * @param lag the part of it that the generator is to blame for
   */
  record Measured(
      Series series,
      LoadBlocks blocks,
      VariantFigures figures,
      LatencyDistribution latency,
      LatencyDistribution queueing,
      LatencyDistribution service,
      LatencyDistribution lag) {
    int place() {
      return series.place();
    }

    String name() {
      return series.name();
    }

    /** How many requests were sent, but had no answer when the run ended. */
    long unanswered() {
      return blocks.runs().stream().mapToLong(LoadRun::unanswered).sum();
    }

    /** Whether it was steady, empty where a turn has no latency to tell by. */
    Optional<SteadyState> steadiness() {
      return blocks.runs().stream()
              .map(LoadRun::latency)
              .filter(latency -> latency.count() > 0)
              .allMatch(latency -> isFinite(latency, MEDIAN))
          ? Optional.of(blocks.steadiness())
          : Optional.empty();
    }
  }

  static StudyFacts of(StudyResult result) {
    List<Measured> variants = new ArrayList<>();
    for (int i = 0; i < result.variants().size(); i++) {
      LoadBlocks blocks = result.rounds().of(i);
      variants.add(
          new Measured(
              new Series(i, result.variants().get(i).name()),
              blocks,
              result.variants().get(i),
              blocks.latency(),
              blocks.queueing(),
              blocks.service(),
              blocks.lag()));
    }
    return new StudyFacts(result, List.copyOf(variants), result.voidReasons());
  }

  /** How a candidate's P95 compares in several processes, where all were answered. */
  Optional<RatioEstimate> inProcesses(int place) {
    try {
      return result.processes().map(made -> made.latency(0, place, P95).ratio());
    } catch (IllegalArgumentException noAnswer) {
      return Optional.empty();
    }
  }

  boolean isVoid() {
    return !voidReasons.isEmpty();
  }

  Measured baseline() {
    return variants.get(0);
  }

  /** All but the baseline. */
  List<Measured> candidates() {
    return variants.subList(1, variants.size());
  }

  List<Series> series() {
    return variants.stream().map(Measured::series).toList();
  }

  /** The place among the subjects of the baseline's second turn, if it had one. */
  Optional<Integer> again() {
    return result.rounds().subjects().size() > variants.size()
        ? Optional.of(variants.size())
        : Optional.empty();
  }

  /** Compares a subject's mean with the baseline's, where all blocks were answered. */
  Optional<Difference> meanLatency(int subject) {
    return comparison(subject).isComparable(MEDIAN) && isEnded(0) && isEnded(subject)
        ? Optional.of(comparison(subject).meanLatency())
        : Optional.empty();
  }

  /** Compares a subject's throughput with the baseline's, where both served in all blocks. */
  Optional<Difference> throughput(int subject) {
    return comparison(subject).throughput();
  }

  /** The highest rate that a variant keeps the limit at. */
  Optional<Estimate> rate(int variant) {
    return result.limits().flatMap(limits -> limits.rate(variant));
  }

  /** What a million requests cost with a variant. */
  Optional<Estimate> perMillion(int variant) {
    Cost cost = variants.get(variant).figures().cost();
    return rate(variant).map(cost::perMillion);
  }

  /** A percentile, where there are times at all. */
  static Optional<PercentileEstimate> percentile(LatencyDistribution times, double percentile) {
    return times.count() == 0 ? Optional.empty() : Optional.of(times.percentile(percentile));
  }

  private LoadComparison comparison(int subject) {
    return result.rounds().comparison(0, subject);
  }

  private boolean isEnded(int subject) {
    return result.rounds().rounds().stream()
        .allMatch(round -> round.runs().get(subject).latency().endless() == 0);
  }

  private static boolean isFinite(LatencyDistribution latency, double percentile) {
    return percentile(latency, percentile).filter(p -> Double.isFinite(p.value())).isPresent();
  }
}
