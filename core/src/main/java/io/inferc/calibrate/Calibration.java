package io.inferc.calibrate;

import java.util.List;

/**
 * What a calibration found.
 *
 * @param table the ranges
 * @param warnings what the user should know: too few samples, tensors that never changed, tensors
 *     that were always empty; whole sentences, empty if there is nothing to say
 */
public record Calibration(CalibrationTable table, List<String> warnings) {
  public Calibration {
    warnings = List.copyOf(warnings);
  }
}
