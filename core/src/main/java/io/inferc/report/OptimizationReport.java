package io.inferc.report;

import io.inferc.Inferc;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelSummary;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.search.SearchResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything known of one compilation. What was not done is left out of the pages.
 *
 * <p>Immutable.
 */
public final class OptimizationReport {
  private final String title;
  private final Map<String, String> facts;
  private final Optional<ModelSummary> summary;
  private final Optional<AccuracyReport> accuracy;
  private final Optional<LayerDiffReport> layerDiff;
  private final Optional<PrecisionReport> precision;
  private final Optional<SearchResult> search;
  private final Optional<CompilationReport> compilation;
  private final Optional<FusionReport> fusion;
  private final List<BenchmarkComparison> benchmarks;
  private final List<String> notes;
  private final List<String> warnings;
  private final Instant created;
  private final Optional<String> command;
  private final OptionalLong compiledWeightBytes;

  private OptimizationReport(Builder b) {
    title = b.title;
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(b.facts));
    summary = Optional.ofNullable(b.summary);
    accuracy = Optional.ofNullable(b.accuracy);
    layerDiff = Optional.ofNullable(b.layerDiff);
    precision = Optional.ofNullable(b.precision);
    search = Optional.ofNullable(b.search);
    compilation = Optional.ofNullable(b.compilation);
    fusion = Optional.ofNullable(b.fusion);
    benchmarks = List.copyOf(b.benchmarks);
    notes = List.copyOf(b.notes);
    warnings = List.copyOf(b.warnings);
    created = b.created != null ? b.created : Instant.now();
    command = Optional.ofNullable(b.command);
    compiledWeightBytes = b.compiledWeightBytes;
  }

  /**
   * Starts a report.
   *
   * @param title what was compiled
   * @return a builder
   */
  public static Builder builder(String title) {
    Objects.requireNonNull(title, "title");
    return new Builder(title);
  }

  /**
   * Returns the title.
   *
   * @return what was compiled
   */
  public String title() {
    return title;
  }

  /**
   * Returns single facts, such as the target and the precision.
   *
   * @return text by label, in order
   */
  public Map<String, String> facts() {
    return facts;
  }

  /**
   * Returns what is in the model.
   *
   * @return the summary, or empty
   */
  public Optional<ModelSummary> summary() {
    return summary;
  }

  /**
   * Returns how accurate the compiled model is.
   *
   * @return the comparison, or empty
   */
  public Optional<AccuracyReport> accuracy() {
    return accuracy;
  }

  /**
   * Returns where the compiled model leaves the original.
   *
   * @return the comparison of layers, or empty
   */
  public Optional<LayerDiffReport> layerDiff() {
    return layerDiff;
  }

  /**
   * Returns what each node ended with, and why.
   *
   * @return the report on precision, or empty
   */
  public Optional<PrecisionReport> precision() {
    return precision;
  }

  /**
   * Returns how the mix of precisions was found.
   *
   * @return the result of the search, or empty
   */
  public Optional<SearchResult> search() {
    return search;
  }

  /**
   * Returns the ways to compile the model that were tried.
   *
   * @return how the compiled model came to be, or empty if nothing was measured for that
   */
  public Optional<CompilationReport> compilation() {
    return compilation;
  }

  /**
   * Returns which kernels the model became.
   *
   * @return the report on fusion, or empty
   */
  public Optional<FusionReport> fusion() {
    return fusion;
  }

  /**
   * Returns what was gained.
   *
   * @return one comparison for each workload
   */
  public List<BenchmarkComparison> benchmarks() {
    return benchmarks;
  }

  /**
   * Returns what the reader must know before all else.
   *
   * @return whole sentences
   */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * Returns remarks for the reader.
   *
   * @return whole sentences
   */
  public List<String> notes() {
    return notes;
  }

  /**
   * Returns when the report was made.
   *
   * @return the time of {@link Builder#build()}, unless another was set
   */
  public Instant created() {
    return created;
  }

  /**
   * Returns the inferc that made the report.
   *
   * @return its version, as {@link Inferc#version()} tells
   */
  public String version() {
    return Inferc.version();
  }

  /**
   * Returns how to make the report again.
   *
   * @return a command line, or empty
   */
  public Optional<String> command() {
    return command;
  }

  /**
   * Returns the size of the compiled model's weights.
   *
   * @return bytes, or empty if they are not known
   */
  public OptionalLong compiledWeightBytes() {
    return compiledWeightBytes;
  }

  /**
   * Writes the report as one HTML page without any reference to other files.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeHtml(Path file) {
    ReportFile.write(file, HtmlPage.of(this));
  }

  /**
   * Writes the report as JSON: keys in camel case, latencies in milliseconds, sizes in bytes,
   * infinite numbers as text.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeJson(Path file) {
    ReportFile.write(file, JsonDocument.of(this));
  }

  /** Builds an {@link OptimizationReport}. */
  public static final class Builder {
    private final String title;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private @Nullable ModelSummary summary;
    private @Nullable AccuracyReport accuracy;
    private @Nullable LayerDiffReport layerDiff;
    private @Nullable PrecisionReport precision;
    private @Nullable SearchResult search;
    private @Nullable CompilationReport compilation;
    private @Nullable FusionReport fusion;
    private final List<BenchmarkComparison> benchmarks = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private @Nullable Instant created;
    private @Nullable String command;
    private OptionalLong compiledWeightBytes = OptionalLong.empty();

    private Builder(String title) {
      this.title = title;
    }

    /**
     * Adds a single fact.
     *
     * @param label what it is
     * @param value the fact
     * @return this
     */
    public Builder fact(String label, String value) {
      Objects.requireNonNull(label, "label");
      Objects.requireNonNull(value, "value");
      facts.put(label, value);
      return this;
    }

    /**
     * Sets what is in the model.
     *
     * @param summary the summary
     * @return this
     */
    public Builder summary(ModelSummary summary) {
      Objects.requireNonNull(summary, "summary");
      this.summary = summary;
      return this;
    }

    /**
     * Sets how accurate the compiled model is.
     *
     * @param report the comparison
     * @return this
     */
    public Builder accuracy(AccuracyReport report) {
      Objects.requireNonNull(report, "report");
      accuracy = report;
      return this;
    }

    /**
     * Sets where the compiled model leaves the original, layer by layer.
     *
     * @param report the comparison of layers
     * @return this
     */
    public Builder layerDiff(LayerDiffReport report) {
      Objects.requireNonNull(report, "report");
      layerDiff = report;
      return this;
    }

    /**
     * Sets what each node ended with, and why.
     *
     * @param report the report on precision
     * @return this
     */
    public Builder precision(PrecisionReport report) {
      Objects.requireNonNull(report, "report");
      precision = report;
      return this;
    }

    /**
     * Sets how the mix of precisions was found.
     *
     * @param result the result of the search
     * @return this
     */
    public Builder search(SearchResult result) {
      Objects.requireNonNull(result, "result");
      search = result;
      return this;
    }

    /**
     * Sets which kernels the model became.
     *
     * @param report the report on fusion
     * @return this
     */
    public Builder fusion(FusionReport report) {
      Objects.requireNonNull(report, "report");
      fusion = report;
      return this;
    }

    /**
     * Adds what was gained on one workload.
     *
     * @param comparison the comparison
     * @return this
     */
    public Builder benchmark(BenchmarkComparison comparison) {
      Objects.requireNonNull(comparison, "comparison");
      benchmarks.add(comparison);
      return this;
    }

    /**
     * Adds a remark.
     *
     * @param sentence for the reader
     * @return this
     */
    public Builder note(String sentence) {
      Objects.requireNonNull(sentence, "sentence");
      notes.add(sentence);
      return this;
    }

    /**
     * Adds what a compiled model tells of itself: precision, target, size of the weights, and its
     * warnings. A fact of the same label that is added later replaces the model's.
     *
     * @param model the compiled model
     * @return this
     */
    public Builder model(CompiledModel model) {
      Objects.requireNonNull(model, "model");
      fact("target", model.target() + ", " + model.backendVersion());
      fact("precision", model.precision());
      compiledWeightBytes = model.weightBytes();
      compiledWeightBytes.ifPresent(
          b -> fact("weights", String.format(Locale.ROOT, "%,d bytes", b)));
      model.warnings().forEach(this::warning);
      compilation = model.report().verdict().isEmpty() ? null : model.report();
      return this;
    }

    /**
     * Adds a warning, which stands above all else; the same one is shown once.
     *
     * @param sentence for the reader
     * @return this
     */
    public Builder warning(String sentence) {
      Objects.requireNonNull(sentence, "sentence");
      warnings.add(sentence);
      return this;
    }

    /**
     * Sets when the report was made, where that is not the moment in which it is built.
     *
     * @param time the time
     * @return this
     */
    public Builder created(Instant time) {
      Objects.requireNonNull(time, "time");
      created = time;
      return this;
    }

    /**
     * Sets how to make the report again.
     *
     * @param line the command line, as one types it; it should hold no secrets
     * @return this
     */
    public Builder command(String line) {
      Objects.requireNonNull(line, "line");
      command = line;
      return this;
    }

    /**
     * Makes the report.
     *
     * @return the report
     */
    public OptimizationReport build() {
      return new OptimizationReport(this);
    }
  }
}
