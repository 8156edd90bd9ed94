package io.inferc.accuracy;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Adds up the differences of one output, sample by sample, in constant memory. */
final class OutputComparison {
  private final String output;
  private final int k;
  private final Map<Metric, OutputAccuracy.WorstSample> worst = new EnumMap<>(Metric.class);
  private boolean numeric = true;
  private boolean ranked = true;
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
      addText(sample, original, compiled);
    } else {
      addNumbers(sample, original, compiled);
    }
  }

  private void addText(long sample, Tensor original, Tensor compiled) {
    long same = 0;
    for (int i = 0; i < original.elementCount(); i++) {
      same += original.strings().get(i).equals(compiled.strings().get(i)) ? 1 : 0;
    }
    matches += same;
    noteWorst(Metric.EXACT_MATCH, sample, fraction(same, original.elementCount()));
  }

  private void addNumbers(long sample, Tensor original, Tensor compiled) {
    double[] r = original.toDoubleArray();
    double[] c = compiled.toDoubleArray();
    double max = 0;
    double error = 0;
    double squaredError = 0;
    double rr = 0;
    double cc = 0;
    double rc = 0;
    long same = 0;
    long finite = 0;
    for (int i = 0; i < r.length; i++) {
      // Equal infinities and zeros of either sign are the same; NaN matches NaN.
      same += r[i] == c[i] || (Double.isNaN(r[i]) && Double.isNaN(c[i])) ? 1 : 0;
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
    matches += same;
    finiteElements += finite;
    maxError = Math.max(maxError, max);
    sumError += error;
    sumSquaredError += squaredError;
    sumSquaredSignal += rr;
    double cosine = cosine(rr, cc, rc);
    sumCosine += cosine;
    minCosine = Math.min(minCosine, cosine);
    noteWorst(Metric.MAX_ABSOLUTE_ERROR, sample, max);
    noteWorst(Metric.MEAN_ABSOLUTE_ERROR, sample, finite == 0 ? 0 : error / finite);
    noteWorst(Metric.RMSE, sample, finite == 0 ? 0 : Math.sqrt(squaredError / finite));
    noteWorst(Metric.SQNR_DB, sample, decibels(rr, squaredError));
    noteWorst(Metric.MIN_COSINE, sample, cosine);
    noteWorst(Metric.EXACT_MATCH, sample, fraction(same, r.length));
    rank(sample, original, r, c);
  }

  private void countNotFinite(double r, double c) {
    originalNan += Double.isNaN(r) ? 1 : 0;
    originalInfinite += Double.isInfinite(r) ? 1 : 0;
    compiledNan += Double.isNaN(c) ? 1 : 0;
    compiledInfinite += Double.isInfinite(c) ? 1 : 0;
  }

  private void rank(long sample, Tensor shape, double[] r, double[] c) {
    if (!ranked) {
      return;
    }
    int width = shape.rank() == 0 ? 1 : (int) shape.size(shape.rank() - 1);
    if (width < 2) {
      ranked = false;
      return;
    }
    int count = Math.min(k, width);
    long agreed = 0;
    double shared = 0;
    int sampleRows = r.length / width;
    for (int row = 0; row < sampleRows; row++) {
      int from = row * width;
      int[] best = TopK.indices(r, from, width, count);
      int[] other = TopK.indices(c, from, width, count);
      agreed += best[0] == other[0] ? 1 : 0;
      shared += TopK.shared(best, other) / (double) count;
    }
    rows += sampleRows;
    topOne += agreed;
    topK += shared;
    noteWorst(Metric.TOP1_AGREEMENT, sample, fraction(agreed, sampleRows));
    noteWorst(Metric.TOPK_AGREEMENT, sample, sampleRows == 0 ? 1 : shared / sampleRows);
  }

  private void noteWorst(Metric metric, long sample, double value) {
    OutputAccuracy.WorstSample known = worst.get(metric);
    boolean worse =
        known == null || (metric.higherIsBetter() ? value < known.value() : value > known.value());
    if (worse) {
      worst.put(metric, new OutputAccuracy.WorstSample(sample, value));
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
      metrics.put(Metric.SQNR_DB, decibels(sumSquaredSignal, sumSquaredError));
      metrics.put(Metric.MEAN_COSINE, samples == 0 ? 1 : sumCosine / samples);
      metrics.put(Metric.MIN_COSINE, minCosine);
      if (ranked && rows > 0) {
        metrics.put(Metric.TOP1_AGREEMENT, fraction(topOne, rows));
        metrics.put(Metric.TOPK_AGREEMENT, topK / rows);
      }
    }
    worst.keySet().retainAll(metrics.keySet());
    return new OutputAccuracy(
        output,
        samples,
        elements,
        metrics,
        worst,
        new OutputAccuracy.NotFinite(originalNan, originalInfinite),
        new OutputAccuracy.NotFinite(compiledNan, compiledInfinite));
  }

  private static double fraction(long part, long whole) {
    return whole == 0 ? 1 : part / (double) whole;
  }

  private static double decibels(double signal, double noise) {
    if (noise == 0) {
      return Double.POSITIVE_INFINITY;
    }
    return 10 * Math.log10(signal / noise);
  }

  private static double cosine(double rr, double cc, double rc) {
    if (rr == 0 || cc == 0) {
      return rr == cc ? 1 : 0;
    }
    // Rounding may carry the quotient of equal vectors just beyond 1.
    return Math.max(-1, Math.min(1, rc / Math.sqrt(rr) / Math.sqrt(cc)));
  }
}
