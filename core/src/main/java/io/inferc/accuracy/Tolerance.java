package io.inferc.accuracy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a compiled model's outputs must keep. Whatever the limits, an element that is NaN
 * or infinite where the original's is another fails, and so does an output of another shape. A
 * model compared with itself passes every preset.
 *
 * <p>The presets are for models compiled without a change of precision up to 8-bit quantization
 * that a user of the task would not notice; set {@link #custom()} limits where you know better.
 * They judge integers, truth values and text by equality, as labels are. Where a limit makes no
 * sense for an output (the best class of a single score), its SQNR must be 30 dB.
 *
 * <p>Models with outputs of several kinds get a tolerance for each:
 *
 * <pre>{@code
 * Tolerance.perOutput()
 *     .output("speech", Tolerance.decisions(0.5))
 *     .output("text", Tolerance.ctcText(0))
 *     .boxes(BoxLayout.separate("boxes", "scores").labels("labels"))
 *     .ignore("features")
 *     .others(Tolerance.regression())
 *     .build();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Tolerance {
  private static final double MOSTLY = 0.99;
  private static final double INSTEAD_DB = 30;
  private static final double DEAD_BAND = 0.05;
  private static final double SAME_BOX = 0.5;

  /** What a task makes of an output, and how it is called. */
  private record Task(String name, Supplier<TaskMeasure> measure) {}

  /** How boxes are matched, and the F1 that they must have. */
  private record Boxes(BoxLayout layout, double minScore, double minF1) {}

  private final String name;
  private final Map<Metric, Double> limits;
  private final boolean preset;
  private final @Nullable Task task;
  private final List<Boxes> boxes;
  private final Map<String, Tolerance> byOutput;
  private final Set<String> ignored;
  private final @Nullable Tolerance others;

  /** Limits of one kind of output. */
  private Tolerance(String name, Map<Metric, Double> limits, boolean preset, @Nullable Task task) {
    this.name = name;
    this.limits = Collections.unmodifiableMap(new EnumMap<>(limits));
    this.preset = preset;
    this.task = task;
    boxes = List.of();
    byOutput = Map.of();
    ignored = Set.of();
    others = this;
  }

  /** Limits for each output; those without any are ignored if there are no others. */
  private Tolerance(
      String name,
      List<Boxes> boxes,
      Map<String, Tolerance> byOutput,
      Set<String> ignored,
      @Nullable Tolerance others) {
    this.name = name;
    limits = Map.of();
    preset = true;
    task = null;
    this.boxes = List.copyOf(boxes);
    this.byOutput = Collections.unmodifiableMap(new LinkedHashMap<>(byOutput));
    this.ignored = Set.copyOf(ignored);
    this.others = others;
  }

  private static void requirePossible(Metric metric, double limit) {
    boolean possible = metric.higherIsBetter() ? limit <= metric.best() : limit >= metric.best();
    if (!possible) {
      throw new IllegalArgumentException(
          "Tried to ask for a "
              + metric.label()
              + " of "
              + (metric.higherIsBetter() ? "at least " : "at most ")
              + limit
              + ", which no result can have: the best is "
              + metric.best()
              + ". Correct the limit.");
    }
  }

  private static Tolerance preset(String name, Map<Metric, Double> limits) {
    return new Tolerance(name, limits, true, null);
  }

  /**
   * Returns limits for class scores or labels: the same best class in 99 % of the rows.
   *
   * @return top-1 agreement of at least 0.99; as many equal labels
   */
  public static Tolerance classification() {
    return preset("classification", Map.of(Metric.TOP1_AGREEMENT, MOSTLY));
  }

  /**
   * Returns limits for numbers used as they are.
   *
   * @return SQNR of at least 40 dB, an error of about 1 % of the signal
   */
  public static Tolerance regression() {
    return preset("regression", Map.of(Metric.SQNR_DB, 40.0));
  }

  /**
   * Returns limits for vectors compared by their angle.
   *
   * @return mean cosine of at least 0.995, and 0.975 for the worst sample
   */
  public static Tolerance embedding() {
    return preset("embedding", Map.of(Metric.MEAN_COSINE, 0.995, Metric.MIN_COSINE, 0.975));
  }

  /**
   * Returns rough limits for the raw numbers of a detector of which no more is known.
   *
   * <p>Most of them belong to places without an object, whose noise nobody sees, and coordinates in
   * pixels outweigh scores below one. So these limits let a model pass whose rare objects are gone,
   * and a right model needs room: 8-bit heads of YOLO models that keep their boxes have 25 to 35
   * dB. Describe the outputs and use {@link #boxes} to know.
   *
   * @return SQNR of at least 25 dB and mean cosine of at least 0.99
   */
  public static Tolerance detection() {
    return preset("detection", Map.of(Metric.SQNR_DB, 25.0, Metric.MEAN_COSINE, 0.99));
  }

  /**
   * Returns limits for scores of the next token.
   *
   * @return top-1 agreement of at least 0.98 and top-k agreement of at least 0.95
   */
  public static Tolerance tokenLogits() {
    return preset("token logits", Map.of(Metric.TOP1_AGREEMENT, 0.98, Metric.TOPK_AGREEMENT, 0.95));
  }

  /**
   * Returns limits for scores of the next token of a model whose weights alone were quantized: that
   * the same token is the best, and that the scores as a whole are near.
   *
   * <p>Either alone lets harm pass. Rounding weights can leave scores near while best tokens that
   * were close to others flip, each of which changes all text behind it; and best tokens can stay
   * while the scores that tokens are drawn by are others.
   *
   * @return top-1 agreement of at least 0.98, that is at most 2 % of the best tokens flipped, top-k
   *     agreement of at least 0.95, mean cosine of at least 0.995 and SQNR of at least 20 dB
   */
  public static Tolerance quantizedTokenLogits() {
    return preset(
        "token logits of quantized weights",
        Map.of(
            Metric.TOP1_AGREEMENT,
            0.98,
            Metric.TOPK_AGREEMENT,
            0.95,
            Metric.MEAN_COSINE,
            0.995,
            Metric.SQNR_DB,
            20.0));
  }

  /**
   * Returns the limit that nothing may differ.
   *
   * @return exact match of 1
   */
  public static Tolerance exact() {
    return preset("exact", Map.of(Metric.EXACT_MATCH, 1.0));
  }

  /**
   * Returns limits for scores that are compared with a threshold, such as those of voice activity
   * or a wake word: 99 % of the positive and 99 % of the negative decisions stay. Scores of the
   * original within 0.05 of the threshold are not counted.
   *
   * @param threshold what a score must exceed to be positive
   * @return decision agreement of at least 0.99
   * @throws IllegalArgumentException if the threshold is no number
   */
  public static Tolerance decisions(double threshold) {
    return decisions(threshold, DEAD_BAND);
  }

  /**
   * Returns limits for scores that are compared with a threshold.
   *
   * @param threshold what a score must exceed to be positive
   * @param deadBand scores of the original so near to it, or nearer, are not counted; 0 or more
   * @return decision agreement of at least 0.99
   * @throws IllegalArgumentException if either is no number, or the band negative
   */
  public static Tolerance decisions(double threshold, double deadBand) {
    if (!Double.isFinite(threshold) || !(deadBand >= 0)) {
      throw new IllegalArgumentException(
          "Tried to compare decisions at "
              + threshold
              + " with a dead band of "
              + deadBand
              + "; it takes numbers, the band 0 or more.");
    }
    Task task =
        new Task(
            "decisions at " + threshold + " ± " + deadBand,
            () -> new DecisionMeasure(threshold, deadBand));
    return new Tolerance(task.name(), Map.of(Metric.DECISION_AGREEMENT, MOSTLY), true, task);
  }

  /**
   * Returns limits for scores [steps, classes] or [batch, steps, classes] that greedy decoding
   * makes text of: the best class of each step, repetitions collapsed, blanks dropped.
   *
   * @param blank the class of the blank; -1 for the last class
   * @return a character error rate of at most 0.01, and at least 0.95 of the texts equal
   */
  public static Tolerance ctcText(int blank) {
    Task task = new Task("CTC text with blank " + blank, () -> new CtcMeasure(blank));
    return new Tolerance(
        task.name(),
        Map.of(Metric.CHARACTER_ERROR_RATE, 0.01, Metric.TEXT_MATCH, 0.95),
        true,
        task);
  }

  /**
   * Returns limits for boxes with a score of 0.25 or more: an F1 of at least 0.95 at an IoU of 0.5.
   *
   * @param layout which outputs hold the boxes; all others are ignored, unless {@link #perOutput}
   *     says what they must keep
   * @return the limits
   */
  public static Tolerance boxes(BoxLayout layout) {
    return boxes(layout, 0.25, 0.95);
  }

  /**
   * Returns limits for boxes. Each box of the compiled model is matched with one of the original's
   * of the same class and image that it overlaps by an IoU of 0.5 or more; the two may be of any
   * number. A box without a match is not counted if its score is within 0.05 of the threshold.
   *
   * @param layout which outputs hold the boxes
   * @param minScore the score that an application asks for
   * @param minF1 the least F1: twice the matches over the boxes of both models
   * @return the limits
   * @throws IllegalArgumentException if the score is no number, or no F1 can be that high
   */
  public static Tolerance boxes(BoxLayout layout, double minScore, double minF1) {
    Objects.requireNonNull(layout, "layout");
    if (!Double.isFinite(minScore)) {
      throw new IllegalArgumentException(
          "Tried to compare boxes from a score of " + minScore + " on; it takes a number.");
    }
    requirePossible(Metric.BOX_F1, minF1);
    List<Boxes> one = List.of(new Boxes(layout, minScore, minF1));
    return new Tolerance("boxes", one, Map.of(), Set.of(), null);
  }

  /**
   * Starts limits of the caller's.
   *
   * @return a builder without limits
   */
  public static Builder custom() {
    return new Builder();
  }

  /**
   * Starts limits for each output.
   *
   * @return a builder without outputs
   */
  public static PerOutput perOutput() {
    return new PerOutput();
  }

  /**
   * Returns the name for reports.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the limits: the least value of a metric where higher is better, the greatest otherwise.
   *
   * @return limit by metric; none if each output has its own, see {@link OutputAccuracy#limits}
   */
  public Map<Metric, Double> limits() {
    return limits;
  }

  /** What an output must keep; empty if it is ignored or judged together with others. */
  Optional<Tolerance> of(String output) {
    if (ignored.contains(output) || inBoxes(output)) {
      return Optional.empty();
    }
    return Optional.ofNullable(byOutput.getOrDefault(output, others));
  }

  private boolean inBoxes(String output) {
    return boxes.stream().anyMatch(b -> b.layout().outputs().contains(output));
  }

  /** The outputs that the model must have. */
  Set<String> named() {
    Set<String> named = new HashSet<>(byOutput.keySet());
    named.addAll(ignored);
    boxes.forEach(b -> named.addAll(b.layout().outputs()));
    return named;
  }

  /** A new measure of what the task makes of an output, if there is a task. */
  Optional<TaskMeasure> measure() {
    return Optional.ofNullable(task).map(t -> t.measure().get());
  }

  /** New measures of boxes, with what they must keep. */
  Map<BoxMeasure, Map<Metric, Double>> boxMeasures() {
    Map<BoxMeasure, Map<Metric, Double>> measures = new LinkedHashMap<>();
    for (Boxes b : boxes) {
      measures.put(
          new BoxMeasure(b.layout(), b.minScore(), DEAD_BAND, SAME_BOX),
          Map.of(Metric.BOX_F1, b.minF1()));
    }
    return measures;
  }

  /**
   * The limits for an output.
   *
   * @param discrete whether its elements are labels rather than amounts
   * @param measured the metrics that make sense for it
   */
  Map<Metric, Double> limits(boolean discrete, Set<Metric> measured) {
    boolean any = limits.keySet().stream().anyMatch(measured::contains);
    if (discrete && (preset || !any)) {
      double same = limits.getOrDefault(Metric.EXACT_MATCH, preset ? equality() : 1.0);
      return Map.of(Metric.EXACT_MATCH, same);
    }
    if (!preset || measured.containsAll(limits.keySet())) {
      return limits;
    }
    Map<Metric, Double> fitting = new EnumMap<>(limits);
    fitting.keySet().retainAll(measured);
    fitting.put(Metric.SQNR_DB, INSTEAD_DB);
    return fitting;
  }

  private double equality() {
    return Math.min(MOSTLY, limits.getOrDefault(Metric.TOP1_AGREEMENT, MOSTLY));
  }

  /** Returns the name and all limits. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name).append(limits);
    boxes.forEach(b -> text.append(' ').append(b));
    byOutput.forEach((output, t) -> text.append(' ').append(output).append(": ").append(t));
    ignored.stream().sorted().forEach(i -> text.append(" without ").append(i));
    if (others != null && others != this) {
      text.append(" others: ").append(others);
    }
    return text.toString();
  }

  /** Builds a {@link Tolerance} with limits of the caller's. */
  public static final class Builder {
    private final Map<Metric, Double> limits = new EnumMap<>(Metric.class);
    private String name = "custom";

    private Builder() {}

    /**
     * Sets the name for reports.
     *
     * @param name the name
     * @return this
     */
    public Builder named(String name) {
      Objects.requireNonNull(name, "name");
      this.name = name;
      return this;
    }

    /**
     * Limits a metric.
     *
     * @param metric the metric, one that needs no threshold, blank or layout
     * @param limit the least value if higher is better, the greatest otherwise
     * @return this
     * @throws IllegalArgumentException if no result can keep the limit, such as a cosine above 1, a
     *     negative error or NaN, or the metric is of a task
     */
    public Builder limit(Metric metric, double limit) {
      Objects.requireNonNull(metric, "metric");
      requirePossible(metric, limit);
      if (metric.isOfTask()) {
        throw new IllegalArgumentException(
            "Tried to limit "
                + metric.label()
                + " without saying what it is made of. Use Tolerance.decisions, boxes or ctcText.");
      }
      limits.put(metric, limit);
      return this;
    }

    /**
     * Makes the tolerance.
     *
     * @return the tolerance
     * @throws IllegalStateException if no metric is limited
     */
    public Tolerance build() {
      if (limits.isEmpty()) {
        throw new IllegalStateException(
            "Tried to build a tolerance without a limit. Call limit(metric, value) at least once.");
      }
      return new Tolerance(name, limits, false, null);
    }
  }

  /** Builds a {@link Tolerance} with limits for each output. */
  public static final class PerOutput {
    private final Map<String, Tolerance> byOutput = new LinkedHashMap<>();
    private final Set<String> ignored = new HashSet<>();
    private final List<Boxes> boxes = new ArrayList<>();
    private @Nullable Tolerance others;

    private PerOutput() {}

    /**
     * Limits one output.
     *
     * @param output its name
     * @param tolerance what it must keep
     * @return this
     * @throws IllegalArgumentException if the tolerance is itself one for each output
     */
    public PerOutput output(String output, Tolerance tolerance) {
      Objects.requireNonNull(output, "output");
      byOutput.put(output, single(tolerance));
      return this;
    }

    /**
     * Limits the boxes of some outputs, as {@link Tolerance#boxes(BoxLayout)} does.
     *
     * @param layout which outputs hold the boxes
     * @return this
     */
    public PerOutput boxes(BoxLayout layout) {
      boxes.addAll(Tolerance.boxes(layout).boxes);
      return this;
    }

    /**
     * Leaves outputs unjudged.
     *
     * @param outputs their names
     * @return this
     */
    public PerOutput ignore(String... outputs) {
      Objects.requireNonNull(outputs, "outputs");
      ignored.addAll(List.of(outputs));
      return this;
    }

    /**
     * Limits all outputs that are not named.
     *
     * @param tolerance what each of them must keep
     * @return this
     * @throws IllegalArgumentException if the tolerance is itself one for each output
     */
    public PerOutput others(Tolerance tolerance) {
      others = single(tolerance);
      return this;
    }

    private static Tolerance single(Tolerance tolerance) {
      Objects.requireNonNull(tolerance, "tolerance");
      if (!tolerance.byOutput.isEmpty() || !tolerance.boxes.isEmpty()) {
        throw new IllegalArgumentException(
            "Tried to limit one output by '"
                + tolerance.name
                + "', which is for several. Call boxes(layout) or output(name, tolerance).");
      }
      return tolerance;
    }

    /**
     * Makes the tolerance. Outputs that it does not name are ignored if there are no {@link
     * #others}.
     *
     * @return the tolerance
     * @throws IllegalStateException if nothing is limited
     */
    public Tolerance build() {
      if (byOutput.isEmpty() && boxes.isEmpty() && others == null) {
        throw new IllegalStateException(
            "Tried to build a tolerance that limits no output. Call output(name, tolerance),"
                + " boxes(layout) or others(tolerance).");
      }
      return new Tolerance("per output", boxes, byOutput, ignored, others);
    }
  }
}
