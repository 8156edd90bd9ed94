package io.inferc.accuracy;

import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * Compares the texts that greedy decoding makes of the scores of a network trained with
 * connectionist temporal classification: the best class of each step, repetitions collapsed, blanks
 * dropped (Graves et al., "Connectionist Temporal Classification", 2006, section 3.2, "best path
 * decoding").
 */
final class CtcMeasure implements TaskMeasure {
  private final int blank;
  private long texts;
  private long equal;
  private long characters;
  private long edits;

  CtcMeasure(int blank) {
    this.blank = blank;
  }

  /** Scores of steps and classes, with or without a batch. */
  @Override
  public boolean takes(int rank) {
    return rank == 2 || rank == 3;
  }

  @Override
  public void add(long sample, Tensor original, Tensor compiled, WorstSamples worst) {
    int[][] expected = decode(original);
    int[][] actual = decode(compiled);
    long same = 0;
    long wrong = 0;
    long length = 0;
    for (int i = 0; i < expected.length; i++) {
      // A text too many or too few would be another shape.
      int[] other = i < actual.length ? actual[i] : new int[0];
      same += Arrays.equals(expected[i], other) ? 1 : 0;
      wrong += distance(expected[i], other);
      length += expected[i].length;
    }
    texts += expected.length;
    equal += same;
    edits += wrong;
    characters += length;
    worst.note(Metric.TEXT_MATCH, sample, ratio(same, expected.length, 1));
    worst.note(Metric.CHARACTER_ERROR_RATE, sample, ratio(wrong, length, (double) wrong));
  }

  @Override
  public void putInto(Map<Metric, Double> metrics) {
    metrics.put(Metric.TEXT_MATCH, ratio(equal, texts, 1));
    metrics.put(Metric.CHARACTER_ERROR_RATE, ratio(edits, characters, (double) edits));
  }

  private static double ratio(long part, long whole, double ofNothing) {
    return whole == 0 ? ofNothing : part / (double) whole;
  }

  private int[][] decode(Tensor scores) {
    int rank = scores.rank();
    int classes = (int) scores.size(rank - 1);
    int steps = (int) scores.size(rank - 2);
    int batch = rank == 3 ? (int) scores.size(0) : 1;
    int[][] decoded = new int[batch][];
    for (int i = 0; i < batch; i++) {
      decoded[i] = decode(scores, (long) i * steps, steps, classes);
    }
    return decoded;
  }

  private int[] decode(Tensor scores, long firstStep, int steps, int classes) {
    double[] step = new double[classes];
    int[] text = new int[steps];
    int length = 0;
    int before = -1;
    int dropped = blank < 0 ? blank + classes : blank;
    for (int t = 0; classes > 0 && t < steps; t++) {
      scores.readDoubles((firstStep + t) * classes, step, classes);
      int best = TopK.indices(step, 0, classes, 1)[0];
      if (best != before && best != dropped) {
        text[length++] = best;
      }
      before = best;
    }
    return Arrays.copyOf(text, length);
  }

  /** The least number of insertions, deletions and replacements (Levenshtein, 1966). */
  static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length];
  }
}
