package io.inferc;

import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.ModelSource;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.search.Candidate;
import io.inferc.search.CandidateResult;
import io.inferc.search.CandidateSearch;
import io.inferc.search.Objective;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.RegionCheck;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.Dataset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles a model in whatever way is measured to be best. */
final class BestCompilation {
  private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);

  // A mix is judged often.
  private static final long MIX_SAMPLES = 64;

  private final CompilerSettings settings;
  private final BestPrecision best;
  private final BackendRegistry.OpenedAll all;

  /**
   * Prepares compilations.
   *
   * @param settings what the compiler was asked for, with the back end of the original
   * @param best what is best
   * @param all the back ends that take part
   */
  BestCompilation(CompilerSettings settings, BestPrecision best, BackendRegistry.OpenedAll all) {
    this.settings = settings;
    this.best = best;
    this.all = all;
  }

  CompiledModel compile(ModelSource source, String name) {
    long started = System.nanoTime();
    SampleSplit split = SampleSplit.of(best.samples(), best.proving());
    List<String> notes = new ArrayList<>();
    try (OriginalCandidate original = OriginalCandidate.of(settings, source, name)) {
      RequestMix mix = requests(original.model(), source, split, notes);
      Way way = new Way(source, name, split, mix);
      List<Candidate> candidates = way.candidates(notes);
      Candidate given = original.candidate();
      way.given(given);
      CandidateSearch search =
          CandidateSearch.of(given, candidates)
              .samples(split.choosing(), split.proving(), best.tolerance().orElseThrow())
              .measure(mix, best.objective())
              .refiner(way)
              .budget(left(started))
              .progress(settings.progress())
              .cancellation(settings.cancellation());
      best.view().ifPresent(search::view);
      best.state().ifPresent(file -> search.resume(file, subject(source, mix, candidates)));
      return reported(search.run(), way, notes, started);
    }
  }

  /** What preparing has taken is not left for the search, which has some time whatever that was. */
  private Duration left(long started) {
    Duration spent = Duration.ofNanos(System.nanoTime() - started);
    Duration left = best.budget().minus(spent);
    Duration least = Duration.ofMillis(Math.max(1, best.budget().toMillis() / 10));
    return left.compareTo(least) < 0 ? least : left;
  }

  private RequestMix requests(
      ExecutableModel original, ModelSource source, SampleSplit split, List<String> notes) {
    if (best.requests().isPresent()) {
      return best.requests().get();
    }
    return TypicalRequests.tried(
        original,
        source.model().graph().requiredInputs(),
        settings.profiles(),
        split.choosing(),
        notes::add);
  }

  private String subject(ModelSource source, RequestMix mix, List<Candidate> candidates) {
    Map<String, String> machines = new LinkedHashMap<>();
    all.opened()
        .forEach(
            o ->
                machines.put(
                    o.choice().toString(), o.backend().fingerprint(o.choice()).toString()));
    return "the model "
        + source.model().digest()
        + " for "
        + best.objective()
        + " of "
        + mix
        + (best.view().isPresent() ? " seen by an application" : "")
        + identity(best.samples())
        + " within "
        + best.tolerance().orElseThrow()
        + " among "
        + candidates
        + " on "
        + machines
        + " with profiles "
        + settings.profiles();
  }

  private static String identity(Dataset samples) {
    OptionalLong count = samples.size();
    return (count.isPresent() ? " on " + count.getAsLong() + " samples" : " on samples")
        + " of SHA-256 "
        + SampleDigest.of(samples);
  }

  private CompiledModel reported(
      CandidateResult result, Way way, List<String> notes, long started) {
    CompilationReport found = result.report();
    List<CompilationReport.Candidate> rows = new ArrayList<>(found.candidates());
    all.refused()
        .forEach(
            (choice, why) ->
                rows.add(
                    new CompilationReport.Candidate(
                        choice,
                        "any precision",
                        CompilationReport.Outcome.UNAVAILABLE,
                        Optional.empty(),
                        "",
                        why)));
    List<String> said = new ArrayList<>(found.notes());
    said.addAll(notes);
    CompilationReport report =
        new CompilationReport(
            found.verdict(),
            rows,
            way.regions(result.best()),
            said,
            Duration.ofNanos(System.nanoTime() - started),
            found.complete() && way.isComplete());
    LOG.info("{}: {}", result.model().name(), report.verdict());
    if (result.model() instanceof ExecutableModel model) {
      model.report(report);
    }
    return result.model();
  }

  /** All ways to compile one model. */
  private final class Way implements CandidateSearch.Refiner {
    private final ModelSource source;
    private final String name;
    private final SampleSplit split;
    private final RequestMix mix;
    private final Map<Candidate, Made> made = new LinkedHashMap<>();
    private @Nullable BackendCandidates own;
    private RegionCheck.@Nullable Result checked;
    private @Nullable Candidate untrimmed;
    private @Nullable Candidate trimmed;

    /** What a candidate is made of. */
    private record Made(BackendCandidates backend, Precision precision) {}

    Way(ModelSource source, String name, SampleSplit split, RequestMix mix) {
      this.source = source;
      this.name = name;
      this.split = split;
      this.mix = mix;
    }

    /** Makes the original a candidate that has options, unless only precisions were asked for. */
    void given(Candidate original) {
      BackendCandidates backend = own;
      if (backend != null && best.among().isEmpty()) {
        made.put(original, new Made(backend, settings.precision()));
      }
    }

    /** What was found of the layers of a candidate, or of the one that it was made of. */
    List<CompilationReport.Region> regions(Candidate best) {
      RegionCheck.Result found = checked;
      if (found == null || !(best.equals(trimmed) || best.equals(untrimmed))) {
        return List.of();
      }
      return best.equals(trimmed)
          ? found.regions()
          : found.regions().stream().map(r -> PayCheck.kept(r, PayCheck.TOGETHER)).toList();
    }

    boolean isComplete() {
      return checked == null || checked.complete();
    }

    /** The first candidates, of all back ends in turn, so that none comes late. */
    List<Candidate> candidates(List<String> notes) {
      List<List<Candidate>> byBackend = new ArrayList<>();
      for (BackendRegistry.Opened opened : all.opened()) {
        for (Target.Choice place : opened.backend().places(opened.choice())) {
          try {
            byBackend.add(candidates(new BackendRegistry.Opened(opened.backend(), place)));
          } catch (CancelledException e) {
            throw e;
          } catch (InfercException e) {
            notes.add(place + " takes no part: " + e.getMessage());
          }
        }
      }
      List<Candidate> inTurn = new ArrayList<>();
      for (int i = 0; byBackend.stream().anyMatch(l -> !l.isEmpty()); i++) {
        List<Candidate> next = byBackend.get(i % byBackend.size());
        if (!next.isEmpty()) {
          inTurn.add(next.remove(0));
        }
      }
      return inTurn;
    }

    private List<Candidate> candidates(BackendRegistry.Opened opened) {
      BackendCandidates backend =
          new BackendCandidates(settings, opened, source, name, split.calibrating(), best.budget());
      own = opened.choice().equals(settings.opened().choice()) ? backend : own;
      List<Precision> precisions = new ArrayList<>();
      if (best.among().isEmpty()) {
        precisions.addAll(backend.precisions(best.objective() instanceof Objective.Memory));
        precisions.add(Precision.fp32());
      } else {
        precisions.addAll(best.among());
      }
      List<Candidate> candidates = new ArrayList<>();
      for (Precision precision : precisions) {
        boolean asGiven =
            precision.settings().isAsGiven() && opened.choice().equals(settings.opened().choice());
        if (!asGiven) {
          candidates.add(add(backend, opened.choice(), precision));
        }
      }
      return candidates;
    }

    private Candidate add(BackendCandidates backend, Target.Choice choice, Precision precision) {
      Candidate candidate = backend.candidate(choice, precision, label(choice, precision));
      made.put(candidate, new Made(backend, precision));
      return candidate;
    }

    /** Two precisions of the user's may read alike. */
    private String label(Target.Choice choice, Precision precision) {
      String label = precision.toString();
      for (int next = 2; isTaken(choice, label); next++) {
        label = precision + " (" + next + ")";
      }
      return label;
    }

    private boolean isTaken(Target.Choice choice, String label) {
      return made.keySet().stream()
          .anyMatch(c -> c.target().equals(choice) && c.precision().equals(label));
    }

    @Override
    public List<Candidate> variants(Candidate leader) {
      Made from = made.get(leader);
      if (from == null) {
        return List.of();
      }
      BackendRegistry.Opened opened = from.backend().opened();
      return opened.backend().tunings(leader.target(), best.objective().callers()).stream()
          .map(choice -> add(from.backend(), choice, from.precision()))
          .toList();
    }

    @Override
    public Optional<Candidate> mix(Candidate candidate) {
      Made from = made.get(candidate);
      if (from == null || !from.precision().numeric().isInteger()) {
        return Optional.empty();
      }
      BackendCandidates backend = from.backend();
      return Optional.of(
          new Candidate(
              candidate.target(),
              "a mix of " + from.precision() + " and FP32",
              time -> backend.mixed(candidate.target(), time, this::asked)));
    }

    private PrecisionSearch asked(PrecisionSearch search) {
      search
          .samples(split.choosing().limit(MIX_SAMPLES), best.tolerance().orElseThrow())
          .workload(mix.mostFrequent());
      best.view().ifPresent(search::view);
      return search;
    }

    @Override
    public Optional<Candidate> trimmed(Candidate leader, Duration time) {
      Made from = made.get(leader);
      if (from == null || !from.precision().numeric().quantizes()) {
        return Optional.empty();
      }
      Map<String, LayerDecision> reverted =
          from.backend()
              .reverted(leader.target(), from.precision(), mix, time, found -> checked = found);
      untrimmed = leader;
      if (reverted.isEmpty()) {
        return Optional.empty();
      }
      trimmed = add(from.backend(), leader.target(), from.precision().leavingOut(reverted));
      return Optional.of(trimmed);
    }
  }
}
