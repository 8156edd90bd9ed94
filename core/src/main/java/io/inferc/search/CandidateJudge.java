package io.inferc.search;

import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.ReferenceOutputs;
import io.inferc.runtime.CompiledModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Judges candidates on the samples that one is chosen by, and the choice on others. */
final class CandidateJudge implements AutoCloseable {
  // Of the budget, for judging one candidate.
  private static final double SHARE = 0.02;
  private static final double PROOF_SHARE = 0.08;
  private static final long LEAST = 8;
  private static final long LEAST_PROOF = 16;
  private static final long MOST = 256;
  private static final int SHOWN = 4;

  private final CandidateSearch.Settings settings;
  private final TimeBudget time;
  private final CandidateStore store;
  private @Nullable ReferenceOutputs reference;
  private double sampleSeconds;
  private long judgedOn;

  CandidateJudge(CandidateSearch.Settings settings, TimeBudget time, CandidateStore store) {
    this.settings = settings;
    this.time = time;
    this.store = store;
  }

  /** Runs the original on as many samples as the time allows. */
  void record(CompiledModel original) {
    double before = time.now();
    long[] first = {0};
    settings
        .choosing()
        .limit(2)
        .forEach(
            (index, sample) -> {
              original.run(sample).close();
              first[0]++;
              return true;
            });
    sampleSeconds = (time.now() - before) / Math.max(1, first[0]);
    judgedOn = fitting(SHARE, LEAST, 1);
    reference =
        ReferenceOutputs.record(
            original,
            settings.choosing().limit(judgedOn),
            settings.view(),
            settings.cancellation());
  }

  private long fitting(double share, long least, int models) {
    double fits = share * time.seconds() / (models * Math.max(1e-6, sampleSeconds));
    return Math.max(least, (long) Math.min(MOST, fits));
  }

  /** What judging a candidate takes, as far as one knows. */
  double seconds() {
    return judgedOn * sampleSeconds;
  }

  double proofSeconds() {
    return 2 * fitting(PROOF_SHARE, LEAST_PROOF, 2) * sampleSeconds;
  }

  void judge(Entrant entrant, Supplier<CompiledModel> model) {
    CandidateStore.Judged known =
        store
            .judged(entrant.key())
            .orElseGet(
                () -> {
                  if (reference == null) {
                    throw new IllegalStateException("record() comes first");
                  }
                  AccuracyReport report =
                      reference.compare(model.get(), settings.tolerance()).judged();
                  CandidateStore.Judged judged =
                      new CandidateStore.Judged(report.passed(), text(report));
                  store.put(entrant.key(), judged);
                  return judged;
                });
    entrant.judged(known);
  }

  /** Compares with the original on samples that nothing was chosen by. */
  AccuracyReport prove(CompiledModel original, CompiledModel model) {
    Accuracy comparison =
        Accuracy.comparison(original, model)
            .progress(settings.progress())
            .cancellation(settings.cancellation());
    if (settings.view() != null) {
      comparison.view(settings.view());
    }
    return comparison.run(
        settings.proving().limit(fitting(PROOF_SHARE, LEAST_PROOF, 2)), settings.tolerance());
  }

  /** The metrics that have a limit, and the first that is broken. */
  static String text(AccuracyReport report) {
    List<String> metrics = new ArrayList<>();
    for (OutputAccuracy output : report.outputs()) {
      for (Map.Entry<Metric, Double> limit : output.limits().entrySet()) {
        output
            .metric(limit.getKey())
            .ifPresent(
                value ->
                    metrics.add(
                        String.format(Locale.ROOT, "%s %.4f", limit.getKey().label(), value)));
      }
    }
    if (metrics.isEmpty()) {
      return report.passed() ? "as the original" : report.violations().get(0);
    }
    return String.join(", ", metrics.subList(0, Math.min(SHOWN, metrics.size())));
  }

  @Override
  public void close() {
    if (reference != null) {
      reference.close();
    }
  }
}
