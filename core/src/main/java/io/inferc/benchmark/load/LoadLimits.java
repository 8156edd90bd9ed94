package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioBootstrap;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The highest loads at which subjects keep a latency limit, each searched for several times, in
 * turns: what one search finds is luck in part, and several tell how much.
 *
 * @param percentile the percentile that was held to the limit
 * @param limit the limit
 * @param seed what the intervals depend on
 * @param subjects the names
 * @param first a wide search for each subject, which finds where to look
 * @param rounds narrow searches from there, a list for each round with one for each subject; empty
 *     if some subject was not shown to keep the limit at any rate
 */
public record LoadLimits(
    double percentile,
    Duration limit,
    long seed,
    List<String> subjects,
    List<LoadLimit> first,
    List<List<LoadLimit>> rounds) {
  private static final double CONFIDENCE = 0.95;
  private static final int LEAST_ROUNDS = 5;
  private static final double NANOS_PER_MILLI = 1e6;

  public LoadLimits {
    Objects.requireNonNull(limit, "limit");
    subjects = List.copyOf(subjects);
    first = List.copyOf(first);
    rounds = rounds.stream().map(List::copyOf).toList();
    for (List<LoadLimit> round : rounds) {
      if (round.size() != subjects.size() || first.size() != subjects.size()) {
        throw new IllegalArgumentException(
            "Tried to make limits of "
                + subjects.size()
                + " subjects from "
                + first.size()
                + " first searches and a round of "
                + round.size()
                + "; each subject has one.");
      }
    }
  }

  /**
   * Returns the highest rate at which a subject keeps the limit.
   *
   * @param subject its place, from 0 on
   * @return requests a second, the geometric mean of the rounds in which the limit of every subject
   *     is between two rates that were tried; empty if there are fewer than five
   */
  public Optional<Estimate> rate(int subject) {
    Objects.checkIndex(subject, subjects.size());
    double[] rates = rates(subject);
    if (rates.length < LEAST_ROUNDS) {
      return Optional.empty();
    }
    double[] ones = new double[rates.length];
    Arrays.fill(ones, 1);
    RatioEstimate mean = RatioBootstrap.ofPairs(rates, ones, CONFIDENCE, seed);
    return Optional.of(new Estimate(mean.ratio(), mean.low(), mean.high(), mean.confidence()));
  }

  /**
   * Compares the rates of two subjects.
   *
   * @param baseline the place of the one to compare with
   * @param candidate the place of the one in question
   * @return the candidate's over the baseline's, by the same rounds; empty if there are fewer than
   *     five
   */
  public Optional<RatioEstimate> ratio(int baseline, int candidate) {
    Objects.checkIndex(baseline, subjects.size());
    Objects.checkIndex(candidate, subjects.size());
    double[] denominators = rates(baseline);
    double[] numerators = rates(candidate);
    return denominators.length >= LEAST_ROUNDS
        ? Optional.of(RatioBootstrap.ofPairs(numerators, denominators, CONFIDENCE, seed))
        : Optional.empty();
  }

  /**
   * Returns every run of a subject on the way: the curve of latency against load.
   *
   * @param subject its place, from 0 on
   * @return the runs, by rising rate
   */
  public List<LoadLimit.Probe> curve(int subject) {
    Objects.checkIndex(subject, subjects.size());
    return Stream.concat(Stream.of(first), rounds.stream())
        .flatMap(round -> round.get(subject).probes().stream())
        .sorted(Comparator.comparingDouble(LoadLimit.Probe::rate))
        .toList();
  }

  private double[] rates(int subject) {
    return found().stream().mapToDouble(round -> round.get(subject).rate().orElseThrow()).toArray();
  }

  /** The rounds in which the limit of every subject is between two rates. */
  private List<List<LoadLimit>> found() {
    return rounds.stream()
        .filter(round -> round.stream().allMatch(LoadLimit::isBracketed))
        .toList();
  }

  /**
   * Says why a subject has no rate.
   *
   * @param subject its place, from 0 on
   * @return a whole sentence, empty if it has one
   */
  public Optional<String> reason(int subject) {
    if (rate(subject).isPresent()) {
      return Optional.empty();
    }
    LoadLimit own = first.get(subject);
    if (own.rate().isPresent()) {
      return Optional.of(
          rounds.isEmpty()
              ? subjects.get(subject) + ": another subject has no rate, so that none were compared."
              : String.format(
                  Locale.ROOT,
                  "%s: in %d of %d rounds only the limit of every subject was found between two"
                      + " rates, and it takes %d. Try each rate for longer, on a quieter machine; a"
                      + " recording that is played faster is over sooner, so record for longer.",
                  subjects.get(subject),
                  found().size(),
                  rounds.size(),
                  LEAST_ROUNDS));
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s was not shown to keep %s in every search; the lowest rate that was tried was"
                + " %.3g/s%s.",
            subjects.get(subject),
            condition(),
            curve(subject).stream().mapToDouble(LoadLimit.Probe::rate).min().orElse(0),
            alone(own)));
  }

  /** How long a subject takes where little waits, and what that says of lower rates. */
  private String alone(LoadLimit found) {
    LatencyDistribution service = found.probes().get(found.probes().size() - 1).run().service();
    if (service.count() == 0) {
      return "";
    }
    double millis = service.percentile(percentile).value();
    return String.format(
        Locale.ROOT,
        ", where the subject itself took %.3g ms, by the same percentile%s",
        millis,
        millis * NANOS_PER_MILLI < limit.toNanos()
            ? "; for lower rates to be shown to keep it, try each for longer"
            : "");
  }

  /**
   * Says what was to be kept.
   *
   * @return text such as {@code P95 within 50ms}
   */
  public String condition() {
    return "P" + LoadText.number(percentile) + " within " + LoadText.duration(limit);
  }
}
