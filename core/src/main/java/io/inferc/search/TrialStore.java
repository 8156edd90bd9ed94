package io.inferc.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.benchmark.RatioInterval;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a search has measured so far, in a file if the caller wants to go on later: what was judged
 * once is not judged again.
 */
final class TrialStore {
  private static final int FORMAT = 2;

  /** How one plan fares against the original. */
  record Judged(boolean met, double sqnrDb, double cosine) {}

  private final @Nullable Path file;
  private final String subject;
  private final Map<String, Judged> judged = new LinkedHashMap<>();
  private final Map<String, RatioInterval> speeds = new LinkedHashMap<>();
  private final Map<String, Double> steps = new LinkedHashMap<>();
  private double seconds;

  private TrialStore(@Nullable Path file, String subject) {
    this.file = file;
    this.subject = subject;
  }

  /**
   * Opens a store.
   *
   * @param file where to keep it, or null for memory only
   * @param subject what is searched: model, samples, tolerance, target; a file of another subject
   *     is refused
   */
  static TrialStore open(@Nullable Path file, String subject) {
    TrialStore store = new TrialStore(file, subject);
    if (file != null && Files.exists(file)) {
      store.read(file);
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
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.put("subject", subject);
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
    Path target = file.toAbsolutePath();
    Path draft = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      RegularFiles.requireIfThere(target);
      Files.write(draft, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.SEARCH, e);
      throw new InfercException(
          Stage.SEARCH,
          "Tried to keep the state of the search in " + file + ", but it cannot be written: " + e,
          "Check that its folder exists and may be written.",
          e);
    } finally {
      try {
        Files.deleteIfExists(draft);
      } catch (IOException ignored) {
        // A draft that stays is harmless, and the failure above says more.
      }
    }
  }

  private void read(Path from) {
    try {
      JsonNode root = new ObjectMapper().readTree(RegularFiles.readAllBytes(from));
      if (root.path("format").asInt() != FORMAT || !root.path("subject").isTextual()) {
        throw damaged(from, null);
      }
      if (!root.path("subject").asText().equals(subject)) {
        throw new InfercException(
            Stage.SEARCH,
            "Tried to resume the search of "
                + subject
                + " from "
                + from
                + ", but that is the state of a search of "
                + root.path("subject").asText()
                + ".",
            "Search with the same model, samples, tolerance and target, or give another file.");
      }
      seconds = root.path("seconds").asDouble();
      for (String plan : names(root.path("plans"))) {
        JsonNode j = root.path("plans").path(plan);
        judged.put(
            plan,
            new Judged(
                j.path("met").asBoolean(),
                Double.parseDouble(j.path("sqnrDb").asText()),
                Double.parseDouble(j.path("cosine").asText())));
      }
      for (String step : names(root.path("steps"))) {
        steps.put(step, root.path("steps").path(step).asDouble());
      }
      for (String speed : names(root.path("speeds"))) {
        JsonNode r = root.path("speeds").path(speed);
        speeds.put(
            speed,
            new RatioInterval(
                r.path("ratio").asDouble(), r.path("low").asDouble(), r.path("high").asDouble()));
      }
    } catch (JsonProcessingException | NumberFormatException e) {
      throw damaged(from, e);
    } catch (IOException e) {
      throw new InfercException(
          Stage.SEARCH,
          "Tried to resume a search from " + from + ", but it cannot be read: " + e,
          "Check the file, or give another to start anew.",
          e);
    }
  }

  private static InfercException damaged(Path from, @Nullable Exception cause) {
    return new InfercException(
        Stage.SEARCH,
        "Tried to resume a search from " + from + ", but it is not the state of a search.",
        "Delete it or give another file to start anew.",
        cause);
  }

  /** What JsonNode.properties() would say, which Jackson has from 2.15 on only. */
  private static Iterable<String> names(JsonNode object) {
    return object::fieldNames;
  }
}
