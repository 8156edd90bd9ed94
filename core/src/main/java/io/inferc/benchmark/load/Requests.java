package io.inferc.benchmark.load;

import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Which request comes as which: the same for every subject, so that both sides of a comparison are
 * asked the same in the same order. Implementations may be called from several threads.
 */
public interface Requests {
  /**
   * Returns one request.
   *
   * @param index its place in the order of arrival, from 0 on
   * @return the request, always the same for an index
   */
  Request get(long index);

  /**
   * Sends the same request again and again.
   *
   * @param request the request
   * @return the requests
   */
  static Requests of(Request request) {
    Objects.requireNonNull(request, "request");
    return index -> request;
  }

  /**
   * Draws one of some requests for each arrival, all as likely. A request that is more likely is
   * given more than once, so a list of real ones has the distribution that they came from.
   *
   * @param requests one or more
   * @param seed what the draw depends on
   * @return the requests
   * @throws IllegalArgumentException if there are none
   */
  static Requests drawnFrom(List<? extends Request> requests, long seed) {
    Objects.requireNonNull(requests, "requests");
    List<Request> all = List.copyOf(requests);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("Tried to draw requests from none; give at least one.");
    }
    // Mixed, or the draws of the next seed would be these, one later.
    long start = new SplittableRandom(seed).nextLong();
    return index -> all.get(new SplittableRandom(start + index).nextInt(all.size()));
  }

  /**
   * Draws samples of a data set, all as likely; they are copied to memory of the requests' own.
   *
   * @param samples the samples
   * @param limit how many of them at most
   * @param seed what the draw depends on
   * @return the requests
   * @throws IllegalArgumentException if the data set is empty or the limit is less than 1
   */
  static Requests of(Dataset samples, long limit, long seed) {
    Objects.requireNonNull(samples, "samples");
    if (limit < 1) {
      throw new IllegalArgumentException(
          "Tried to draw from " + limit + " samples; give 1 or more.");
    }
    List<Request> requests = new ArrayList<>();
    samples
        .limit(limit)
        .forEach(
            (index, sample) -> {
              requests.add(TensorCopies.request(sample));
              return true;
            });
    return drawnFrom(requests, seed);
  }
}
