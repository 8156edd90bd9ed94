package io.inferc.benchmark;

import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a comparison means for a budget, in three sentences for the first screen of a report. Where
 * an interval holds the ratio 1, the sentence begins with "No difference shown".
 *
 * @param throughput how many more requests are served at equal latency
 * @param latency how much lower the P95 is at equal load
 * @param cost what a million requests cost
 */
public record BudgetSentences(String throughput, String latency, String cost) {
  private static final String NONE_SHOWN = "No difference shown: ";
  private static final MathContext DIGITS = new MathContext(4);

  /**
   * Puts figures into words.
   *
   * @param figures the figures
   * @return the sentences
   */
  public static BudgetSentences of(BudgetFigures figures) {
    Objects.requireNonNull(figures, "figures");
    return new BudgetSentences(throughput(figures), latency(figures), cost(figures));
  }

  /**
   * Returns the sentences in the order of reading.
   *
   * @return three of them
   */
  public List<String> all() {
    return List.of(throughput, latency, cost);
  }

  private static String throughput(BudgetFigures f) {
    RatioEstimate ratio = f.throughput();
    return sentence(
        ratio,
        String.format(
            Locale.ROOT,
            "at equal latency (%s), %s serves %.2f times as many requests as %s, %s",
            f.latencyLimit(),
            f.candidate(),
            ratio.ratio(),
            f.baseline(),
            interval(ratio.low(), ratio.high(), "%.2f")));
  }

  private static String latency(BudgetFigures f) {
    return sentence(
        f.p95(),
        f.p95Differs() && f.p95().excludesOne(),
        String.format(
            Locale.ROOT,
            "at equal load (%s), the P95 latency of %s is %s that of %s",
            f.load(),
            f.candidate(),
            change(f.p95(), "lower than", "higher than"),
            f.baseline()));
  }

  private static String cost(BudgetFigures f) {
    return sentence(
        f.costRatio(),
        String.format(
            Locale.ROOT,
            "a million requests (at %s) cost %s with %s and %s with %s: %s",
            f.latencyLimit(),
            money(f.candidateCost(), f.candidateThroughput()),
            f.candidate(),
            money(f.baselineCost(), f.baselineThroughput()),
            f.baseline(),
            change(f.costRatio(), "less", "more")));
  }

  private static String sentence(RatioEstimate ratio, String clause) {
    return sentence(ratio, ratio.excludesOne(), clause);
  }

  private static String sentence(RatioEstimate ratio, boolean differs, String clause) {
    String text =
        differs
            ? clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1)
            : NONE_SHOWN + clause;
    BigDecimal percent =
        BigDecimal.valueOf(100 * ratio.confidence()).round(DIGITS).stripTrailingZeros();
    return text + " (" + percent.toPlainString() + " % confidence).";
  }

  private static String money(Cost cost, Estimate throughput) {
    Estimate price = cost.perMillion(throughput);
    String format = price.value() < 1 ? "%.3f" : "%.2f";
    return String.format(Locale.ROOT, format, price.value())
        + " "
        + cost.currency()
        + " "
        + interval(price.low(), price.high(), format);
  }

  /** The change in percent, its sign as a word; what may go either way says both. */
  private static String change(RatioEstimate ratio, String less, String more) {
    if (!ratio.excludesOne()) {
      return String.format(
          Locale.ROOT,
          "between %.0f %% %s and %s %s",
          100 * (1 - ratio.low()),
          less,
          Double.isInfinite(ratio.high())
              ? "any percentage"
              : String.format(Locale.ROOT, "%.0f %%", 100 * (ratio.high() - 1)),
          more);
    }
    boolean falls = ratio.high() < 1;
    double estimate = 100 * Math.abs(1 - ratio.ratio());
    double first = 100 * Math.abs(1 - (falls ? ratio.high() : ratio.low()));
    double second = 100 * Math.abs(1 - (falls ? ratio.low() : ratio.high()));
    return String.format(
        Locale.ROOT,
        "%.0f %% %s %s",
        estimate,
        interval(first, second, "%.0f"),
        falls ? less : more);
  }

  private static String interval(double low, double high, String format) {
    return "["
        + String.format(Locale.ROOT, format, low)
        + ", "
        + (Double.isInfinite(high) ? "unbounded)" : String.format(Locale.ROOT, format, high) + "]");
  }
}
