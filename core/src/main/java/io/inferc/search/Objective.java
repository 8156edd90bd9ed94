package io.inferc.search;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model is to be best at. Each comes to one number, the cost of a request, of which less is
 * better and half is twice as good.
 */
public sealed interface Objective {
  /** The lowest median latency of one caller, over the requests of the mix by their shares. */
  record Latency() implements Objective {
    @Override
    public String toString() {
      return "median latency";
    }
  }

  /**
   * The most requests a second.
   *
   * @param callers how many call at once, each waiting for its answer before the next request
   * @param within what 95 % of the requests must be answered within: of 1, 2, 4 and so on up to all
   *     callers, as many as keep it count. Empty for no limit
   */
  record Throughput(int callers, Optional<Duration> within) implements Objective {
    public Throughput {
      Objects.requireNonNull(within, "within");
      requireCallers(callers);
      within.ifPresent(
          w -> {
            if (w.isNegative() || w.isZero()) {
              throw new IllegalArgumentException(
                  "Tried to answer requests within " + w + "; it takes some time.");
            }
          });
    }

    @Override
    public String toString() {
      return "throughput with "
          + callers
          + (callers == 1 ? " caller" : " callers")
          + within.map(w -> ", 95 % within " + w.toNanos() / 1e6 + " ms").orElse("");
    }
  }

  /**
   * The fewest bytes of weights, or of memory where the runtime tells that.
   *
   * @param slowest how many times the original's median latency it may have at most, above 0
   */
  record Memory(double slowest) implements Objective {
    public Memory {
      if (!(slowest > 0) || Double.isInfinite(slowest)) {
        throw new IllegalArgumentException(
            "Tried to allow "
                + slowest
                + " times the original's latency; it must be above 0 and finite.");
      }
    }

    @Override
    public String toString() {
      return "memory, at no more than " + slowest + " times the latency";
    }
  }

  /**
   * The least money for a request, where back ends run on machines, or parts of one, that cost
   * differently.
   *
   * @param perHour what an hour of each back end's machine costs, by its name, in any currency;
   *     above 0. Back ends without a price do not take part
   * @param callers how many call at once
   */
  record Cost(Map<String, Double> perHour, int callers) implements Objective {
    public Cost {
      Objects.requireNonNull(perHour, "perHour");
      requireCallers(callers);
      if (perHour.isEmpty()) {
        throw new IllegalArgumentException(
            "Tried to find what costs least without prices; give what an hour of each back end's"
                + " machine costs, such as Map.of(\"onnxruntime\", 0.12).");
      }
      perHour.forEach(
          (backend, price) -> {
            if (!(price > 0) || Double.isInfinite(price)) {
              throw new IllegalArgumentException(
                  "Tried to set the price of the back end '"
                      + backend
                      + "' to "
                      + price
                      + "; it must be above 0 and finite.");
            }
          });
      perHour = Collections.unmodifiableMap(new TreeMap<>(perHour));
    }

    /**
     * Returns what an hour of a back end's machine costs.
     *
     * @param backend its name
     * @return the price
     * @throws IllegalArgumentException if it has none
     */
    public double price(String backend) {
      Objects.requireNonNull(backend, "backend");
      Double price = perHour.get(backend);
      if (price == null) {
        throw new IllegalArgumentException(
            "Tried to work out what a request costs on the back end '"
                + backend
                + "', but there are prices of "
                + perHour.keySet()
                + " alone. Add what an hour of its machine costs.");
      }
      return price;
    }

    @Override
    public String toString() {
      return "cost of a request at " + perHour + " an hour, " + callers + " callers";
    }
  }

  /**
   * Returns how many call at once.
   *
   * @return 1 or more
   */
  default int callers() {
    return 1;
  }

  private static void requireCallers(int callers) {
    if (callers < 1) {
      throw new IllegalArgumentException(
          "Tried to measure throughput with " + callers + " callers; it takes 1 or more.");
    }
  }

  /**
   * Asks for the lowest median latency.
   *
   * @return the objective
   */
  static Objective latency() {
    return new Latency();
  }

  /**
   * Asks for the most requests a second.
   *
   * @param callers how many call at once, 1 or more
   * @return the objective
   * @throws IllegalArgumentException if there are none
   */
  static Objective throughput(int callers) {
    return new Throughput(callers, Optional.empty());
  }

  /**
   * Asks for the most requests a second of which 95 % are answered in time.
   *
   * @param callers how many call at once at most, 1 or more
   * @param within in what time, above 0
   * @return the objective
   * @throws IllegalArgumentException if a number is out of its range
   */
  static Objective throughput(int callers, Duration within) {
    Objects.requireNonNull(within, "within");
    return new Throughput(callers, Optional.of(within));
  }

  /**
   * Asks for the fewest bytes.
   *
   * @param slowest how many times the original's median latency it may have at most, above 0
   * @return the objective
   * @throws IllegalArgumentException if that is out of its range
   */
  static Objective memory(double slowest) {
    return new Memory(slowest);
  }

  /**
   * Asks for the least money for a request.
   *
   * @param perHour what an hour of each back end's machine costs, by its name
   * @param callers how many call at once, 1 or more
   * @return the objective
   * @throws IllegalArgumentException if there is no price, or one is not positive
   */
  static Objective cost(Map<String, Double> perHour, int callers) {
    Objects.requireNonNull(perHour, "perHour");
    return new Cost(perHour, callers);
  }
}
