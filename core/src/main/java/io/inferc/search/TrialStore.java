package io.inferc.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.benchmark.RatioInterval;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a search has measured so far, in a file if the caller wants to go on later: what was judged
 * once is not judged again.
 */
final class TrialStore {
  private static final int FORMAT = 2;

  /** How one plan fares against the original. */
  record Judged(boolean met, double sqnrDb, double cosine) {}

  private final @Nullable StateFile file;
  private final Map<String, Judged> judged = new LinkedHashMap<>();
  private final Map<String, RatioInterval> speeds = new LinkedHashMap<>();
  private final Map<String, Double> steps = new LinkedHashMap<>();
  private double seconds;

  private TrialStore(@Nullable StateFile file) {
    this.file = file;
  }

  /**
   * Opens a store.
   *
   * @param file where to keep it, or null for memory only
   * @param subject what is searched: model, samples, tolerance, target; a file of another subject
   *     is refused
   */
  static TrialStore open(@Nullable Path file, String subject) {
    StateFile state = file == null ? null : new StateFile(file, FORMAT, subject);
    TrialStore store = new TrialStore(state);
    if (state != null && state.exists()) {
      store.read(state);
    }
    return store;
  }

  Optional<Judged> judged(String key) {
    return Optional.ofNullable(judged.get(key));
  }

  void put(String key, Judged value) {
    judged.put(key, value);
  }

  Optional<RatioInterval> speed(String key) {
    return Optional.ofNullable(speeds.get(key));
  }

  void put(String key, RatioInterval value) {
    speeds.put(key, value);
  }

  /** Returns when a step was first taken, which is now unless an earlier part of the search did. */
  double stepped(String what, double now) {
    return steps.computeIfAbsent(what, w -> now);
  }

  /** Returns how many plans were judged. */
  int trials() {
    return judged.size();
  }

  /** Returns the time spent by earlier parts of the search. */
  double seconds() {
    return seconds;
  }

  /** Writes the file, all or nothing. */
  void save(double secondsSoFar) {
    if (file == null) {
      return;
    }
    ObjectNode root = file.begin();
    root.put("seconds", secondsSoFar);
    ObjectNode plans = root.putObject("plans");
    judged.forEach(
        (key, j) ->
            plans
                .putObject(key)
                .put("met", j.met())
                .put("sqnrDb", Double.toString(j.sqnrDb()))
                .put("cosine", Double.toString(j.cosine())));
    ObjectNode times = root.putObject("steps");
    steps.forEach(times::put);
    ObjectNode pairs = root.putObject("speeds");
    speeds.forEach(
        (key, r) ->
            pairs.putObject(key).put("ratio", r.ratio()).put("low", r.low()).put("high", r.high()));
    file.write(root);
  }

  private void read(StateFile from) {
    JsonNode root = from.read();
    try {
      seconds = root.path("seconds").asDouble();
      for (String plan : StateFile.names(root.path("plans"))) {
        JsonNode j = root.path("plans").path(plan);
        judged.put(
            plan,
            new Judged(
                j.path("met").asBoolean(),
                Double.parseDouble(j.path("sqnrDb").asText()),
                Double.parseDouble(j.path("cosine").asText())));
      }
    } catch (NumberFormatException e) {
      throw from.damaged(e);
    }
    for (String step : StateFile.names(root.path("steps"))) {
      steps.put(step, root.path("steps").path(step).asDouble());
    }
    for (String speed : StateFile.names(root.path("speeds"))) {
      JsonNode r = root.path("speeds").path(speed);
      speeds.put(
          speed,
          new RatioInterval(
              r.path("ratio").asDouble(), r.path("low").asDouble(), r.path("high").asDouble()));
    }
  }
}
