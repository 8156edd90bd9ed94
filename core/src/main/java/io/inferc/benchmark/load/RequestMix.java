package io.inferc.benchmark.load;

import io.inferc.benchmark.Workload;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The few requests that stand for all that a model is asked, each with its share.
 *
 * <p>Latency depends on sizes, so a model is tuned for the sizes it will see, weighted by how often
 * it sees them. Requests are grouped by their number of elements, and each group is represented by
 * the request in its middle: of n requests in k groups, those at the quantiles (i + 1/2) / k.
 *
 * <pre>{@code
 * RequestMix mix = RequestMix.of(Workload.of("1 x 16", one)).and(Workload.of("16 x 32", many), 0.2);
 * RequestMix production = trace.mix(GeneratedValues.seeded(7), 4);
 * }</pre>
 *
 * <p>Immutable; tensors stay their owners'.
 *
 * @param parts the requests with their shares, which add up to 1
 */
public record RequestMix(List<Part> parts) {
  private static final int LOOKED_AT = 1000;

  /**
   * A request and its share.
   *
   * @param workload the request
   * @param share its part of all requests, above 0
   */
  public record Part(Workload workload, double share) {
    public Part {
      Objects.requireNonNull(workload, "workload");
      if (!(share > 0) || Double.isInfinite(share)) {
        throw new IllegalArgumentException(
            "Tried to give the request '"
                + workload.name()
                + "' a share of "
                + share
                + "; it must be above 0 and finite.");
      }
    }
  }

  /** Scales the shares to 1. */
  public RequestMix {
    Objects.requireNonNull(parts, "parts");
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          "Tried to make a mix of no requests; give at least one that is typical.");
    }
    double all = parts.stream().mapToDouble(Part::share).sum();
    parts = parts.stream().map(p -> new Part(p.workload(), p.share() / all)).toList();
  }

  /**
   * Returns one request that stands for all.
   *
   * @param workload the request
   * @return the mix
   */
  public static RequestMix of(Workload workload) {
    Objects.requireNonNull(workload, "workload");
    return new RequestMix(List.of(new Part(workload, 1)));
  }

  /**
   * Adds a request.
   *
   * @param workload the request
   * @param weight how often it comes for each time that all of this mix comes once, above 0
   * @return a mix of both
   * @throws IllegalArgumentException if the weight is not positive and finite
   */
  public RequestMix and(Workload workload, double weight) {
    Objects.requireNonNull(workload, "workload");
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(workload, weight));
    return new RequestMix(more);
  }

  /**
   * Takes requests from samples, as they come: the sizes of the first thousand count. What is taken
   * is copied.
   *
   * @param samples typical requests
   * @param most how many sizes at most, 1 or more
   * @return the mix
   * @throws IllegalArgumentException if there are no samples, or no sizes are wanted
   */
  public static RequestMix of(Dataset samples, int most) {
    Objects.requireNonNull(samples, "samples");
    List<Long> sizes = new ArrayList<>();
    samples
        .limit(LOOKED_AT)
        .forEach(
            (index, sample) -> {
              sizes.add(elements(sample));
              return true;
            });
    if (sizes.isEmpty()) {
      throw new IllegalArgumentException(
          "Tried to take requests from samples, but there are none; give at least one.");
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing(sizes::get));
    List<Integer> chosen = middles(order, most);
    Map<Long, Part> bySample = new LinkedHashMap<>();
    samples
        .limit(LOOKED_AT)
        .forEach(
            (index, sample) -> {
              long times = chosen.stream().filter(c -> c == index).count();
              if (times > 0) {
                bySample.put(index, new Part(workload(TensorCopies.request(sample)), times));
              }
              return true;
            });
    return merged(List.copyOf(bySample.values()));
  }

  /**
   * Returns the request that comes most often.
   *
   * @return that of the largest share, of several the first
   */
  public Workload mostFrequent() {
    Part most = parts.get(0);
    for (Part part : parts) {
      most = part.share() > most.share() ? part : most;
    }
    return most.workload();
  }

  /**
   * Picks the middles of groups of equal number.
   *
   * @param sorted what is grouped, by size
   * @param most how many groups at most, 1 or more
   * @return the middle of each group, in order
   */
  public static <T> List<T> middles(List<T> sorted, int most) {
    Objects.requireNonNull(sorted, "sorted");
    if (most < 1) {
      throw new IllegalArgumentException(
          "Tried to make a mix of " + most + " requests; it takes 1 or more.");
    }
    int groups = Math.min(most, sorted.size());
    List<T> middles = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      middles.add(sorted.get((int) ((i + 0.5) * sorted.size() / groups)));
    }
    return middles;
  }

  /**
   * Adds up the shares of requests of the same shapes, of which the first stays.
   *
   * @param parts the requests
   * @return the mix
   */
  public static RequestMix merged(List<Part> parts) {
    Objects.requireNonNull(parts, "parts");
    List<Part> merged = new ArrayList<>();
    for (Part part : parts) {
      int known = 0;
      while (known < merged.size()
          && !shapes(merged.get(known).workload()).equals(shapes(part.workload()))) {
        known++;
      }
      if (known == merged.size()) {
        merged.add(part);
      } else {
        Part first = merged.get(known);
        merged.set(known, new Part(first.workload(), first.share() + part.share()));
      }
    }
    return new RequestMix(merged);
  }

  /**
   * Makes a workload of a request, called what its shapes are.
   *
   * @param request the request
   * @return the workload
   */
  public static Workload workload(TensorRequest request) {
    Objects.requireNonNull(request, "request");
    return Workload.of(request.kind().isEmpty() ? "one number" : request.kind(), request.inputs());
  }

  private static Map<String, List<Long>> shapes(Workload workload) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    workload
        .inputs()
        .forEach((name, t) -> shapes.put(name, LongStream.of(t.shape()).boxed().toList()));
    return shapes;
  }

  private static long elements(Map<String, Tensor> sample) {
    return sample.values().stream().mapToLong(Tensor::elementCount).sum();
  }

  /** Returns text such as {@code 1x16 (75 %), 4x128 (25 %)}; one request alone by its name. */
  @Override
  public String toString() {
    return parts.size() == 1
        ? parts.get(0).workload().name()
        : parts.stream()
            .map(
                p ->
                    String.format(
                        Locale.ROOT, "%s (%.0f %%)", p.workload().name(), 100 * p.share()))
            .collect(Collectors.joining(", "));
  }
}
