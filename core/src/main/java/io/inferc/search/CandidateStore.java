package io.inferc.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a search among candidates has found out so far, in a file if the caller wants to go on
 * later. The same measurements lead to the same choice.
 */
final class CandidateStore {
  private static final int FORMAT = 1;

  /** Whether a candidate keeps the tolerance, and by what figures. */
  record Judged(boolean met, String text) {}

  private final @Nullable StateFile file;
  private final Map<String, Judged> judged = new LinkedHashMap<>();
  private final Map<String, RaceResult> races = new LinkedHashMap<>();
  private final Map<String, String> failed = new LinkedHashMap<>();

  private CandidateStore(@Nullable StateFile file) {
    this.file = file;
  }

  static CandidateStore open(@Nullable Path file, String subject) {
    StateFile state = file == null ? null : new StateFile(file, FORMAT, subject);
    CandidateStore store = new CandidateStore(state);
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
    save();
  }

  Optional<RaceResult> race(String key) {
    return Optional.ofNullable(races.get(key));
  }

  void put(String key, RaceResult value) {
    races.put(key, value);
    save();
  }

  Optional<String> failed(String key) {
    return Optional.ofNullable(failed.get(key));
  }

  void fail(String key, String reason) {
    failed.put(key, reason);
    save();
  }

  private void save() {
    if (file == null) {
      return;
    }
    ObjectNode root = file.begin();
    ObjectNode verdicts = root.putObject("judged");
    judged.forEach((key, j) -> verdicts.putObject(key).put("met", j.met()).put("text", j.text()));
    ObjectNode failures = root.putObject("failed");
    failed.forEach(failures::put);
    ObjectNode measured = root.putObject("races");
    races.forEach(
        (key, all) -> {
          ObjectNode race = measured.putObject(key);
          all.sides()
              .forEach(
                  (name, figures) -> {
                    ObjectNode one = race.putObject(name);
                    write(one.putArray("costs"), figures.costs());
                    write(one.putArray("millis"), figures.millis());
                    one.put("kept", figures.kept());
                  });
        });
    file.write(root);
  }

  private static void write(ArrayNode array, List<Double> values) {
    values.forEach(array::add);
  }

  private void read(StateFile from) {
    JsonNode root = from.read();
    JsonNode verdicts = root.path("judged");
    for (String key : StateFile.names(verdicts)) {
      JsonNode j = verdicts.path(key);
      judged.put(key, new Judged(j.path("met").asBoolean(), j.path("text").asText()));
    }
    for (String key : StateFile.names(root.path("failed"))) {
      failed.put(key, root.path("failed").path(key).asText());
    }
    JsonNode measured = root.path("races");
    for (String key : StateFile.names(measured)) {
      Map<String, RaceResult.Figures> race = new LinkedHashMap<>();
      for (String name : StateFile.names(measured.path(key))) {
        JsonNode one = measured.path(key).path(name);
        race.put(
            name,
            new RaceResult.Figures(
                read(one.path("costs")), read(one.path("millis")), one.path("kept").asBoolean()));
      }
      if (race.values().stream().anyMatch(f -> !isUsable(f, race))) {
        throw from.damaged(null);
      }
      races.put(key, new RaceResult(race));
    }
  }

  /** All sides of a race have as many rounds, and an interval takes two. */
  private static boolean isUsable(
      RaceResult.Figures figures, Map<String, RaceResult.Figures> race) {
    int rounds = race.values().iterator().next().costs().size();
    boolean positive = figures.costs().stream().allMatch(c -> c > 0);
    return rounds >= 2
        && positive
        && figures.costs().size() == rounds
        && figures.millis().size() == rounds;
  }

  private static List<Double> read(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(v -> values.add(v.asDouble()));
    return values;
  }
}
