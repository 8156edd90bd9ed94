package io.inferc.accuracy;

/**
 * A measure of how far a compiled model's output is from the original's. With r the original's
 * elements, c the compiled model's, and n their number:
 */
public enum Metric {
  /** max |r - c| over all elements of all samples. */
  MAX_ABSOLUTE_ERROR("max abs error", false),
  /** sum |r - c| / n over all elements of all samples. */
  MEAN_ABSOLUTE_ERROR("mean abs error", false),
  /** sqrt(sum (r - c)^2 / n) over all elements of all samples. */
  RMSE("RMSE", false),
  /**
   * Signal to quantization noise in dB: 10 log10(sum r^2 / sum (r - c)^2) over all elements of all
   * samples; positive infinity if nothing differs, or r is all zeros and no element of c beyond
   * 1e-6.
   */
  SQNR_DB("SQNR dB", true),
  /**
   * The mean over the samples of r.c / (|r| |c|), each output flattened; 1 where both are all
   * zeros, or r is and no element of c is beyond 1e-6; 0 where one is all zeros else.
   */
  MEAN_COSINE("mean cosine", true),
  /** The smallest of those cosines. */
  MIN_COSINE("min cosine", true),
  /**
   * The fraction of rows along the last axis whose largest element is at the same place: of scores
   * of tokens, the share of best tokens that did not flip. Equal elements count as the first of
   * them.
   */
  TOP1_AGREEMENT("top-1 agreement", true),
  /** The mean over those rows of |top-k of r and of c in common| / k. */
  TOPK_AGREEMENT("top-k agreement", true),
  /** The fraction of elements that are the same, bit by bit in value. */
  EXACT_MATCH("exact match", true),
  /**
   * Of the elements of r above a threshold the fraction where c is above it too, or of the others
   * the fraction where c is not, whichever is less: rare positives count as much as all else.
   */
  DECISION_AGREEMENT("decision agreement", true),
  /** Twice the number of matched boxes over the number of boxes in r and c. */
  BOX_F1("box F1", true),
  /** The fraction of decoded texts that are the same. */
  TEXT_MATCH("text match", true),
  /** The edits that turn c's texts into r's, over the number of characters in r's. */
  CHARACTER_ERROR_RATE("char error rate", false);

  private final String label;
  private final boolean higherIsBetter;

  Metric(String label, boolean higherIsBetter) {
    this.label = label;
    this.higherIsBetter = higherIsBetter;
  }

  /**
   * Returns the name for a person.
   *
   * @return for example {@code "mean cosine"}
   */
  public String label() {
    return label;
  }

  /** Tells whether it takes a threshold, blank or layout to measure it. */
  boolean isOfTask() {
    return switch (this) {
      case DECISION_AGREEMENT, BOX_F1, TEXT_MATCH, CHARACTER_ERROR_RATE -> true;
      default -> false;
    };
  }

  /** The value that no result is better than. */
  double best() {
    return this == SQNR_DB ? Double.POSITIVE_INFINITY : higherIsBetter ? 1 : 0;
  }

  /**
   * Tells which way is better.
   *
   * @return true if a higher value is better, false if a lower one is
   */
  public boolean higherIsBetter() {
    return higherIsBetter;
  }
}
