package io.inferc.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How a compiled model came to be what it is: what was tried beside it, what each was worth, and
 * which of its quantized layers were measured to pay.
 *
 * <pre>{@code
 * CompiledModel model = compiler.compile(path);
 * System.out.println(model.report());
 * }</pre>
 *
 * @param verdict the outcome for a person, in one or two sentences; empty if nothing was measured
 * @param candidates all that was tried, the chosen one first, then the others by what they gain;
 *     empty if nothing was to choose
 * @param regions the quantized layers that were measured, those that gain most first; empty if none
 *     were
 * @param notes what a user should know of the search, in whole sentences
 * @param took how long all of it took
 * @param complete false if the time was up before all was tried
 */
public record CompilationReport(
    String verdict,
    List<Candidate> candidates,
    List<Region> regions,
    List<String> notes,
    Duration took,
    boolean complete) {
  private static final CompilationReport NONE =
      new CompilationReport("", List.of(), List.of(), List.of(), Duration.ZERO, true);

  public CompilationReport {
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(took, "took");
    candidates = List.copyOf(Objects.requireNonNull(candidates, "candidates"));
    regions = List.copyOf(Objects.requireNonNull(regions, "regions"));
    notes = List.copyOf(Objects.requireNonNull(notes, "notes"));
  }

  /**
   * Returns the report of a model that was compiled as asked, without measuring anything, or
   * loaded.
   *
   * @return an empty report
   */
  public static CompilationReport none() {
    return NONE;
  }

  /**
   * Returns the candidate that became the model.
   *
   * @return the chosen one, or empty if nothing was to choose
   */
  public Optional<Candidate> chosen() {
    return candidates.stream().filter(c -> c.outcome() == Outcome.CHOSEN).findFirst();
  }

  /** What became of a candidate. */
  public enum Outcome {
    /** It is the model. */
    CHOSEN,
    /** It keeps the tolerance, and another one is better. */
    SLOWER,
    /** It does not keep the tolerance. */
    INACCURATE,
    /** It could not be compiled or run. */
    FAILED,
    /** It does not exist here, or for this model. */
    UNAVAILABLE,
    /** The time was up before it was tried. */
    NOT_TRIED
  }

  /**
   * How many times better than the original something was measured to be, with its 95 % interval.
   *
   * @param ratio the estimate; above 1 is better
   * @param low the lower bound
   * @param high the upper bound
   */
  public record Gain(double ratio, double low, double high) {
    /** Returns text such as {@code 1.84 [1.79, 1.90]}. */
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.2f [%.2f, %.2f]", ratio, low, high);
    }
  }

  /**
   * One way to compile the model.
   *
   * @param target where, with which options
   * @param precision at which precision
   * @param outcome what became of it
   * @param gain against the original, by what was asked for; empty if it was not measured
   * @param accuracy what it does to the answers, in one line; empty if that was not judged
   * @param reason why it was chosen or not, in a whole sentence
   */
  public record Candidate(
      Target.Choice target,
      String precision,
      Outcome outcome,
      Optional<Gain> gain,
      String accuracy,
      String reason) {
    public Candidate {
      Objects.requireNonNull(target, "target");
      Objects.requireNonNull(precision, "precision");
      Objects.requireNonNull(outcome, "outcome");
      Objects.requireNonNull(gain, "gain");
      Objects.requireNonNull(accuracy, "accuracy");
      Objects.requireNonNull(reason, "reason");
    }

    /** Returns one line. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-11s %-18s %s at %s%s: %s",
          outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          gain.map(Gain::toString).orElse(""),
          target,
          precision,
          accuracy.isEmpty() ? "" : " (" + accuracy + ")",
          reason);
    }
  }

  /**
   * Quantized layers of one kind, measured with and without their integers.
   *
   * @param name what they have in common, for example {@code MatMul [384, 1536]}
   * @param layers names of the nodes
   * @param gain how many times faster the model is with their integers than without
   * @param kept whether they stayed quantized
   * @param reason which kernel, conversion or instruction set decides, in a whole sentence
   */
  public record Region(String name, List<String> layers, Gain gain, boolean kept, String reason) {
    public Region {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(gain, "gain");
      Objects.requireNonNull(reason, "reason");
      layers = List.copyOf(Objects.requireNonNull(layers, "layers"));
    }

    /** Returns one line. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-8s %-18s %d x %s: %s",
          kept ? "kept" : "reverted",
          gain,
          layers.size(),
          name,
          reason);
    }
  }

  /** Returns all of it for a person, a line for each candidate and region. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(verdict);
    candidates.forEach(c -> text.append(System.lineSeparator()).append("  ").append(c));
    regions.forEach(r -> text.append(System.lineSeparator()).append("  ").append(r));
    notes.forEach(n -> text.append(System.lineSeparator()).append("  ").append(n));
    if (!complete) {
      text.append(System.lineSeparator()).append("  The time was up before all was tried.");
    }
    return text.toString();
  }
}
