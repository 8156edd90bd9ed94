package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.RangeObserver;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerRule;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Precision} asks for, as compiling reads it. A precision never changes its own, only
 * those of a copy to be.
 */
final class PrecisionSettings {
  final NumericPrecision numeric;
  private final @Nullable Dataset samples;
  private @Nullable CalibrationTable table;
  NumericPrecision rest;
  RangeObserver observer = RangeObserver.percentile();
  List<LayerRule> rules = List.of();
  boolean biasCorrection;
  @Nullable Smoothing smoothing;
  @Nullable WeightQuantization weights;
  boolean convertsInterface;
  boolean cleansUp;
  Map<String, LayerDecision> leftOut = Map.of();

  PrecisionSettings(
      NumericPrecision numeric, @Nullable Dataset samples, @Nullable CalibrationTable table) {
    this.numeric = numeric;
    this.samples = samples;
    this.table = table;
    rest = numeric.quantizes() ? NumericPrecision.FP32 : numeric;
  }

  PrecisionSettings(PrecisionSettings other) {
    this(other.numeric, other.samples, other.table);
    rest = other.rest;
    observer = other.observer;
    rules = other.rules;
    biasCorrection = other.biasCorrection;
    smoothing = other.smoothing;
    weights = other.weights;
    convertsInterface = other.convertsInterface;
    cleansUp = other.cleansUp;
    leftOut = other.leftOut;
  }

  Optional<Dataset> samples() {
    return Optional.ofNullable(samples);
  }

  Optional<CalibrationTable> table() {
    return Optional.ofNullable(table);
  }

  /** Gives it ranges that are known already; the samples stay what the result is held against. */
  void calibrated(CalibrationTable ranges) {
    table = ranges;
  }

  Optional<Smoothing> smoothing() {
    return Optional.ofNullable(smoothing);
  }

  /** How weights alone become integers; empty at other precisions. */
  Optional<WeightQuantization> weights() {
    return Optional.ofNullable(weights);
  }

  /** Tells whether a model that is compiled at this precision is another than the user's. */
  boolean changesModel() {
    return numeric != NumericPrecision.FP32 || needsModel();
  }

  /** Tells whether it asks for nothing but the model as it is, in single precision. */
  boolean isAsGiven() {
    return !changesModel();
  }

  /** Tells whether something is asked for that no switch of a runtime does. */
  boolean needsModel() {
    return !rules.isEmpty() || convertsInterface || cleansUp;
  }
}
