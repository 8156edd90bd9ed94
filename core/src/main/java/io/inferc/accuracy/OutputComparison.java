package io.inferc.accuracy;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds up the differences of one output, sample by sample, in constant memory. */
final class OutputComparison {
  /** What stands for zero where the original has nothing but zeros. */
  private static final double NOTHING = 1e-6;

  private static final int BLOCK = 1 << 14;

  private final String output;
  private final int k;
  private final WorstSamples worst = new WorstSamples();
  private @Nullable Tolerance tolerance;
  private @Nullable TaskMeasure task;
  private boolean numeric = true;
  private boolean discrete;
  private boolean ranked = true;
  private boolean measuresTask;
  private long samples;
  private long elements;
  private long matches;
  private long finiteElements;
  private double maxError;
  private double sumError;
  private double sumSquaredError;
  private double sumSquaredSignal;
  private double sumCosine;
  private double minCosine = 1;
  private long rows;
  private long topOne;
  private double topK;
  private long originalNan;
  private long originalInfinite;
  private long compiledNan;
  private long compiledInfinite;
  private long strayed;
  private long otherShapes;

  OutputComparison(String output, int k) {
    this.output = output;
    this.k = k;
  }

  /** For tensors whose greatest elements mean nothing. */
  static OutputComparison unranked(String output) {
    OutputComparison comparison = new OutputComparison(output, 1);
    comparison.ranked = false;
    return comparison;
  }

  /** For an output that must keep something. */
  OutputComparison within(Tolerance limits) {
    tolerance = limits;
    task = limits.measure().orElse(null);
    return this;
  }

  /** For an output whose last axis is a batch, so that its elements belong to different samples. */
  OutputComparison ofBatch() {
    ranked = false;
    return this;
  }

  /** Adds a sample, of which no elements can be compared if the sizes differ. */
  void addAny(long sample, Tensor original, Tensor compiled) {
    boolean same = Arrays.equals(original.shape(), compiled.shape());
    if (same || original.rank() != compiled.rank()) {
      // Another rank is another model, and refused.
      add(sample, original, compiled);
      return;
    }
    samples++;
    otherShapes++;
  }

