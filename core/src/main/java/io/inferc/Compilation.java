package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.PassPipeline;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.FixedConstants;
import io.inferc.rewrite.cleanup.ZipMapRemoval;
import io.inferc.rewrite.internal.ModelDump;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a compiler turns models into compiled ones: what is rewritten, tried, and handed over. */
final class Compilation {
  private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);
  private static final Duration LONGEST_REPAIR = Duration.ofMinutes(2);

  private final BackendRegistry.Opened opened;
  private final Precision precision;
  private final PrecisionSupport support;
  private final List<ShapeProfile> profiles;
  private final ExecutionOptions execution;
  private final ProgressListener progress;
  private final PassListener passListener;
  private final Cancellation cancellation;
  private final Target reference;
  private final CompilerChecks checks;
  private final Isolation isolation;
  private final ModelLimits limits;

  /**
   * Prepares compilations.
   *
   * @throws InfercException if the back end cannot have the precision
   */
  Compilation(CompilerSettings settings) {
    opened = settings.opened();
    precision = settings.precision();
    checks = new CompilerChecks(opened, precision);
    support = checks.support();
    profiles = settings.profiles();
    execution = settings.execution();
    progress = settings.progress();
    passListener = settings.passListener();
    cancellation = settings.cancellation();
    reference = settings.reference();
    isolation = settings.isolation();
    limits = settings.limits();
  }

  void requireExportable(String model, Path file) {
    checks.exportable(model, file, support == PrecisionSupport.HINT);
  }

  void requireConvertible(ForeignModel model, Path file) {
    checks.readable(model, isRewritten());
    checks.convertible(model, file);
  }

  ModelRewriter rewriter(OnnxModel model) {
    return new ModelRewriter(
        model,
        precision,
        opened.backend().capabilities(opened.choice()),
        profiles,
        reference(),
        progress,
        cancellation,
        ModelDump.asked().map(passListener::and).orElse(passListener));
  }

  void export(ModelSource source, String name, Path file) {
    if (source.foreign().isPresent() || !isRewritten()) {
      write(source, name, file, source);
      return;
    }
    BackendRegistry.Opened runs = isolation.isAsked() ? reference() : null;
    if (runs != null) {
      isolated(runs.choice(), source, name);
    }
    try (ModelSource rewritten = rewritten(rewriter(source.model()))) {
      write(rewritten, name, file, source);
    }
  }

  private void write(ModelSource written, String name, Path file, ModelSource given) {
    if (CompilerChecks.isOnnx(file)) {
      boolean external =
          given.model().graph().initializers().stream().anyMatch(i -> i.externalData().isPresent());
      written.model().save(file, external ? SaveOptions.externalData() : SaveOptions.defaults());
    } else {
      opened.backend().export(request(written, name), file);
    }
  }

  private boolean isRewritten() {
    return support == PrecisionSupport.IN_MODEL && precision.settings().changesModel();
  }

  private static ModelSource rewritten(ModelRewriter rewriter) {
    return ModelSource.of(rewriter.rewrite(rewriter.plan()));
  }

  CompiledModel foreign(ModelSource source, String name) {
    checks.readable(source.foreign().orElseThrow(), isRewritten());
    return compileAsIs(source, name, List.of());
  }

  /** Opens the back end for reference runs, or returns null if it is not here. */
  private BackendRegistry.@Nullable Opened reference() {
    try {
      BackendRegistry.Opened found = BackendRegistry.discover().open(reference);
      return found.backend().capabilities(found.choice()).intermediateOutputs() ? found : null;
    } catch (BackendUnavailableException e) {
      return null;
    }
  }

  CompiledModel compile(ModelSource source, String name) {
    progress.onProgress(Stage.IMPORT, name, 0, 1);
    // Reads and checks the file before native code sees it.
    OnnxModel model = source.model();
    progress.onProgress(Stage.IMPORT, name, 1, 1);
    cancellation.throwIfCancelled(Stage.COMPILE);
    RewriteLog log = new RewriteLog();
    // What is compiled takes no defaults of inputs, so nobody needs to be told of that.
    OnnxModel ofTensors =
        PassPipeline.of(new FixedConstants())
            .apply(PassPipeline.of(new ZipMapRemoval()).apply(model, log), new RewriteLog());
    checks.passable(ofTensors, name);
    ProvedShapes.of(ofTensors, profiles).requireTensorsOf(name, limits.tensorElements());
    List<String> warnings = new ArrayList<>();
    log.notes().forEach(n -> warnings.add(n.text()));
    warnings.forEach(w -> LOG.warn("{}: {}", name, w));
    if (isRewritten()) {
      // To rewrite a model may take runs of it, for ranges and noise.
      BackendRegistry.Opened runs = isolation.isAsked() ? reference() : null;
      if (runs != null) {
        isolated(runs.choice(), source, name);
      }
      return compileRewritten(rewriter(ofTensors), name, warnings);
    }
    if (ofTensors.equals(model)) {
      return compileAsIs(source, name, warnings);
    }
    try (ModelSource changed = ModelSource.of(ofTensors)) {
      return compileAsIs(changed, name, warnings);
    }
  }

  private CompiledModel compileRewritten(
      ModelRewriter rewriter, String name, List<String> warnings) {
    TargetRepair.Step step =
        (source, more) -> {
          List<String> all = new ArrayList<>(warnings);
          all.addAll(more);
          return compileAsIs(source, name, all);
        };
    BackendRegistry.Opened runner = precision.settings().samples().isPresent() ? reference() : null;
    if (runner == null || runner.choice().backend().equals(opened.choice().backend())) {
      try (ModelSource rewritten = rewritten(rewriter)) {
        return step.compile(rewritten, rewriter.warnings());
      }
    }
    return new TargetRepair(
            rewriter,
            step,
            runner,
            precision.settings().samples().orElseThrow(),
            LONGEST_REPAIR,
            cancellation)
        .compile();
  }

  private ExecutableModel compileAsIs(ModelSource source, String name, List<String> warnings) {
    progress.onProgress(Stage.COMPILE, name, 0, 1);
    isolated(opened.choice(), source, name);
    List<String> all = new ArrayList<>(warnings);
    if (source.foreign().isEmpty()) {
      List<String> more = opened.backend().warnings(source.model());
      more.forEach(w -> LOG.warn("{}: {}", name, w));
      all.addAll(more);
    }
    BackendModel compiled = opened.backend().compile(request(source, name));
    ModelFacts facts = new ModelFacts(precision.toString(), weightBytes(source), all);
    ExecutableModel model =
        ExecutableModel.of(
            name, facts, limits, compiled, opened.backend(), opened.choice(), profiles, execution);
    progress.onProgress(Stage.COMPILE, name, 1, 1);
    return model;
  }

  private void isolated(Target.Choice choice, ModelSource source, String name) {
    if (isolation.isAsked()) {
      new IsolatedCheck(choice, profiles, limits, isolation, cancellation)
          .check(source.path(), name, precision);
    }
  }

  private static OptionalLong weightBytes(ModelSource source) {
    return source.foreign().isPresent()
        ? OptionalLong.empty()
        : OptionalLong.of(source.model().summary().weightBytes());
  }

  private CompileRequest request(ModelSource source, String name) {
    return new CompileRequest(
        source,
        name,
        opened.choice(),
        profiles,
        new PrecisionPlan(precision.numeric(), support),
        false,
        progress,
        cancellation);
  }
}
