package io.inferc.benchmark.study;

import io.inferc.benchmark.BudgetFigures;
import io.inferc.benchmark.BudgetSentences;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.LoadComparison;
import io.inferc.benchmark.load.LoadLimits;
import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.platform.Roofline;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a study found. The first variant is the baseline, all others are compared with it.
 *
 * @param title what reports are headed
 * @param startedAt when it began
 * @param took how long it took
 * @param environment where it was made, and what disturbed it
 * @param roofline of the machine, if that was asked for
 * @param variants what was measured of each variant alone
 * @param rounds what all did in turns at equal load; where noise was asked for, the baseline once
 *     more, behind the variants
 * @param limits the highest loads within the latency limit, if those were searched for
 * @param interaction whether the gains of two changes add, if that was asked for
 * @param processes the rounds made anew in several processes, if that was asked for
 * @param unmeasured what was to be measured and could not be, with the reasons, in whole sentences
 * @param gates what became of the gates
 */
public record StudyResult(
    String title,
    Instant startedAt,
    Duration took,
    Environment environment,
    Optional<Roofline> roofline,
    List<VariantFigures> variants,
    LoadRounds rounds,
    Optional<LoadLimits> limits,
    Optional<Interaction> interaction,
    Optional<ProcessRounds> processes,
    List<String> unmeasured,
    List<GateResult> gates) {
  private static final double P95 = 95;

  /** Checks that nothing is missing. */
  public StudyResult {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(took, "took");
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(roofline, "roofline");
    variants = List.copyOf(variants);
    Objects.requireNonNull(rounds, "rounds");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(interaction, "interaction");
    Objects.requireNonNull(processes, "processes");
    unmeasured = List.copyOf(unmeasured);
    gates = List.copyOf(gates);
    if (variants.isEmpty() || rounds.subjects().size() < variants.size()) {
      throw new IllegalArgumentException(
          "Tried to make a result of "
              + variants.size()
              + " variants from rounds of "
              + rounds.subjects().size()
              + " subjects; there is at least one, and each has its turns.");
    }
  }

  /**
   * Compares a percentile of a candidate's latency with the baseline's at equal load.
   *
   * @param subject the candidate's place in the {@link #rounds}, from 1 on
   * @param percentile above 0 and below 100
   * @return the comparison by blocks with requests; empty where requests of one had no answer, or
   *     there are fewer than five
   */
  public Optional<Difference> latency(int subject, double percentile) {
    LoadComparison comparison = rounds.comparison(0, subject);
    return comparison.isComparable(percentile)
        ? Optional.of(comparison.latency(percentile))
        : Optional.empty();
  }

  /**
   * Puts a candidate into the words of a budget.
   *
   * @param variant its place, from 1 on
   * @return the three sentences; empty if it or the baseline has no highest load within the limit,
   *     or requests had no answer at equal load; see {@link #missing} and {@link #voidReasons}
   */
  public Optional<BudgetSentences> sentences(int variant) {
    return figures(variant).map(BudgetSentences::of);
  }

  /**
   * Returns what the sentences are made of.
   *
   * @param variant the candidate's place, from 1 on
   * @return the figures, empty where there are no {@link #sentences}
   */
  public Optional<BudgetFigures> figures(int variant) {
    Objects.checkIndex(variant, variants.size());
    if (limits.isEmpty()) {
      return Optional.empty();
    }
    LoadLimits found = limits.get();
    Optional<Estimate> baseline = found.rate(0);
    Optional<Estimate> candidate = found.rate(variant);
    Optional<RatioEstimate> ratio = found.ratio(0, variant);
    Optional<Difference> p95 = latency(variant, P95);
    if (baseline.isEmpty() || candidate.isEmpty() || ratio.isEmpty() || p95.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new BudgetFigures(
            variants.get(0).name(),
            variants.get(variant).name(),
            found.condition(),
            baseline.get(),
            candidate.get(),
            ratio.get(),
            rounds.settings().load().toString(),
            p95.get().ratio(),
            p95.get().verdict() != Difference.Verdict.NO_DIFFERENCE_SHOWN,
            variants.get(0).cost(),
            variants.get(variant).cost()));
  }

  /**
   * Says why figures cannot be trusted.
   *
   * @return whole sentences, none if they can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>(rounds.voidReasons());
    processes.ifPresent(made -> reasons.addAll(made.voidReasons()));
    return reasons;
  }

  /**
   * Says what is missing though it was asked for: what is {@link #unmeasured}, and why there is no
   * highest load within the limit for a variant.
   *
   * @return whole sentences, none if all is there
   */
  public List<String> missing() {
    List<String> reasons = new ArrayList<>(unmeasured);
    limits.ifPresent(
        found -> {
          for (int i = 0; i < variants.size(); i++) {
            found.reason(i).ifPresent(reasons::add);
          }
        });
    return reasons;
  }

  StudyResult withGates(List<GateResult> checked) {
    return with(processes, checked);
  }

  /**
   * Adds rounds that several processes made anew.
   *
   * @param rounds whose first subjects are the variants, in their order
   * @return a copy
   * @throws IllegalArgumentException if they are of other subjects
   */
  public StudyResult withProcesses(ProcessRounds rounds) {
    Objects.requireNonNull(rounds, "rounds");
    List<String> names = variants.stream().map(VariantFigures::name).toList();
    List<String> subjects = rounds.processes().get(0).subjects();
    if (subjects.size() < names.size() || !subjects.subList(0, names.size()).equals(names)) {
      throw new IllegalArgumentException(
          "Tried to add rounds of " + subjects + " to a study of " + names + ".");
    }
    return with(
        Optional.of(rounds),
        gates.stream().map(gate -> gate.withReasons(rounds.voidReasons())).toList());
  }

  private StudyResult with(Optional<ProcessRounds> made, List<GateResult> checked) {
    return new StudyResult(
        title,
        startedAt,
        took,
        environment,
        roofline,
        variants,
        rounds,
        limits,
        interaction,
        made,
        unmeasured,
        checked);
  }

  /**
   * Tells whether all gates open.
   *
   * @return whether each passes
   */
  public boolean passes() {
    return gates.stream().allMatch(GateResult::passes);
  }
}
