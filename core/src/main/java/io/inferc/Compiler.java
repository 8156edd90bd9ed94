package io.inferc;

import io.inferc.accuracy.LayerDiff;
import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.PassListener;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.search.Objective;
import io.inferc.search.PrecisionSearch;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.BufferPool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Compiles ONNX models for a target.
 *
 * <pre>{@code
 * import io.inferc.Compiler;
 *
 * Compiler compiler = Compiler.forTarget(Target.onnxRuntime())
 *     .precision(Precision.fp32())
 *     .profile(ShapeProfile.named("online")
 *         .range("batch_size", 1, 8, 32)
 *         .range("sequence_length", 8, 128, 512))
 *     .build();
 * try (CompiledModel model = compiler.compile(Path.of("all-minilm-l6-v2.onnx"));
 *     InferenceSession session = model.newSession()) {
 *   try (Outputs outputs = session.run(inputs)) {
 *     float[] hidden = outputs.tensor("last_hidden_state").toFloatArray();
 *   }
 * }
 * }</pre>
 *
 * <p>The import is needed by name on JDK 17, where {@code java.lang.Compiler} still exists and wins
 * over an import on demand.
 *
 * <p>Immutable and thread-safe; it may compile any number of models, at the same time too. It holds
 * no native memory, the models do.
 */
public final class Compiler {
  private final CompilerSettings settings;
  private final Compilation compilation;
  private final Optional<BestCompilation> best;

  private Compiler(CompilerSettings settings, Optional<BestCompilation> best) {
    this.settings = settings;
    this.best = best;
    compilation = new Compilation(settings);
  }

  /**
   * Starts a compiler.
   *
   * @param target where the models shall run
   * @return a builder
   */
  public static Builder forTarget(Target target) {
    Objects.requireNonNull(target, "target");
    return new Builder(target);
  }

  /**
   * Returns what the target was resolved to.
   *
   * @return the first choice of the target that is available here; where the fastest is asked for,
   *     the one that the model as it was given runs on, and models tell their own
   */
  public Target.Choice target() {
    return settings.opened().choice();
  }

  /**
   * Compiles a model file. What it is shows in what it holds, not in its name.
   *
   * @param model an .onnx file, in an archive too; its external data, if any, lies in the same
   *     folder. Or a model of another format that the target reads by itself, which is left as it
   *     is
   * @return the compiled model, to be closed by the caller
   * @throws io.inferc.onnx.ModelFormatException if it is no valid ONNX model, or of a format that
   *     the target does not read
   * @throws InfercException if a profile does not fit the model, or the back end refuses it
   */
  public CompiledModel compile(Path model) {
    Objects.requireNonNull(model, "model");
    Optional<ForeignModel> foreign = ForeignModel.recognize(model);
    if (foreign.isPresent()) {
      try (ModelSource source = ModelSource.of(foreign.get())) {
        return compileForeign(source, baseName(foreign.get().path()));
      }
    }
    try (ModelSource source = ModelSource.of(model, settings.limits())) {
      return compile(source, baseName(model));
    }
  }

  private CompiledModel compile(ModelSource source, String name) {
    return best.isPresent() ? best.get().compile(source, name) : compilation.compile(source, name);
  }

  private CompiledModel compileForeign(ModelSource source, String name) {
    if (best.isPresent()) {
      ForeignModel model = source.foreign().orElseThrow();
      throw new ModelFormatException(
          "Tried to find the best precision of "
              + model.path()
              + ", but it is "
              + model.format().description()
              + ", which inferc cannot rewrite to any.",
          "Export the model to ONNX with the tool that made it, or name a target and a precision.");
    }
    requireUnverified("compile a model of another format than ONNX, which has hints alone");
    return compilation.foreign(source, name);
  }

  private void requireUnverified(String asked) {
    if (settings.verification().isPresent() && !settings.precision().settings().isAsGiven()) {
      throw new IllegalStateException(
          "Tried to "
              + asked
              + ", with a compiler that verifies what "
              + settings.precision()
              + " gains. Use one without verify(...).");
    }
  }

