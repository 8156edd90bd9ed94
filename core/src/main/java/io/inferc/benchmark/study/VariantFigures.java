package io.inferc.benchmark.study;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.load.BatchThroughput;
import io.inferc.benchmark.platform.EnergyReading;
import io.inferc.benchmark.platform.RooflineShare;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What was measured of one variant alone, beside its turns with the others.
 *
 * @param name what it is called
 * @param startup what it took until it served
 * @param batches its throughput by the size of batch, none if that was not asked for
 * @param energy what the machine drew while it alone served the load; empty if that was not asked
 *     for
 * @param energyRequests how many requests were answered meanwhile
 * @param roofline which share of the machine's roofline it reaches, by the median time that a
 *     request takes without waiting; empty if its work is not known
 * @param usefulTokens how many of its tokens are padding, if that was told
 * @param cost of the machine that serves it
 */
public record VariantFigures(
    String name,
    Startup startup,
    List<BatchThroughput> batches,
    Optional<EnergyReading> energy,
    long energyRequests,
    Optional<RooflineShare> roofline,
    Optional<UsefulTokens> usefulTokens,
    Cost cost) {
  /** Checks that nothing is missing. */
  public VariantFigures {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(startup, "startup");
    batches = List.copyOf(batches);
    Objects.requireNonNull(energy, "energy");
    Objects.requireNonNull(roofline, "roofline");
    Objects.requireNonNull(usefulTokens, "usefulTokens");
    Objects.requireNonNull(cost, "cost");
  }

  /**
   * Returns the energy of a request, what the idle machine draws included.
   *
   * @return joules, empty where the platform does not tell
   */
  public OptionalDouble joulesPerRequest() {
    return energy.isEmpty() || energyRequests < 1
        ? OptionalDouble.empty()
        : energy.get().joulesPer(energyRequests);
  }
}
