package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.RangeObserver;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerRule;
import io.inferc.rewrite.layer.LayerSelector;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
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
  private static final Precision FP32 = new Precision(NumericPrecision.FP32, null, null);

  private final PrecisionSettings settings;

  private Precision(
      NumericPrecision numeric, @Nullable Dataset samples, @Nullable CalibrationTable table) {
    this(new PrecisionSettings(numeric, samples, table));
  }

  private Precision(PrecisionSettings settings) {
    this.settings = settings;
  }

  private Precision with(Consumer<PrecisionSettings> change) {
    PrecisionSettings copy = new PrecisionSettings(settings);
    change.accept(copy);
    return new Precision(copy);
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
   * Asks for whatever precision is measured to be best and still gives the right answers.
   *
   * <pre>{@code
   * BestPrecision best = Precision.best(samples).within(Tolerance.embedding());
   * }</pre>
   *
   * @param samples 500 to 1,000 typical inputs, ten at least; they are read while a model is
   *     compiled
   * @return what to hand to {@link Compiler.Builder#precision(BestPrecision)}
   */
  public static BestPrecision best(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return BestPrecision.of(samples);
  }

  /**
   * Returns single precision whose matrix products may round to 10-bit mantissas, which the tensor
   * cores of NVIDIA GPUs do: the model stays as it is, and the target is told.
   *
   * @return TF32
   */
  public static Precision tf32() {
    return new Precision(NumericPrecision.TF32, null, null);
  }

  /**
   * Returns half precision; inputs and outputs keep their types. Layers with values that half
   * precision cannot hold stay in single precision.
   *
   * @return FP16
   */
  public static Precision fp16() {
    return new Precision(NumericPrecision.FP16, null, null);
  }

  /**
   * Returns half precision that knows the model's ranges: layers whose inputs or outputs exceed 512
   * in a reference run on the samples stay in single precision, and exponentials and powers that
   * were measured to be harmless do not.
   *
   * @param samples typical inputs; they are read while a model is compiled
   * @return FP16
   */
  public static Precision fp16(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return new Precision(NumericPrecision.FP16, samples, null);
  }

  /**
   * Returns half precision that knows the model's ranges from an earlier calibration.
   *
   * @param table the table of the same model, cleaned up in the same way; best of all activations
   * @return FP16
   * @see #fp16(Dataset)
   */
  public static Precision fp16(CalibrationTable table) {
    Objects.requireNonNull(table, "table");
    return new Precision(NumericPrecision.FP16, null, table);
  }

  /**
   * Returns bfloat16; inputs and outputs keep their types.
   *
   * @return BF16
   */
  public static Precision bf16() {
    return new Precision(NumericPrecision.BF16, null, null);
  }

  /**
   * Returns 8-bit integers whose activation scales are worked out at run time: no samples are
   * needed, and matrix products of constant weights gain.
   *
   * @return INT8_DYNAMIC
   */
  public static Precision int8Dynamic() {
    return new Precision(NumericPrecision.INT8_DYNAMIC, null, null);
  }

  /**
   * Returns 8-bit integers whose activation scales are worked out at run time, with samples to know
   * outliers from: for {@link #smoothQuant()}, and for layers that {@link #quantize(LayerSelector,
   * boolean)} calibrates.
   *
   * @param samples 500 to 1,000 typical inputs; they are read while a model is compiled
   * @return INT8_DYNAMIC
   */
  public static Precision int8Dynamic(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return new Precision(NumericPrecision.INT8_DYNAMIC, samples, null);
  }

  /**
   * Returns 8-bit integers with scales calibrated on samples.
   *
   * <p>The first few samples are run afterwards, too: layers that bury the outputs in noise stay in
   * floating point, and so do those that the target computes worse from the same integers than the
   * reference back end does, which may take two minutes to find. {@link
   * io.inferc.runtime.CompiledModel#warnings()} says which, or that leaving layers out does not
   * help.
   *
   * @param samples 500 to 1,000 typical inputs; they are read while a model is compiled
   * @return INT8
   */
  public static Precision int8(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return new Precision(NumericPrecision.INT8, samples, null);
  }

  /**
   * Returns 8-bit integers with scales from an earlier calibration.
   *
   * @param table the table of the same model, cleaned up in the same way
   * @return INT8
   */
  public static Precision int8(CalibrationTable table) {
    Objects.requireNonNull(table, "table");
    return new Precision(NumericPrecision.INT8, null, table);
  }

  /**
   * Returns weights of matrix products, and large tables, as integers in blocks that share a scale,
   * while activations stay floating-point numbers: for models whose size or memory matters more
   * than their multiplications. No samples are needed. The target may round activations to 8 bits
   * while it multiplies, if that is faster; {@link WeightQuantization#withFloatActivations} forbids
   * it.
   *
   * @param bits 4 or 8
   * @return WEIGHTS4 or WEIGHTS8, the range of each block chosen for the least error
   * @throws IllegalArgumentException for another number of bits
   */
  public static Precision weights(int bits) {
    return weights(WeightQuantization.bits(bits));
  }

  /**
   * Returns weights as integers in blocks, scaled by the size of the inputs that they meet first.
   *
   * @param bits 4 or 8
   * @param samples some hundred typical inputs; they are read while a model is compiled
   * @return WEIGHTS4 or WEIGHTS8
   * @throws IllegalArgumentException for another number of bits
   * @see #weights(int)
   */
  public static Precision weights(int bits, Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    return weights(
        WeightQuantization.bits(bits).withMethod(WeightQuantization.Method.ACTIVATION_AWARE),
        samples);
  }

  /**
   * Returns weights as integers in blocks.
   *
   * @param how bits, blocks, zero points, and how ranges are found
   * @return WEIGHTS4 or WEIGHTS8
   * @throws IllegalArgumentException if ranges shall be found by samples
   * @see #weights(int)
   */
  public static Precision weights(WeightQuantization how) {
    Objects.requireNonNull(how, "how");
    if (how.method() == WeightQuantization.Method.ACTIVATION_AWARE) {
      throw new IllegalArgumentException(
          "Tried to scale weights by the inputs that they meet, but there are no samples of these."
              + " Use Precision.weights(how, samples).");
    }
    return new Precision(numeric(how), null, null).with(s -> s.weights = how);
  }

  /**
   * Returns weights as integers in blocks, with samples.
   *
   * @param how bits, blocks, zero points, and how ranges are found
   * @param samples some hundred typical inputs; they are read while a model is compiled
   * @return WEIGHTS4 or WEIGHTS8
   * @see #weights(int)
   */
  public static Precision weights(WeightQuantization how, Dataset samples) {
    Objects.requireNonNull(how, "how");
    Objects.requireNonNull(samples, "samples");
    return new Precision(numeric(how), samples, null).with(s -> s.weights = how);
  }

  private static NumericPrecision numeric(WeightQuantization how) {
    return how.bits() == 4 ? NumericPrecision.WEIGHTS4 : NumericPrecision.WEIGHTS8;
  }

  /**
   * Chooses what the layers compute in that are not quantized; by default FP32. GPUs gain from half
   * precision between integer layers: TensorRT leaves in FP32 whatever the model does. Quantized
   * layers then read and write that type around their integers, with scales of it, for which the
   * model is upgraded to opset 19. Layers whose values it cannot hold stay in FP32, as do those
   * that {@link #keep} says.
   *
   * <pre>{@code
   * Precision precision = Precision.int8(samples).rest(DataType.FLOAT16);
   * }</pre>
   *
   * @param type {@link DataType#FLOAT32}, {@link DataType#FLOAT16} or {@link DataType#BFLOAT16}
   * @return a copy
   * @throws IllegalArgumentException for another type, or if this precision quantizes nothing
   */
  public Precision rest(DataType type) {
    Objects.requireNonNull(type, "type");
    if (!numeric().quantizes()) {
      throw new IllegalArgumentException(
          "Tried to compile what is not quantized at "
              + type
              + ", but at "
              + numeric()
              + " no layer is quantized by itself. Use Precision.int8, int8Dynamic or weights.");
    }
    NumericPrecision rest =
        switch (type) {
          case FLOAT32 -> NumericPrecision.FP32;
          case FLOAT16 -> NumericPrecision.FP16;
          case BFLOAT16 -> NumericPrecision.BF16;
          default ->
              throw new IllegalArgumentException(
                  "Tried to compile what is not quantized at "
                      + type
                      + "; it takes FLOAT32, FLOAT16 or BFLOAT16.");
        };
    return with(s -> s.rest = rest);
  }

  /**
   * Sets whether the model's FLOAT32 inputs and outputs get the type of half precision, too; by
   * default they keep theirs, with casts. Converted they save the casts and half of the transfers.
   *
   * @param converted true to change their type
   * @return a copy
   * @throws IllegalArgumentException if neither this precision nor {@link #rest} is FP16 or BF16
   */
  public Precision convertInputsAndOutputs(boolean converted) {
    if (converted && rest() == NumericPrecision.FP32) {
      throw new IllegalArgumentException(
          "Tried to convert inputs and outputs at "
              + numeric()
              + ", where they are FLOAT32. Use Precision.fp16 or bf16, or rest(DataType.FLOAT16).");
    }
    return with(s -> s.convertsInterface = converted);
  }

  /**
   * Chooses how ranges are taken from samples; by default {@link RangeObserver#percentile()}.
   *
   * @param observer how
   * @return a copy
   */
  public Precision observer(RangeObserver observer) {
    Objects.requireNonNull(observer, "observer");
    return with(s -> s.observer = observer);
  }

  /**
   * Lets biases make up for what rounding weights shifts layers' mean outputs; by default they do
   * not. It costs nothing at run time. See {@link io.inferc.rewrite.quantize.BiasCorrection}.
   *
   * @param corrected true to correct biases
   * @return a copy
   * @throws IllegalArgumentException if there are neither samples nor a table to know means from
   */
  public Precision biasCorrection(boolean corrected) {
    requireCalibration(corrected, "correct biases");
    return with(s -> s.biasCorrection = corrected);
  }

  /**
   * Moves outliers of activations into weights before they are quantized, where the error that is
   * expected of quantizing them falls, and by as much as makes it least; by default they stay.
   * Where nothing before a layer can take the division, it costs a multiplication at run time. The
   * same as {@code smoothQuant(Smoothing.best())}; see {@link
   * io.inferc.rewrite.quantize.SmoothQuant}.
   *
   * @return a copy
   * @throws IllegalArgumentException if there are neither samples nor a table to know outliers from
   */
  public Precision smoothQuant() {
    return smoothQuant(Smoothing.best());
  }

  /**
   * Moves outliers of activations into weights before they are quantized, by one alpha for all
   * those where the error that is expected of quantizing them falls.
   *
   * @param alpha how much of the range is moved, 0 to 1; the paper has 0.5
   * @return a copy
   * @throws IllegalArgumentException if alpha is out of range, or there are neither samples nor a
   *     table to know outliers from
   * @see #smoothQuant()
   */
  public Precision smoothQuant(double alpha) {
    return smoothQuant(Smoothing.withAlpha(alpha));
  }

  /**
   * Moves outliers of activations into weights before they are quantized.
   *
   * @param smoothing by how much, and what a multiplication at run time must be worth
   * @return a copy
   * @throws IllegalArgumentException if there are neither samples nor a table to know outliers from
   * @see #smoothQuant()
   */
  public Precision smoothQuant(Smoothing smoothing) {
    Objects.requireNonNull(smoothing, "smoothing");
    requireCalibration(true, "smooth activations");
    return with(s -> s.smoothing = smoothing);
  }

  private void requireCalibration(boolean asked, String what) {
    if (asked && numeric().isWeightOnly()) {
      throw new IllegalArgumentException(
          "Tried to "
              + what
              + " at "
              + numeric()
              + ", where activations are not quantized. Use Precision.weights(bits, samples) to"
              + " scale weights by samples, or Precision.int8.");
    }
    if (asked && settings.samples().isEmpty() && settings.table().isEmpty()) {
      throw new IllegalArgumentException(
          "Tried to "
              + what
              + " at "
              + numeric()
              + ", but there are neither samples nor a calibration table. Use Precision.int8.");
    }
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
    Objects.requireNonNull(layers, "layers");
    Objects.requireNonNull(type, "type");
    return with(LayerRule.keep(layers, type));
  }

  /**
   * Quantizes layers, such as some of those that an earlier rule keeps.
   *
   * @param layers which layers
   * @return a copy
   */
  public Precision quantize(LayerSelector layers) {
    Objects.requireNonNull(layers, "layers");
    return with(
        numeric().quantizes() ? LayerRule.quantize(layers, numeric()) : LayerRule.quantize(layers));
  }

  /**
   * Stores the weights of layers alone as integers, whatever the rest of the model has.
   *
   * @param layers which layers
   * @param bits 4 or 8
   * @return a copy
   * @throws IllegalArgumentException for another number of bits
   */
  public Precision quantizeWeights(LayerSelector layers, int bits) {
    Objects.requireNonNull(layers, "layers");
    return with(LayerRule.quantize(layers, numeric(WeightQuantization.bits(bits))));
  }

  /**
   * Quantizes layers in a way of their own.
   *
   * @param layers which layers
   * @param dynamic true to work out activation scales at run time, false to calibrate them
   * @return a copy
   */
  public Precision quantize(LayerSelector layers, boolean dynamic) {
    Objects.requireNonNull(layers, "layers");
    return with(
        LayerRule.quantize(
            layers, dynamic ? NumericPrecision.INT8_DYNAMIC : NumericPrecision.INT8));
  }

  private Precision with(LayerRule rule) {
    List<LayerRule> more = new ArrayList<>(rules());
    more.add(rule);
    return with(s -> s.rules = List.copyOf(more));
  }

  /**
   * Returns the arithmetic asked for.
   *
   * @return the numeric precision
   */
  public NumericPrecision numeric() {
    return settings.numeric;
  }

  /**
   * Returns the rules for single layers.
   *
   * @return the rules, of which later ones win
   */
  public List<LayerRule> rules() {
    return settings.rules;
  }

  /**
   * Returns the arithmetic of layers that are not quantized.
   *
   * @return FP32, FP16 or BF16; {@link #numeric()} if that is one of them
   */
  public NumericPrecision rest() {
    return settings.rest;
  }

  /** The same with ranges that are known already; the samples stay. */
  Precision calibrated(CalibrationTable ranges) {
    return with(s -> s.calibrated(ranges));
  }

  /** The same without layers that were found not to be worth it. */
  Precision leavingOut(Map<String, LayerDecision> layers) {
    return with(s -> s.leftOut = Map.copyOf(layers));
  }

  /** Single precision, but cleaned up before the target sees it. */
  static Precision cleanedUp() {
    return FP32.with(s -> s.cleansUp = true);
  }

  /** What compiling reads of it. */
  PrecisionSettings settings() {
    return settings;
  }

  /** Returns for example {@code INT8, the rest FP16, with 2 rules}. */
  @Override
  public String toString() {
    boolean mixed = numeric().quantizes() && rest() != NumericPrecision.FP32;
    return numeric()
        + (settings.cleansUp ? ", cleaned up" : "")
        + (settings.smoothing().isPresent() ? ", smoothed" : "")
        + (settings.leftOut.isEmpty() ? "" : " where it pays")
        + (mixed ? ", the rest " + rest() + (rules().isEmpty() ? "" : ",") : "")
        + (rules().isEmpty() ? "" : " with " + rules().size() + " rules");
  }
}
