package io.inferc;

import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.search.ModelGain;
import io.inferc.search.RegionCheck;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.NumericPrecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures whether what a compiler was asked for pays, and takes back what does not. */
final class PayCheck {
  private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);
  private static final double REGIONS_SHARE = 0.6;
  private static final double FEWER_SHARE = 0.15;
  private static final double WHOLE_SHARE = 0.2;
  static final String TOGETHER =
      " Not for certain faster by itself; it stays since no model without such layers was measured"
          + " to be as good.";

  private final CompilerSettings settings;
  private final Verification verification;
  private final List<ValueInfo> inputs;
  private final long started = System.nanoTime();
  private List<CompilationReport.Region> regions = List.of();
  private boolean complete = true;
  private final List<String> notes = new ArrayList<>();
  private @Nullable RequestMix requests;
  // Whether layers stay until it is known whether the whole pays.
  private boolean together;

  PayCheck(CompilerSettings settings, Verification verification, List<ValueInfo> inputs) {
    this.settings = settings;
    this.verification = verification;
    this.inputs = inputs;
  }

  /** The requests to measure, tried on the model as it is by then. */
  private RequestMix requests(ExecutableModel model) {
    RequestMix known = requests;
    if (known == null) {
      known =
          verification
              .requests()
              .orElseGet(
                  () ->
                      TypicalRequests.tried(
                          model,
                          inputs,
                          settings.profiles(),
                          settings.precision().settings().samples().orElseThrow(),
                          notes::add));
      requests = known;
    }
    return known;
  }

  private Duration share(double part) {
    return Duration.ofNanos(Math.round(part * verification.budget().toNanos()));
  }

  /**
   * Leaves layers in floating point that do not pay, unless the model is slower for certain without
   * their integers. If that would be all of them, the model stays as it is, for {@link #faster} to
   * decide on the whole.
   *
   * @param compiled the model by the precision's own plan; it is closed if another is returned
   * @param rewriter which has written it
   * @param again compiles what the rewriter writes by then
   */
  ExecutableModel trimmed(
      ExecutableModel compiled, ModelRewriter rewriter, Supplier<ExecutableModel> again) {
    ExecutableModel chosen = null;
    ExecutableModel fewer = null;
    try {
      RegionCheck.Result found =
          regions(settings, rewriter, requests(compiled), share(REGIONS_SHARE));
      regions = found.regions();
      complete = found.complete();
      Map<String, LayerDecision> reverted = difference(rewriter, found);
      if (found.quantizes() && !reverted.isEmpty()) {
        rewriter.leaveOut(reverted);
        fewer = again.get();
      }
      if (fewer != null && !isFaster(compiled, fewer)) {
        chosen = fewer;
      } else {
        chosen = compiled;
        together = true;
      }
      return chosen;
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      // The model itself is compiled, and whether it pays as a whole can be measured all the same.
      notes.add("What its layers gain could not be measured: " + e.getMessage());
      complete = false;
      chosen = compiled;
      return chosen;
    } finally {
      if (chosen != compiled) {
        compiled.close();
      }
      if (fewer != null && chosen != fewer) {
        fewer.close();
      }
    }
  }

  /**
   * Measures the layers of a rewriter's own plan, which it has written.
   *
   * @param settings where, for which shapes, and what stops it
   * @param budget how long it may take
   */
  static RegionCheck.Result regions(
      CompilerSettings settings, ModelRewriter rewriter, RequestMix mix, Duration budget) {
    BackendRegistry.Opened opened = settings.opened();
    return new RegionCheck(
            rewriter.cleaned(),
            rewriter::rewrite,
            rewriter.ownPlan(),
            opened.backend(),
            opened.choice(),
            settings.profiles(),
            mix,
            rewriter.work(mix.mostFrequent().inputs()),
            budget,
            settings.cancellation())
        .run();
  }

  private boolean isFaster(ExecutableModel model, ExecutableModel than) {
    return ModelGain.of(than, model, requests(than), share(FEWER_SHARE), settings.cancellation())
            .low()
        > 1;
  }

  /** A region that stays although it was not measured to pay by itself. */
  static CompilationReport.Region kept(CompilationReport.Region region, String why) {
    return region.kept()
        ? region
        : new CompilationReport.Region(
            region.name(), region.layers(), region.gain(), true, region.reason() + why);
  }

  static Map<String, LayerDecision> difference(ModelRewriter rewriter, RegionCheck.Result found) {
    Map<String, LayerDecision> reverted = new LinkedHashMap<>();
    rewriter
        .ownPlan()
        .decisions()
        .forEach(
            (node, was) -> {
              LayerDecision now = found.plan().of(node);
              if (was.precision().quantizes() && now.precision() == NumericPrecision.FP32) {
                reverted.put(node, now);
              }
            });
    return reverted;
  }

  /**
   * Takes the model if it is faster for certain than as it was given, and that otherwise.
   *
   * @param compiled the model as it was asked for, but for what does not pay
   * @param asGiven compiles it as it was given
   */
  ExecutableModel faster(ExecutableModel compiled, Supplier<ExecutableModel> asGiven) {
    ExecutableModel original = null;
    ExecutableModel chosen = null;
    try {
      original = asGiven.get();
      RatioInterval gain =
          ModelGain.of(
              original, compiled, requests(original), share(WHOLE_SHARE), settings.cancellation());
      boolean pays = gain.low() > 1;
      if (!pays) {
        regions = regions.stream().map(PayCheck::reverted).toList();
      } else if (together) {
        regions = regions.stream().map(r -> kept(r, TOGETHER)).toList();
      }
      CompilationReport report = report(gain, pays);
      LOG.info("{}: {}", compiled.name(), report.verdict());
      ExecutableModel taken = pays ? compiled : original;
      taken.report(report);
      if (!pays) {
        taken.warn(report.verdict());
      }
      chosen = taken;
      return taken;
    } finally {
      if (chosen != compiled) {
        compiled.close();
      }
      if (original != null && chosen != original) {
        original.close();
      }
    }
  }

  private static CompilationReport.Region reverted(CompilationReport.Region region) {
    return new CompilationReport.Region(
        region.name(), region.layers(), region.gain(), false, region.reason());
  }

  private CompilationReport report(RatioInterval gain, boolean pays) {
    CompilationReport.Gain measured =
        new CompilationReport.Gain(gain.ratio(), gain.low(), gain.high());
    long back = regions.stream().filter(r -> !r.kept()).count();
    String verdict =
        String.format(
            Locale.ROOT,
            pays
                ? "%s pays: %s times faster than the model as it was given.%s"
                : "%s was asked for and does not pay here: measured, it is %s times as fast as the"
                    + " model as it was given, which is what was compiled.%s",
            settings.precision(),
            measured,
            why(pays, back));
    List<CompilationReport.Candidate> rows = new ArrayList<>();
    rows.add(row(settings.precision().toString(), pays, Optional.of(measured)));
    rows.add(row("FP32, as it was given", !pays, Optional.empty()));
    rows.sort((a, b) -> a.outcome().compareTo(b.outcome()));
    return new CompilationReport(
        verdict, rows, regions, notes, Duration.ofNanos(System.nanoTime() - started), complete);
  }

  private String why(boolean pays, long back) {
    if (pays) {
      return back == 0 ? "" : " Layers of " + back + " kinds did not, and stay in floating point.";
    }
    return regions.stream()
        .min(Comparator.comparingDouble(r -> r.gain().ratio()))
        .map(r -> " " + r.name() + ": " + r.reason())
        .orElse("");
  }

  private CompilationReport.Candidate row(
      String precision, boolean chosen, Optional<CompilationReport.Gain> gain) {
    return new CompilationReport.Candidate(
        settings.opened().choice(),
        precision,
        chosen ? Outcome.CHOSEN : Outcome.SLOWER,
        gain,
        "",
        chosen ? "It is faster for certain, or nothing else is." : "It is not for certain faster.");
  }
}