  /**
   * Compiles a model from a stream, such as a resource in a jar, by way of a temporary file.
   *
   * <pre>{@code
   * try (InputStream in = getClass().getResourceAsStream("/model.onnx");
   *     CompiledModel model = compiler.compile(in, "model")) {
   *   System.out.println(model.inputs());
   * }
   * }</pre>
   *
   * @param model the bytes of an .onnx file without external data, or of a model of another format
   *     that is one file and that the target reads; read to the end, and closed by the caller
   * @param name what messages and reports call the model
   * @return the compiled model, to be closed by the caller
   * @throws io.inferc.onnx.ModelFormatException if it is no valid ONNX model, or of a format that
   *     the target does not read
   * @throws InfercException if the stream fails, there is no room for a temporary file, a profile
   *     does not fit the model, or the back end refuses it
   */
  public CompiledModel compile(InputStream model, String name) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(name, "name");
    try (ModelSource source = ModelSource.of(model, name, settings.limits())) {
      return source.foreign().isPresent() ? compileForeign(source, name) : compile(source, name);
    }
  }

  /**
   * Compiles a model from the bytes of its file, as {@link #compile(InputStream, String)} does.
   *
   * @param model the bytes of an .onnx file without external data, or of a model of another format
   *     that is one file and that the target reads
   * @param name what messages and reports call the model
   * @return the compiled model, to be closed by the caller
   * @throws io.inferc.onnx.ModelFormatException if it is no valid ONNX model, or of a format that
   *     the target does not read
   * @throws InfercException if there is no room for a temporary file, a profile does not fit the
   *     model, or the back end refuses it
   */
  public CompiledModel compile(byte[] model, String name) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(name, "name");
    return compile(new ByteArrayInputStream(model), name);
  }

  /**
   * Compiles a model held in memory; it is called what its graph is.
   *
   * @param model the model
   * @return the compiled model, to be closed by the caller
   * @throws InfercException if a profile does not fit the model, or the back end refuses it
   */
  public CompiledModel compile(OnnxModel model) {
    Objects.requireNonNull(model, "model");
    String name = model.graph().name();
    return compile(model, name.isBlank() ? "model" : name);
  }

  /**
   * Compiles a model held in memory.
   *
   * @param model the model
   * @param name what messages and reports call it
   * @return the compiled model, to be closed by the caller
   * @throws InfercException if a profile does not fit the model, or the back end refuses it
   */
  public CompiledModel compile(OnnxModel model, String name) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(name, "name");
    try (ModelSource source = ModelSource.of(model)) {
      return compile(source, name);
    }
  }

  /**
   * Writes a model for other programs, rewritten to this compiler's precision: as ONNX, with the
   * integers and scales in it, or converted to the portable format of the target's runtime. Which
   * of them, the name of the file says. Profiles, options and hints are no part of it. Constants
   * that the model declares as inputs too are plain constants in a rewritten model.
   *
   * <pre>{@code
   * Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8(samples)).build()
   *     .export(Path.of("model.onnx"), Path.of("model-int8.onnx"));
   * }</pre>
   *
   * @param model an .onnx file, or a model of another format that the target reads
   * @param file the file to write, which {@link #compile(Path)} takes. With .onnx at its end: ONNX,
   *     its weights in a .data beside it if the model has external data or would be over 2 GB. With
   *     .xml: OpenVINO IR, for OpenVINO as target, with a .bin of weights beside it. Files that
   *     exist are replaced, and left as they are if this fails
   * @throws io.inferc.onnx.ModelFormatException if it is no valid ONNX model, or of a format that
   *     the target does not read, or that cannot have this precision or become ONNX
   * @throws IllegalArgumentException if the target has a portable format, and the file's name
   *     belongs to neither that nor ONNX
   * @throws IllegalStateException if the compiler is for the best precision, or verifies
   * @throws InfercException if the target has no such format, the precision is a mere hint, or
   *     writing fails
   */
  public void export(Path model, Path file) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(file, "file");
    requireOnePrecision("export a model");
    requireUnverified("export a model, which is not measured");
    compilation.requireExportable(model.toString(), file);
    Optional<ForeignModel> foreign = ForeignModel.recognize(model);
    foreign.ifPresent(f -> compilation.requireConvertible(f, file));
    try (ModelSource source =
        foreign.map(ModelSource::of).orElseGet(() -> ModelSource.of(model, settings.limits()))) {
      compilation.export(source, baseName(model), file);
    }
  }

  /**
   * Writes a model held in memory for other programs, as {@link #export(Path, Path)} does.
   *
   * @param model the model
   * @param file the file to write
   * @throws IllegalArgumentException if the target has a portable format, and the file's name
   *     belongs to neither that nor ONNX
   * @throws IllegalStateException if the compiler is for the best precision, or verifies
   * @throws InfercException if the target has no such format, the precision is a mere hint, or
   *     writing fails
   */
  public void export(OnnxModel model, Path file) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(file, "file");
    requireOnePrecision("export a model");
    requireUnverified("export a model, which is not measured");
    String name = model.graph().name();
    compilation.requireExportable(name, file);
    try (ModelSource source = ModelSource.of(model)) {
      compilation.export(source, name, file);
    }
  }

  /**
   * Prepares the rewriting of a model: cleans it up and plans the precision of its layers.
   *
   * @param model the model
   * @return a rewriter for this compiler's target, precision and profiles
   * @throws InfercException if a rule of the precision matches nothing
   * @throws IllegalStateException if the compiler is for the best precision
   */
  public ModelRewriter rewriter(OnnxModel model) {
    Objects.requireNonNull(model, "model");
    requireOnePrecision("rewrite a model");
    return compilation.rewriter(model);
  }

  /**
   * Starts a search for the precision of each layer, on this compiler's target and profiles. To use
   * what it finds, compile {@link io.inferc.search.SearchResult#model()} in {@link
   * Precision#fp32()}, so that nothing is quantized a second time.
   *
   * @param model the model as it is
   * @param rewriter what {@link #rewriter} returned for it
   * @return the search, to be given samples and a workload
   */
  public PrecisionSearch search(OnnxModel model, ModelRewriter rewriter) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(rewriter, "rewriter");
    return PrecisionSearch.of(model, rewriter::rewrite, rewriter.candidates())
        .on(settings.opened().backend(), settings.opened().choice(), settings.profiles())
        .progress(settings.progress())
        .cancellation(settings.cancellation());
  }

  /**
   * Starts a comparison of two models layer by layer, on the target of reference runs.
   *
   * @param original the model that is right by definition, for example {@link
   *     ModelRewriter#cleaned()}
   * @param changed what was made of it
   * @return the comparison, to be given samples
   * @throws InfercException if there is no back end here that can return intermediate tensors
   */
  public LayerDiff layerDiff(OnnxModel original, OnnxModel changed) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(changed, "changed");
    BackendRegistry.Opened found = BackendRegistry.discover().open(settings.reference());
    return LayerDiff.between(original, changed, found.backend(), found.choice())
        .progress(settings.progress())
        .cancellation(settings.cancellation());
  }

  private void requireOnePrecision(String asked) {
    if (best.isPresent()) {
      throw new IllegalStateException(
          "Tried to "
              + asked
              + " with a compiler for the best precision, which it has for no model before it has"
              + " compiled it. Use a compiler with the precision that the report of the compiled"
              + " model names.");
    }
  }

  private static String baseName(Path path) {
    Path fileName = path.getFileName();
    String name = fileName == null ? path.toString() : fileName.toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** Builds a {@link Compiler}. */
  public static final class Builder {
    private final Target target;
    private final List<ShapeProfile> profiles = new ArrayList<>();
    private Precision precision = Precision.fp32();
    private @Nullable BestPrecision best;
    private OptionalInt sessions = OptionalInt.empty();
    private @Nullable BufferPool bufferPool;
    private ProgressListener progress = ProgressListener.none();
    private PassListener passListener = PassListener.none();
    private Cancellation cancellation = new Cancellation();
    private Target reference = Target.onnxRuntime();
    private Isolation isolation = Isolation.none();
    private ModelLimits limits = ModelLimits.defaults();
    private @Nullable Verification verification;

    private Builder(Target target) {
      this.target = target;
    }

    /**
     * Sets the precision; by default {@link Precision#fp32()}.
     *
     * @param precision the precision
     * @return this
     */
    public Builder precision(Precision precision) {
      Objects.requireNonNull(precision, "precision");
      this.precision = precision;
      best = null;
      return this;
    }

    /**
     * Asks for the best precision in place of a certain one. Compiling then takes as long as its
     * budget, and the result is the model as it was given where nothing is better.
     *
     * @param precision what is best
     * @return this
     */
    public Builder precision(BestPrecision precision) {
      Objects.requireNonNull(precision, "precision");
      best = precision;
      this.precision = Precision.fp32();
      return this;
    }

    /**
     * Adds a shape profile. Of several, the first that contains a request serves it.
     *
     * @param profile the profile
     * @return this
     * @throws IllegalArgumentException if a profile of that name was added before
     */
    public Builder profile(ShapeProfile profile) {
      Objects.requireNonNull(profile, "profile");
      if (profiles.stream().anyMatch(p -> p.name().equals(profile.name()))) {
        throw new IllegalArgumentException(
            "Tried to add a second shape profile named '"
                + profile.name()
                + "'. Give each a name of its own.");
      }
      profiles.add(profile);
      return this;
    }

    /**
     * Sets how many requests of {@link CompiledModel#run} and {@link CompiledModel#runAsync} run at
     * once; by default as many as a runtime tuned for throughput says it likes, else one for each
     * processor, 8 at most.
     *
     * @param count 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder sessions(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "Tried to run requests on " + count + " sessions; it takes at least 1.");
      }
      sessions = OptionalInt.of(count);
      return this;
    }

    /**
     * Draws buffers from a pool of the caller's, shared between models; by default each model has
     * one of its own.
     *
     * @param pool the pool; it must stay open as long as the models
     * @return this
     */
    public Builder bufferPool(BufferPool pool) {
      Objects.requireNonNull(pool, "pool");
      bufferPool = pool;
      return this;
    }

    /**
     * Sets who sees the model after each pass that rewrites it; nobody by default. The system
     * property {@code inferc.dump} names a folder into which all compilers write these models.
     *
     * @param listener the listener
     * @return this
     */
    public Builder passListener(PassListener listener) {
      Objects.requireNonNull(listener, "listener");
      passListener = listener;
      return this;
    }

    /**
     * Sets who hears of progress.
     *
     * @param listener the listener
     * @return this
     */
    public Builder progress(ProgressListener listener) {
      Objects.requireNonNull(listener, "listener");
      progress = listener;
      return this;
    }

    /**
     * Sets what a model may ask for that is compiled from a file or a stream, so that a small file
     * cannot become a large graph, and how large a tensor of any model may be; by default {@link
     * ModelLimits#defaults()}. A saved model is loaded under the limits of the compiler that made
     * it, so a model that was itself loaded under wider ones needs them here to be saved.
     *
     * @param limits the limits
     * @return this
     */
    public Builder limits(ModelLimits limits) {
      Objects.requireNonNull(limits, "limits");
      this.limits = limits;
      return this;
    }

    /**
     * Sets the switch that stops a compilation.
     *
     * @param cancellation the switch
     * @return this
     */
    public Builder cancellation(Cancellation cancellation) {
      Objects.requireNonNull(cancellation, "cancellation");
      this.cancellation = cancellation;
      return this;
    }

    /**
     * Sets where the reference model runs, for shapes and calibration; by default ONNX Runtime on
     * the CPU.
     *
     * @param target a target that can return intermediate tensors
     * @return this
     */
    public Builder reference(Target target) {
      Objects.requireNonNull(target, "target");
      reference = target;
      return this;
    }

    /**
     * Sets whether each model is compiled and run once in a JVM of its own before it is compiled
     * here, within limits of time and memory; by default it is not. The other JVM gets this one's
     * class path, the back end and its device, and the back end's default options.
     *
     * @param isolation for models of people you do not trust, {@link Isolation#untrusted()}
     * @return this
     */
    public Builder isolation(Isolation isolation) {
      Objects.requireNonNull(isolation, "isolation");
      this.isolation = isolation;
      return this;
    }

    /**
     * Measures whether the precision pays when a model is compiled, and leaves in single precision
     * what does not; by default nothing is measured. {@link Precision#best} does it by itself.
     *
     * @param verification how
     * @return this
     */
    public Builder verify(Verification verification) {
      Objects.requireNonNull(verification, "verification");
      this.verification = verification;
      return this;
    }

    /**
     * Opens the target's back end and checks that it can do what is wanted.
     *
     * @return the compiler
     * @throws io.inferc.spi.BackendUnavailableException if the target is not available here
     * @throws InfercException if the back end cannot have the precision
     * @throws IllegalArgumentException if the device is unknown
     * @throws IllegalStateException if the fastest target is asked for without {@link
     *     Precision#best}, the best precision without a tolerance, the least cost without a price
     *     for any of the targets, or a verification without requests where the precision has no
     *     samples
     */
    public Compiler build() {
      BestPrecision asked = best;
      if (asked == null) {
        requireOneTarget();
        requireRequests();
        return new Compiler(settings(BackendRegistry.discover().open(target)), Optional.empty());
      }
      if (asked.tolerance().isEmpty()) {
        throw new IllegalStateException(
            "Tried to find the best precision, but not how far answers may be from the original's."
                + " Set it: Precision.best(samples).within(Tolerance.embedding()), for example.");
      }
      BackendRegistry registry = BackendRegistry.discover();
      BackendRegistry.OpenedAll all =
          target.isFastest()
              ? registry.openAll(target)
              : new BackendRegistry.OpenedAll(List.of(registry.open(target)), Map.of());
      BackendRegistry.OpenedAll priced = priced(all, asked.objective());
      CompilerSettings settings = settings(baseline(priced.opened()));
      return new Compiler(settings, Optional.of(new BestCompilation(settings, asked, priced)));
    }

    /** Where cost counts, a back end without a price cannot be held against the others. */
    private BackendRegistry.OpenedAll priced(BackendRegistry.OpenedAll all, Objective objective) {
      if (!(objective instanceof Objective.Cost cost)) {
        return all;
      }
      List<BackendRegistry.Opened> priced = new ArrayList<>();
      Map<Target.Choice, String> refused = new LinkedHashMap<>(all.refused());
      for (BackendRegistry.Opened opened : all.opened()) {
        if (cost.perHour().containsKey(opened.choice().backend())) {
          priced.add(opened);
        } else {
          refused.put(opened.choice(), "It has no price, and what a request costs is asked for.");
        }
      }
      if (priced.isEmpty()) {
        throw new IllegalStateException(
            "Tried to find what costs least among "
                + all.opened().stream().map(o -> o.choice().toString()).toList()
                + ", but there are prices of "
                + cost.perHour().keySet()
                + " alone. Add what an hour of one of their machines costs.");
      }
      return new BackendRegistry.OpenedAll(List.copyOf(priced), refused);
    }

    /** The original runs on the target of reference runs, if that takes part. */
    private BackendRegistry.Opened baseline(List<BackendRegistry.Opened> opened) {
      return opened.stream()
          .filter(o -> reference.choices().contains(o.choice()))
          .findFirst()
          .orElse(opened.get(0));
    }

    private void requireOneTarget() {
      if (target.isFastest()) {
        throw new IllegalStateException(
            "Tried to compile at "
                + precision
                + " for "
                + target
                + ", which takes requests to measure and a tolerance to keep. Use"
                + " Precision.best(samples).within(tolerance), with among("
                + precision
                + ") to try no other precision, or name one target.");
      }
    }

    private void requireRequests() {
      boolean known =
          verification == null
              || verification.requests().isPresent()
              || precision.settings().samples().isPresent()
              || precision.settings().isAsGiven();
      if (!known) {
        throw new IllegalStateException(
            "Tried to verify that "
                + precision
                + " pays, but there are no requests to measure. Give some:"
                + " Verification.measured().requests(RequestMix.of(workload)).");
      }
    }

    private CompilerSettings settings(BackendRegistry.Opened opened) {
      return new CompilerSettings(
          opened,
          precision,
          List.copyOf(profiles),
          new ExecutionOptions(sessions, Optional.ofNullable(bufferPool)),
          progress,
          passListener,
          cancellation,
          reference,
          isolation,
          limits,
          CompilerSettings.LONGEST_REPAIR,
          Optional.ofNullable(verification));
    }
  }
}