  void add(long sample, Tensor original, Tensor compiled) {
    if (!Arrays.equals(original.shape(), compiled.shape())) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare the output '"
              + output
              + "' of sample "
              + sample
              + ", but the original returned "
              + original
              + " and the compiled model "
              + compiled
              + ".",
          "Both must be the same model: check what was compiled.");
    }
    samples++;
    elements += original.elementCount();
    if (original.type() == DataType.STRING || compiled.type() == DataType.STRING) {
      numeric = false;
      discrete = true;
      addText(sample, original, compiled);
    } else {
      discrete = !original.type().isFloatingPoint();
      addNumbers(sample, original, compiled);
      if (task != null && !discrete && task.takes(original.rank())) {
        measuresTask = true;
        task.add(sample, original, compiled, worst);
      }
    }
  }

  private void addText(long sample, Tensor original, Tensor compiled) {
    long same = 0;
    for (int i = 0; i < original.elementCount(); i++) {
      same += original.strings().get(i).equals(compiled.strings().get(i)) ? 1 : 0;
    }
    matches += same;
    worst.note(Metric.EXACT_MATCH, sample, fraction(same, original.elementCount()));
  }

  private void addNumbers(long sample, Tensor original, Tensor compiled) {
    long total = original.elementCount();
    int width = rowWidth(original);
    // Whole rows, so that their greatest elements can be told.
    int length = (int) Math.min(total, (long) Math.max(1, BLOCK / width) * width);
    double[] r = new double[length];
    double[] c = new double[length];
    Ranking ranking = new Ranking();
    double max = 0;
    double error = 0;
    double squaredError = 0;
    double rr = 0;
    double cc = 0;
    double rc = 0;
    long same = 0;
    long finite = 0;
    for (long start = 0; start < total; start += length) {
      int count = (int) Math.min(length, total - start);
      original.readDoubles(start, r, count);
      compiled.readDoubles(start, c, count);
      for (int i = 0; i < count; i++) {
        // Equal infinities and zeros of either sign are the same; NaN matches NaN.
        boolean equal = r[i] == c[i] || (Double.isNaN(r[i]) && Double.isNaN(c[i]));
        same += equal ? 1 : 0;
        strayed += !equal && !Double.isFinite(c[i]) ? 1 : 0;
        countNotFinite(r[i], c[i]);
        if (!Double.isFinite(r[i]) || !Double.isFinite(c[i])) {
          continue;
        }
        finite++;
        double d = Math.abs(r[i] - c[i]);
        max = Math.max(max, d);
        error += d;
        squaredError += d * d;
        rr += r[i] * r[i];
        cc += c[i] * c[i];
        rc += r[i] * c[i];
      }
      if (ranked) {
        ranking.add(r, c, count, width);
      }
    }
    matches += same;
    finiteElements += finite;
    maxError = Math.max(maxError, max);
    sumError += error;
    sumSquaredError += squaredError;
    sumSquaredSignal += rr;
    double cosine = cosine(rr, cc, rc, max);
    sumCosine += cosine;
    minCosine = Math.min(minCosine, cosine);
    worst.note(Metric.MAX_ABSOLUTE_ERROR, sample, max);
    worst.note(Metric.MEAN_ABSOLUTE_ERROR, sample, finite == 0 ? 0 : error / finite);
    worst.note(Metric.RMSE, sample, finite == 0 ? 0 : Math.sqrt(squaredError / finite));
    worst.note(Metric.SQNR_DB, sample, decibels(rr, squaredError, max));
    worst.note(Metric.MIN_COSINE, sample, cosine);
    worst.note(Metric.EXACT_MATCH, sample, fraction(same, total));
    note(sample, ranking);
  }

  private void countNotFinite(double r, double c) {
    originalNan += Double.isNaN(r) ? 1 : 0;
    originalInfinite += Double.isInfinite(r) ? 1 : 0;
    compiledNan += Double.isNaN(c) ? 1 : 0;
    compiledInfinite += Double.isInfinite(c) ? 1 : 0;
  }

  /** The length of the rows whose greatest elements count, 1 if there are none such. */
  private int rowWidth(Tensor shape) {
    int width = shape.rank() == 0 ? 1 : (int) shape.size(shape.rank() - 1);
    ranked &= width > 1;
    return ranked ? width : 1;
  }

  private void note(long sample, Ranking ranking) {
    if (!ranked) {
      return;
    }
    rows += ranking.rows;
    topOne += ranking.agreed;
    topK += ranking.shared;
    worst.note(Metric.TOP1_AGREEMENT, sample, fraction(ranking.agreed, ranking.rows));
    worst.note(
        Metric.TOPK_AGREEMENT, sample, ranking.rows == 0 ? 1 : ranking.shared / ranking.rows);
  }

  /** How far the greatest elements of the rows of one sample are the same. */
  private final class Ranking {
    private long rows;
    private long agreed;
    private double shared;

    void add(double[] r, double[] c, int count, int width) {
      int top = Math.min(k, width);
      for (int from = 0; from < count; from += width) {
        int[] best = TopK.indices(r, from, width, top);
        int[] other = TopK.indices(c, from, width, top);
        agreed += best[0] == other[0] ? 1 : 0;
        shared += TopK.shared(best, other) / (double) top;
        rows++;
      }
    }
  }

  OutputAccuracy result() {
    Map<Metric, Double> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.EXACT_MATCH, fraction(matches, elements));
    if (numeric) {
      metrics.put(Metric.MAX_ABSOLUTE_ERROR, maxError);
      metrics.put(Metric.MEAN_ABSOLUTE_ERROR, finiteElements == 0 ? 0 : sumError / finiteElements);
      metrics.put(
          Metric.RMSE, finiteElements == 0 ? 0 : Math.sqrt(sumSquaredError / finiteElements));
      metrics.put(Metric.SQNR_DB, decibels(sumSquaredSignal, sumSquaredError, maxError));
      metrics.put(Metric.MEAN_COSINE, samples == 0 ? 1 : sumCosine / samples);
      metrics.put(Metric.MIN_COSINE, minCosine);
      if (ranked && rows > 0) {
        metrics.put(Metric.TOP1_AGREEMENT, fraction(topOne, rows));
        metrics.put(Metric.TOPK_AGREEMENT, topK / rows);
      }
    }
    if (task != null && measuresTask) {
      task.putInto(metrics);
    }
    return new OutputAccuracy(
        output,
        samples,
        elements,
        metrics,
        worst.of(metrics),
        tolerance == null ? Map.of() : tolerance.limits(discrete, metrics.keySet()),
        new OutputAccuracy.NotFinite(originalNan, originalInfinite),
        new OutputAccuracy.NotFinite(compiledNan, compiledInfinite),
        strayed,
        otherShapes);
  }

  private static double fraction(long part, long whole) {
    return whole == 0 ? 1 : part / (double) whole;
  }

  private static double decibels(double signal, double noise, double maxError) {
    if (noise == 0 || (signal == 0 && maxError <= NOTHING)) {
      return Double.POSITIVE_INFINITY;
    }
    return 10 * Math.log10(signal / noise);
  }

  private static double cosine(double rr, double cc, double rc, double maxError) {
    if (rr == 0 || cc == 0) {
      return rr == cc || (rr == 0 && maxError <= NOTHING) ? 1 : 0;
    }
    // Rounding may carry the quotient of equal vectors just beyond 1.
    return Math.max(-1, Math.min(1, rc / Math.sqrt(rr) / Math.sqrt(cc)));
  }
}
