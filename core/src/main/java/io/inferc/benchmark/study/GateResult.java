package io.inferc.benchmark.study;

import java.util.List;
import java.util.Objects;

/**
 * What became of a gate.
 *
 * @param gate what was asked, for example {@code P95 not slower}
 * @param variant of which variant
 * @param verdict what was shown
 * @param explanation a whole sentence with the figures
 */
public record GateResult(String gate, String variant, Verdict verdict, String explanation) {
  /** Checks that nothing is missing. */
  public GateResult {
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(variant, "variant");
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(explanation, "explanation");
  }

  /** What was shown. */
  public enum Verdict {
    /** What was asked holds. */
    PASSED,
    /** It does not. */
    FAILED,
    /** Neither was shown: the interval holds the limit, or the measurement is void. */
    NOT_SHOWN
  }

  /** What the gate for a measurement to be trusted says of further reasons against it. */
  GateResult withReasons(List<String> reasons) {
    if (reasons.isEmpty() || !gate.equals(Gate.TRUSTED)) {
      return this;
    }
    String all = String.join(" ", reasons);
    return new GateResult(
        gate,
        variant,
        Verdict.NOT_SHOWN,
        verdict == Verdict.PASSED ? all : explanation + " " + all);
  }

  /**
   * Tells whether the gate opens.
   *
   * @return whether what was asked was shown to hold
   */
  public boolean passes() {
    return verdict == Verdict.PASSED;
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return verdict + ": " + variant + ", " + gate + ". " + explanation;
  }
}
