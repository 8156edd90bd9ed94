package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.PassPipeline;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.FixedConstants;
import io.inferc.rewrite.cleanup.ZipMapRemoval;
import io.inferc.rewrite.internal.ModelDump;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Target;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a compiler turns models into compiled ones: what is rewritten, tried, and handed over. */
final class Compilation {
  private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);

  private final CompilerSettings settings;
  private final BackendRegistry.Opened opened;
  private final CompilerChecks checks;
  private final PrecisionSupport support;

  /**
   * Prepares compilations.
   *
   * @throws InfercException if the back end cannot have the precision
   */
  Compilation(CompilerSettings settings) {
    this.settings = settings;
    opened = settings.opened();
    checks = new CompilerChecks(opened, settings.precision());
    support = checks.support();
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
        settings.precision(),
        opened.backend().capabilities(opened.choice()),
        settings.profiles(),
        reference(),
        settings.progress(),
        settings.cancellation(),
        ModelDump.asked().map(settings.passListener()::and).orElse(settings.passListener()),
        this::layer);
  }

  /** Compiles a layer for a measurement: without profiles, in one session. */
  private CompiledModel layer(OnnxModel layer) {
    try (ModelSource source = ModelSource.of(layer)) {
      CompileRequest request = CompileRequest.of(source, layer.graph().name(), opened.choice());
      return ExecutableModel.of(
          request.modelName(),
          new ModelFacts("measurement", OptionalLong.empty(), List.of()),
          settings.limits(),
          opened.backend().compile(request),
          opened.backend(),
          opened.choice(),
          List.of(),
          new ExecutionOptions(OptionalInt.of(1), Optional.empty()));
    }
  }

  void export(ModelSource source, String name, Path file) {
    if (source.foreign().isPresent() || !isRewritten()) {
      write(source, name, file, source);
      return;
    }
    isolatedReference(source, name);
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
    return support == PrecisionSupport.IN_MODEL && settings.precision().settings().changesModel();
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
      BackendRegistry.Opened found = BackendRegistry.discover().open(settings.reference());
      return found.backend().capabilities(found.choice()).intermediateOutputs() ? found : null;
    } catch (BackendUnavailableException e) {
      return null;
    }
  }

  ExecutableModel compile(ModelSource source, String name) {
    settings.progress().onProgress(Stage.IMPORT, name, 0, 1);
    // Reads and checks the file before native code sees it.
    OnnxModel model = source.model();
    settings.progress().onProgress(Stage.IMPORT, name, 1, 1);
    settings.cancellation().throwIfCancelled(Stage.COMPILE);
    RewriteLog log = new RewriteLog();
    // What is compiled takes no defaults of inputs, so nobody needs to be told of that.
    OnnxModel ofTensors =
        PassPipeline.of(new FixedConstants())
            .apply(PassPipeline.of(new ZipMapRemoval()).apply(model, log), new RewriteLog());
    checks.passable(ofTensors, name);
    ProvedShapes.of(ofTensors, settings.profiles())
        .requireTensorsOf(name, settings.limits().tensorElements());
    List<String> warnings = new ArrayList<>();
    log.notes().forEach(n -> warnings.add(n.text()));
    warnings.forEach(w -> LOG.warn("{}: {}", name, w));
    if (ofTensors.equals(model)) {
      return compilePassable(source, name, warnings);
    }
    try (ModelSource changed = ModelSource.of(ofTensors)) {
      return compilePassable(changed, name, warnings);
    }
  }

  /** Compiles a model that takes and returns what can be passed, as it was asked for. */
  private ExecutableModel compilePassable(ModelSource source, String name, List<String> warnings) {
    if (settings.verification().isPresent() && !settings.precision().settings().isAsGiven()) {
      return compileVerified(source, name, warnings, settings.verification().get());
    }
    if (isRewritten()) {
      isolatedReference(source, name);
      return compileRewritten(rewriter(source.model()), name, warnings);
    }
    return compileAsIs(source, name, warnings);
  }

  private ExecutableModel compileVerified(
      ModelSource source, String name, List<String> warnings, Verification verification) {
    List<ValueInfo> inputs = source.model().graph().requiredInputs();
    PayCheck check = new PayCheck(settings, verification, inputs);
    ExecutableModel compiled;
    if (isRewritten()) {
      isolatedReference(source, name);
      ModelRewriter rewriter = rewriter(source.model());
      compiled =
          check.trimmed(
              compileRewritten(rewriter, name, warnings),
              rewriter,
              () -> compileRewritten(rewriter, name, warnings));
    } else {
      compiled = compileAsIs(source, name, warnings);
    }
    CompilerSettings plain =
        settings.with(opened, Precision.fp32(), settings.cancellation(), settings.longestRepair());
    return check.faster(compiled, () -> new Compilation(plain).compileAsIs(source, name, warnings));
  }

  private ExecutableModel compileRewritten(
      ModelRewriter rewriter, String name, List<String> warnings) {
    TargetRepair.Step step =
        (source, more) -> {
          List<String> all = new ArrayList<>(warnings);
          all.addAll(more);
          return compileAsIs(source, name, all);
        };
    BackendRegistry.Opened runner =
        settings.precision().settings().samples().isPresent() ? reference() : null;
    if (runner == null || runner.choice().backend().equals(opened.choice().backend())) {
      try (ModelSource rewritten = rewritten(rewriter)) {
        return step.compile(rewritten, rewriter.warnings());
      }
    }
    return new TargetRepair(
            rewriter,
            step,
            runner,
            settings.precision().settings().samples().orElseThrow(),
            settings.longestRepair(),
            settings.cancellation())
        .compile();
  }

  private ExecutableModel compileAsIs(ModelSource source, String name, List<String> warnings) {
    settings.progress().onProgress(Stage.COMPILE, name, 0, 1);
    isolated(opened.choice(), source, name);
    List<String> all = new ArrayList<>(warnings);
    if (source.foreign().isEmpty()) {
      List<String> more = opened.backend().warnings(request(source, name));
      more.forEach(w -> LOG.warn("{}: {}", name, w));
      all.addAll(more);
    }
    BackendModel compiled = opened.backend().compile(request(source, name));
    ModelFacts facts = new ModelFacts(settings.precision().toString(), weightBytes(source), all);
    ExecutableModel model =
        ExecutableModel.of(
            name,
            facts,
            settings.limits(),
            compiled,
            opened.backend(),
            opened.choice(),
            settings.profiles(),
            settings.execution());
    settings.progress().onProgress(Stage.COMPILE, name, 1, 1);
    return model;
  }

  /** To rewrite a model may take runs of it on the reference, for ranges and noise. */
  private void isolatedReference(ModelSource source, String name) {
    BackendRegistry.Opened runs = settings.isolation().isAsked() ? reference() : null;
    if (runs != null) {
      isolated(runs.choice(), source, name);
    }
  }

  private void isolated(Target.Choice choice, ModelSource source, String name) {
    if (settings.isolation().isAsked()) {
      new IsolatedCheck(
              choice,
              settings.profiles(),
              settings.limits(),
              settings.isolation(),
              settings.cancellation())
          .check(source.path(), name, settings.precision());
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
        settings.profiles(),
        new PrecisionPlan(settings.precision().numeric(), support),
        false,
        settings.progress(),
        settings.cancellation());
  }
}
