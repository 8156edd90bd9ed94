package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.RatioBootstrap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Two or more subjects under the same load, in turns.
 *
 * <p>The time is cut into rounds, and in each all subjects have a block, one straight after the
 * other, in an order drawn by the seed: the same arrivals and the same requests. Whatever slows the
 * machine for a while slows all. Look at {@link #voidReasons} first.
 *
 * @param settings how each subject was measured, all its blocks together
 * @param subjects their names
 * @param rounds the rounds, in the order of time
 */
public record LoadRounds(LoadSettings settings, List<String> subjects, List<Round> rounds) {
  private static final double CONFIDENCE = 0.95;

  public LoadRounds {
    Objects.requireNonNull(settings, "settings");
    subjects = List.copyOf(subjects);
    rounds = List.copyOf(rounds);
    for (Round round : rounds) {
      if (round.runs().size() != subjects.size()) {
        throw new IllegalArgumentException(
            "Tried to make a round of "
                + round.runs().size()
                + " runs for "
                + subjects.size()
                + " subjects; each has one.");
      }
    }
  }

  /**
   * One round.
   *
   * @param runs what each subject did
   * @param order the places of the subjects in the order of their turns
   */
  public record Round(List<LoadRun> runs, List<Integer> order) {
    public Round {
      runs = List.copyOf(runs);
      order = List.copyOf(order);
      if (!Set.copyOf(order).equals(places(runs.size())) || order.size() != runs.size()) {
        throw new IllegalArgumentException(
            "Tried to make a round of " + runs.size() + " runs in the order " + order + ".");
      }
    }

    private static Set<Integer> places(int count) {
      return IntStream.range(0, count).boxed().collect(Collectors.toSet());
    }
  }

  /**
   * Reads rounds that were kept.
   *
   * @param folder what {@link #write} wrote
   * @return the rounds, all of whose figures are worked out anew
   * @throws io.inferc.common.InfercException if they cannot be read, or are not whole
   */
  public static LoadRounds read(Path folder) {
    return RoundsFile.read(Objects.requireNonNull(folder, "folder"));
  }

  /**
   * Keeps the rounds with all samples, some ten bytes a request.
   *
   * @param folder where to, made if it is not there; what an earlier call wrote there is replaced
   * @throws io.inferc.common.InfercException if they cannot be written
   */
  public void write(Path folder) {
    RoundsFile.write(this, Objects.requireNonNull(folder, "folder"));
  }

  /**
   * Returns what one subject did.
   *
   * @param subject its place, from 0 on
   * @return its blocks
   */
  public LoadBlocks of(int subject) {
    Objects.checkIndex(subject, subjects.size());
    return new LoadBlocks(
        settings,
        subjects.get(subject),
        rounds.stream().map(round -> round.runs().get(subject)).toList());
  }

  /**
   * Compares two of the subjects.
   *
   * @param baseline the place of the one to compare with
   * @param candidate the place of the one in question
   * @return the comparison
   */
  public LoadComparison comparison(int baseline, int candidate) {
    Objects.checkIndex(baseline, subjects.size());
    Objects.checkIndex(candidate, subjects.size());
    return new LoadComparison(
        settings,
        subjects.get(baseline),
        subjects.get(candidate),
        rounds.stream()
            .map(
                round ->
                    new LoadComparison.Block(
                        round.runs().get(baseline),
                        round.runs().get(candidate),
                        round.order().indexOf(baseline) < round.order().indexOf(candidate)))
            .toList());
  }

  /**
   * Shows whether two gains add: a compiled model's and a serving framework's, for example.
   *
   * @param neither the place of the subject with neither of the two changes
   * @param first the place of the one with the first change alone
   * @param second the place of the one with the second change alone
   * @param both the place of the one with both
   * @param percentile of the latency, above 0 and below 100
   * @return what the two changes come to together, by the rounds in which each of the four has
   *     answers, as in pauses between bursts none has
   * @throws IllegalArgumentException if there are fewer than five of those, or so many requests had
   *     no answer that a percentile is endless
   */
  public Interaction interaction(int neither, int first, int second, int both, double percentile) {
    List<Integer> places = List.of(neither, first, second, both);
    List<Round> answered =
        rounds.stream()
            .filter(
                round ->
                    places.stream()
                        .allMatch(place -> round.runs().get(place).latency().count() > 0))
            .toList();
    LoadRounds asked = new LoadRounds(settings, subjects, answered);
    double[] none = asked.latencies(neither, percentile);
    double[] one = asked.latencies(first, percentile);
    double[] other = asked.latencies(second, percentile);
    double[] together = asked.latencies(both, percentile);
    double[] observed = new double[none.length];
    double[] expected = new double[none.length];
    for (int i = 0; i < none.length; i++) {
      observed[i] = together[i] / none[i];
      expected[i] = one[i] / none[i] * (other[i] / none[i]);
    }
    return new Interaction(
        RatioBootstrap.ofPairs(one, none, CONFIDENCE, settings.seed()),
        RatioBootstrap.ofPairs(other, none, CONFIDENCE, settings.seed()),
        RatioBootstrap.ofPairs(together, none, CONFIDENCE, settings.seed()),
        RatioBootstrap.ofPairs(observed, expected, CONFIDENCE, settings.seed()));
  }

  private double[] latencies(int subject, double percentile) {
    return of(subject).each(run -> run.latency().percentile(percentile).value());
  }

  /**
   * Says why the figures cannot be trusted.
   *
   * @return whole sentences, each of which begins with the subject's name; none if they can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      reasons.addAll(of(i).voidReasons());
    }
    return reasons;
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return subjects + " under " + settings.load() + " in " + rounds.size() + " rounds";
  }
}
