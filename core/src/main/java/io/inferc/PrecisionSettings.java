package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.RangeObserver;
import io.inferc.rewrite.layer.LayerRule;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Precision} asks for, as compiling reads it. A precision never changes its own, only
 * those of a copy to be.
 */
final class PrecisionSettings {
  final NumericPrecision numeric;
  private final @Nullable Dataset samples;
  private final @Nullable CalibrationTable table;
  NumericPrecision rest;
  RangeObserver observer = RangeObserver.percentile();
  List<LayerRule> rules = List.of();
  boolean biasCorrection;
  @Nullable Smoothing smoothing;
  boolean convertsInterface;

  PrecisionSettings(
      NumericPrecision numeric, @Nullable Dataset samples, @Nullable CalibrationTable table) {
    this.numeric = numeric;
    this.samples = samples;
    this.table = table;
    rest = numeric.isInteger() ? NumericPrecision.FP32 : numeric;
  }

  PrecisionSettings(PrecisionSettings other) {
    this(other.numeric, other.samples, other.table);
    rest = other.rest;
    observer = other.observer;
    rules = other.rules;
    biasCorrection = other.biasCorrection;
    smoothing = other.smoothing;
    convertsInterface = other.convertsInterface;
  }

  Optional<Dataset> samples() {
    return Optional.ofNullable(samples);
  }

  Optional<CalibrationTable> table() {
    return Optional.ofNullable(table);
  }

  Optional<Smoothing> smoothing() {
    return Optional.ofNullable(smoothing);
  }

  /** Tells whether a model that is compiled at this precision is another than the user's. */
  boolean changesModel() {
    return numeric != NumericPrecision.FP32 || needsModel();
  }

  /** Tells whether something is asked for that no switch of a runtime does. */
  boolean needsModel() {
    return !rules.isEmpty() || convertsInterface;
  }
}
