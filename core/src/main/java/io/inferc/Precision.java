package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.RangeObserver;
import io.inferc.rewrite.LayerRule;
import io.inferc.rewrite.LayerSelector;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The precision a model is compiled at, with rules for single layers.
 *
 * <p>Any precision but {@link #fp32()} is written into the model before the target sees it: the
 * model is cleaned up, calibrated where that is needed, and rewritten in the form of Q/DQ that the
 * target turns into integer kernels.
 *
 * <pre>{@code
 * Precision precision =
 *     Precision.int8(samples).keep(Layers.firstAndLast(), DataType.FLOAT32);
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Precision {
  private static final Precision FP32 = new Precision(NumericPrecision.FP32);

  private final NumericPrecision numeric;
  private final NumericPrecision rest;
  private final @Nullable Dataset samples;
  private final @Nullable CalibrationTable table;
  private final RangeObserver observer;
  private final List<LayerRule> rules;
  private final boolean biasCorrection;
  private final @Nullable Double smoothing;

  private Precision(NumericPrecision numeric) {
    this(numeric, null, null);
  }

  private Precision(
      NumericPrecision numeric, @Nullable Dataset samples, @Nullable CalibrationTable table) {
    this(
        numeric,
        numeric.isInteger() ? NumericPrecision.FP32 : numeric,
        samples,
        table,
        RangeObserver.percentile(),
        List.of(),
        false,
        null);
  }

  private Precision(
      NumericPrecision numeric,
      NumericPrecision rest,
      @Nullable Dataset samples,
      @Nullable CalibrationTable table,
      RangeObserver observer,
      List<LayerRule> rules,
      boolean biasCorrection,
      @Nullable Double smoothing) {
    this.biasCorrection = biasCorrection;
    this.smoothing = smoothing;
    this.numeric = numeric;
    this.rest = rest;
    this.samples = samples;
    this.table = table;
    this.observer = observer;
    this.rules = List.copyOf(rules);
  }

  /**
   * Returns single precision: the target gets the model as it is.
   *
   * @return FP32
   */
  public static Precision fp32() {
    return FP32;
  }

  /**
   * Returns single precision whose matrix products may round to 10-bit mantissas, which the tensor
   * cores of NVIDIA GPUs do: the model stays as it is, and the target is told.
   *
   * @return TF32
   */
  public static Precision tf32() {
    return new Precision(NumericPrecision.TF32);
  }

  /**
   * Returns half precision; inputs and outputs keep their types. Layers with values that half
   * precision cannot hold stay in single precision.
   *
   * @return FP16
   */
  public static Precision fp16() {
    return new Precision(NumericPrecision.FP16);
  }

  /**
   * Returns bfloat16; inputs and outputs keep their types.
   *
   * @return BF16
   */
  public static Precision bf16() {
    return new Precision(NumericPrecision.BF16);
  }

  /**
   * Returns 8-bit integers whose activation scales are worked out at run time: no samples are
   * needed, and matrix products of constant weights gain.
   *
   * @return INT8_DYNAMIC
   */
  public static Precision int8Dynamic() {
    return new Precision(NumericPrecision.INT8_DYNAMIC);
  }

  /**
   * Returns 8-bit integers with scales calibrated on samples.
   *
   * @param samples 500 to 1,000 typical inputs; they are read while a model is compiled
   * @return INT8
   */
  public static Precision int8(Dataset samples) {
    return new Precision(NumericPrecision.INT8, samples, null);
  }

  /**
   * Returns 8-bit integers with scales from an earlier calibration.
   *
   * @param table the table of the same model, cleaned up in the same way
   * @return INT8
   */
  public static Precision int8(CalibrationTable table) {
    return new Precision(NumericPrecision.INT8, null, table);
  }

  /**
   * Chooses how ranges are taken from samples; by default {@link RangeObserver#percentile()}.
   *
   * @param observer how
   * @return a copy
   */
  public Precision observer(RangeObserver observer) {
    return new Precision(numeric, rest, samples, table, observer, rules, biasCorrection, smoothing);
  }

  /**
   * Lets biases make up for what rounding weights shifts layers' mean outputs; by default they do
   * not. It costs nothing at run time. See {@link io.inferc.rewrite.BiasCorrection}.
   *
   * @param corrected true to correct biases
   * @return a copy
   * @throws IllegalArgumentException if there are neither samples nor a table to know means from
   */
  public Precision biasCorrection(boolean corrected) {
    requireCalibration(corrected, "correct biases");
    return new Precision(numeric, rest, samples, table, observer, rules, corrected, smoothing);
  }

  /**
   * Moves outliers of activations into weights before they are quantized; by default they stay.
   * Where nothing before a layer can take the division, it costs a multiplication at run time. See
   * {@link io.inferc.rewrite.SmoothQuant}.
   *
   * @param alpha how much of the range is moved, 0 to 1; 0.5 is usual
   * @return a copy
   * @throws IllegalArgumentException if alpha is out of range, or there are neither samples nor a
   *     table to know outliers from
   */
  public Precision smoothQuant(double alpha) {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException(
          "Tried to smooth with an alpha of " + alpha + "; it takes 0 to 1.");
    }
    requireCalibration(true, "smooth activations");
    return new Precision(numeric, rest, samples, table, observer, rules, biasCorrection, alpha);
  }

  private void requireCalibration(boolean asked, String what) {
    if (asked && samples == null && table == null) {
      throw new IllegalArgumentException(
          "Tried to "
              + what
              + " at "
              + numeric
              + ", but there are neither samples nor a calibration table. Use Precision.int8.");
    }
  }

  /**
   * Chooses what computes between the integer layers; by default FP32, as processors do. GPUs gain
   * from half precision there: only what no layer quantizes is left for it. Rules for single layers
   * go before it.
   *
   * <pre>{@code
   * Precision precision = Precision.int8(samples).rest(DataType.FLOAT16);
   * }</pre>
   *
   * @param type {@link DataType#FLOAT32}, {@link DataType#FLOAT16} or {@link DataType#BFLOAT16}
   * @return a copy
   * @throws IllegalArgumentException for another type, or if this precision is not INT8
   */
  public Precision rest(DataType type) {
    NumericPrecision between =
        switch (type) {
          case FLOAT32 -> NumericPrecision.FP32;
          case FLOAT16 -> NumericPrecision.FP16;
          case BFLOAT16 -> NumericPrecision.BF16;
          default ->
              throw new IllegalArgumentException(
                  "Tried to compute in "
                      + type
                      + " between integer layers; it takes FLOAT32, FLOAT16 or BFLOAT16.");
        };
    if (!numeric.isInteger()) {
      throw new IllegalArgumentException(
          "Tried to choose what computes between the integer layers of a model at "
              + numeric
              + ", which has none. Use Precision.int8(samples).rest("
              + type
              + "), or keep(layers, "
              + type
              + ") for single layers.");
    }
    return new Precision(
        numeric, between, samples, table, observer, rules, biasCorrection, smoothing);
  }

  /**
   * Leaves layers in a floating-point type. Of several rules for a layer, the last one wins.
   *
   * @param layers which layers
   * @param type {@link DataType#FLOAT32}, {@link DataType#FLOAT16} or {@link DataType#BFLOAT16}
   * @return a copy
   * @throws IllegalArgumentException for another type
   */
  public Precision keep(LayerSelector layers, DataType type) {
    return with(LayerRule.keep(layers, type));
  }

  /**
   * Quantizes layers, such as some of those that an earlier rule keeps.
   *
   * @param layers which layers
   * @return a copy
   */
  public Precision quantize(LayerSelector layers) {
    return with(
        numeric == NumericPrecision.INT8_DYNAMIC
            ? LayerRule.quantize(layers, NumericPrecision.INT8_DYNAMIC)
            : LayerRule.quantize(layers));
  }

  /**
   * Quantizes layers in a way of their own.
   *
   * @param layers which layers
   * @param dynamic true to work out activation scales at run time, false to calibrate them
   * @return a copy
   */
  public Precision quantize(LayerSelector layers, boolean dynamic) {
    return with(
        LayerRule.quantize(
            layers, dynamic ? NumericPrecision.INT8_DYNAMIC : NumericPrecision.INT8));
  }

  private Precision with(LayerRule rule) {
    List<LayerRule> more = new ArrayList<>(rules);
    more.add(rule);
    return new Precision(numeric, rest, samples, table, observer, more, biasCorrection, smoothing);
  }

  /**
   * Returns the arithmetic asked for.
   *
   * @return the numeric precision
   */
  public NumericPrecision numeric() {
    return numeric;
  }

  /**
   * Returns the arithmetic between integer layers.
   *
   * @return FP32, FP16 or BF16 for INT8; {@link #numeric()} for all others
   */
  public NumericPrecision rest() {
    return rest;
  }

  /**
   * Returns the rules for single layers.
   *
   * @return the rules, of which later ones win
   */
  public List<LayerRule> rules() {
    return rules;
  }

  Optional<Dataset> samples() {
    return Optional.ofNullable(samples);
  }

  Optional<CalibrationTable> table() {
    return Optional.ofNullable(table);
  }

  boolean correctsBiases() {
    return biasCorrection;
  }

  Optional<Double> smoothing() {
    return Optional.ofNullable(smoothing);
  }

  RangeObserver observer() {
    return observer;
  }

  /** Returns for example {@code INT8}, with the number of rules if there are some. */
  @Override
  public String toString() {
    String text = numeric.toString();
    if (numeric.isInteger() && rest != NumericPrecision.FP32) {
      text += " between " + rest;
    }
    return rules.isEmpty() ? text : text + " with " + rules.size() + " rules";
  }
}
