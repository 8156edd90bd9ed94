package io.inferc.examples;

import io.inferc.Precision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.util.Locale;
import java.util.function.Supplier;

/** The precisions that the command line knows by name. */
enum NamedPrecision {
  FP32,
  FP16,
  INT8,
  INT8_SMOOTH,
  INT8_FP16,
  INT8_DYNAMIC,
  SEARCH;

  /**
   * What a compiler is given; a search starts from INT8 with outliers smoothed where that is cheap.
   *
   * @param samples asked for where scales are taken from real inputs
   */
  Precision precision(Supplier<Dataset> samples) {
    return switch (this) {
      case FP32 -> Precision.fp32();
      case FP16 -> Precision.fp16();
      case INT8 -> Precision.int8(samples.get());
      case INT8_SMOOTH -> Precision.int8(samples.get()).smoothQuant();
      case INT8_FP16 -> Precision.int8(samples.get()).smoothQuant().rest(DataType.FLOAT16);
      case INT8_DYNAMIC -> Precision.int8Dynamic();
      case SEARCH -> Precision.int8(samples.get()).smoothQuant(PrecisionChoice.CHEAP);
    };
  }

  /** As the command line and reports write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
