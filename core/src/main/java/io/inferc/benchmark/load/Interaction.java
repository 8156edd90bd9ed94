package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.RatioEstimate;
import java.util.Locale;
import java.util.Objects;

/**
 * Whether the gains of two changes add, by a factorial plan: neither, each alone, both. All ratios
 * are of times, over the subject with neither; two changes that do not touch each other multiply
 * them.
 *
 * @param first the first change alone
 * @param second the second change alone
 * @param both both together
 * @param interaction {@code both} over the product of the two
 * @see <a href="https://en.wikipedia.org/wiki/Factorial_experiment">Factorial experiment</a>
 */
public record Interaction(
    RatioEstimate first, RatioEstimate second, RatioEstimate both, RatioEstimate interaction) {
  public Interaction {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
    Objects.requireNonNull(both, "both");
    Objects.requireNonNull(interaction, "interaction");
  }

  /** What two changes come to together. */
  public enum Verdict {
    /** No more and no less was shown than what each gives alone, multiplied. */
    NO_INTERACTION_SHOWN,
    /** Together they give less than that: both save some of the same. */
    LESS_THAN_ADDED,
    /** Together they give more than that. */
    MORE_THAN_ADDED
  }

  /**
   * Returns what was shown.
   *
   * @return the verdict, by the interval of the interaction
   */
  public Verdict verdict() {
    if (interaction.low() > 1) {
      return Verdict.LESS_THAN_ADDED;
    }
    return interaction.high() < 1 ? Verdict.MORE_THAN_ADDED : Verdict.NO_INTERACTION_SHOWN;
  }

  /** Returns one sentence. */
  @Override
  public String toString() {
    String found =
        switch (verdict()) {
          case NO_INTERACTION_SHOWN -> "the gains add, as far as was shown";
          case LESS_THAN_ADDED -> "together they give less than added";
          case MORE_THAN_ADDED -> "together they give more than added";
        };
    return String.format(
        Locale.ROOT,
        "Times of %s alone and %s alone make %.3f, and both together take %s: %s (%s of the"
            + " product).",
        first,
        second,
        first.ratio() * second.ratio(),
        both,
        found,
        interaction);
  }
}
