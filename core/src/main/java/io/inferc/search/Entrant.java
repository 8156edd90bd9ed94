package io.inferc.search;

import io.inferc.benchmark.RatioInterval;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.runtime.CompiledModel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A candidate in the course of a search. */
final class Entrant implements AutoCloseable {
  private final Candidate candidate;
  private @Nullable CompiledModel model;
  private @Nullable RatioInterval gain;
  private String accuracy = "";
  private boolean accurate;
  private boolean behind;
  private Outcome outcome = Outcome.NOT_TRIED;
  private String reason = "The time was up before it was tried.";

  Entrant(Candidate candidate) {
    this.candidate = candidate;
  }

  Candidate candidate() {
    return candidate;
  }

  String key() {
    return candidate.key();
  }

  Optional<CompiledModel> model() {
    return Optional.ofNullable(model);
  }

  void opened(CompiledModel compiled) {
    model = compiled;
  }

  /** Hands the model over. */
  void released() {
    model = null;
  }

  void judged(CandidateStore.Judged judged) {
    accurate = judged.met();
    accuracy = judged.text();
  }

  boolean isAccurate() {
    return accurate;
  }

  void measured(RatioInterval measured) {
    gain = measured;
  }

  /** How many times better than the original; not if it was never measured. */
  Optional<RatioInterval> gain() {
    return Optional.ofNullable(gain);
  }

  /** What it may well be worth: the estimate, or nothing. */
  double promise() {
    return gain == null ? 0 : gain.ratio();
  }

  void ended(Outcome what, String why) {
    outcome = what;
    reason = why;
    behind = false;
  }

  /** Another one is better, though this one is good. */
  void fellBehind(String why) {
    ended(Outcome.SLOWER, why);
    behind = true;
  }

  /** Whether it is better than the original, and can take the place of a better one that fails. */
  boolean isSpare() {
    return behind && accurate && promise() > 1;
  }

  Outcome outcome() {
    return outcome;
  }

  CompilationReport.Candidate row() {
    return new CompilationReport.Candidate(
        candidate.target(),
        candidate.precision(),
        outcome,
        gain().map(g -> new CompilationReport.Gain(g.ratio(), g.low(), g.high())),
        accuracy,
        reason);
  }

  @Override
  public void close() {
    CompiledModel open = model;
    model = null;
    if (open != null) {
      open.close();
    }
  }
}
