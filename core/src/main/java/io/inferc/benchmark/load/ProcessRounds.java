package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.NestedEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The same rounds made anew in several processes. What a process is born with, such as the places
 * of its code and data in memory and what its compiler chose, makes it faster or slower for all of
 * its life, which no number of rounds in one process shows (A. Georges, D. Buytaert and L.
 * Eeckhout, "Statistically Rigorous Java Performance Evaluation", OOPSLA 2007; T. Kalibera and R.
 * Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013).
 *
 * @param processes what each process measured, at least two with the same subjects and as many
 *     rounds each
 */
public record ProcessRounds(List<LoadRounds> processes) {
  private static final double CONFIDENCE = 0.95;

  public ProcessRounds {
    processes = List.copyOf(processes);
    if (processes.size() < 2
        || processes.stream().map(LoadRounds::subjects).distinct().count() > 1
        || processes.stream().map(p -> p.rounds().size()).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "Tried to take rounds of "
              + processes.size()
              + " processes together; it takes two at least, with the same subjects and as many"
              + " rounds each.");
    }
  }

  /**
   * Compares a percentile of the latency, that of each block with its neighbour of the same round.
   *
   * @param baseline the place of the subject to compare with
   * @param candidate the place of the one in question
   * @param percentile above 0 and below 100
   * @return the candidate's over the baseline's, with the variation between processes in its
   *     interval
   * @throws IllegalArgumentException if requests of a block had no answer, or a process has fewer
   *     than two rounds
   */
  public NestedEstimate latency(int baseline, int candidate, double percentile) {
    ToDoubleFunction<LoadRun> figure = run -> run.latency().percentile(percentile).value();
    return NestedEstimate.ofPairs(each(candidate, figure), each(baseline, figure), CONFIDENCE);
  }

  private double[][] each(int subject, ToDoubleFunction<LoadRun> figure) {
    return processes.stream()
        .map(rounds -> rounds.of(subject).each(figure))
        .toArray(double[][]::new);
  }

  /**
   * Says why the figures cannot be trusted.
   *
   * @return whole sentences that begin with the number of the process; none if they can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < processes.size(); i++) {
      for (String reason : processes.get(i).voidReasons()) {
        reasons.add(String.format(Locale.ROOT, "Process %d: %s", i + 1, reason));
      }
    }
    return reasons;
  }
}
