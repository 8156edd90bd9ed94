package io.inferc.benchmark.platform;

import java.util.Locale;
import java.util.Objects;

/**
 * How near a run came to what its machine can do. A roof is what something reached, so a share may
 * be above 1: then the run was faster than what the roof was measured with.
 *
 * @param ofCompute the rate of multiply-adds over that of the roof
 * @param ofBandwidth the rate of bytes over that of the roof
 * @param binding the roof that would stop the run first, that of the larger share
 * @param roof with whose arithmetic it was compared
 */
public record RooflineShare(
    double ofCompute, double ofBandwidth, Binding binding, ComputeRoof roof) {
  /** Checks that nothing is missing. */
  public RooflineShare {
    Objects.requireNonNull(binding, "binding");
    Objects.requireNonNull(roof, "roof");
  }

  /** What bounds a run from below. */
  public enum Binding {
    /** Arithmetic. */
    COMPUTE,
    /** Moving weights and activations from and to memory. */
    BANDWIDTH
  }

  /**
   * Returns the share of the roof that binds: the time the run would take at the roof over the time
   * that it took.
   *
   * @return above 0
   */
  public double achieved() {
    return Math.max(ofCompute, ofBandwidth);
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f %% of the measured %s roof, %.1f %% of the bandwidth; %s binds%s",
        100 * ofCompute,
        roof.precision(),
        100 * ofBandwidth,
        binding == Binding.COMPUTE ? "arithmetic" : "memory bandwidth",
        achieved() > 1 ? "; faster than the probe, whose roof is a lower bound" : "");
  }
}
