package io.inferc.examples;

import java.util.Locale;

/** The precisions that the command line knows by name. */
enum NamedPrecision {
  FP32,
  FP16,
  INT8,
  INT8_SMOOTH,
  INT8_FP16,
  INT8_DYNAMIC,
  SEARCH;

  /** As the command line and reports write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
