package io.inferc.testing.conformance;

import io.inferc.testing.conformance.Expectations.Worth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a run found.
 *
 * @param answers the answer to each unit
 * @param worths what each answer is worth
 * @param stale lines of the lists that nothing needed
 */
public record ConformanceResult(
    Map<Unit, Answer> answers, Map<Unit, Worth> worths, Set<String> stale) {

  static ConformanceResult of(Map<Unit, Answer> answers, Expectations expectations) {
    Map<Unit, Worth> worths = new LinkedHashMap<>();
    answers.forEach((unit, answer) -> worths.put(unit, expectations.judge(unit, answer)));
    return new ConformanceResult(answers, worths, expectations.stale());
  }

  /** Returns a line for each failure, the worst kinds first. */
  public List<String> failures() {
    List<Unit> failed =
        new ArrayList<>(answers.keySet().stream().filter(u -> is(u, Worth.FAILURE)).toList());
    failed.sort(Comparator.comparing(u -> answers.get(u).verdict()));
    return failed.stream().map(u -> line(u, answers.get(u).verdict().name())).toList();
  }

  /** Returns a line for each unit: case, variant, mode, what the answer is worth, details. */
  public List<String> lines() {
    return answers.keySet().stream().map(u -> line(u, worths.get(u).name())).toList();
  }

  /** Returns how many answers of each mode are worth what. */
  public String table() {
    Map<Mode, Map<Worth, Integer>> counts = new EnumMap<>(Mode.class);
    worths.forEach(
        (unit, worth) ->
            counts
                .computeIfAbsent(unit.mode(), m -> new EnumMap<>(Worth.class))
                .merge(worth, 1, Integer::sum));
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-14s", ""));
    for (Worth worth : Worth.values()) {
      text.append(String.format(Locale.ROOT, "%16s", worth));
    }
    counts.forEach(
        (mode, of) -> {
          text.append(String.format(Locale.ROOT, "%n%-14s", mode));
          for (Worth worth : Worth.values()) {
            text.append(String.format(Locale.ROOT, "%16d", of.getOrDefault(worth, 0)));
          }
        });
    return text.toString();
  }

  private boolean is(Unit unit, Worth worth) {
    return worths.get(unit) == worth;
  }

  private String line(Unit unit, String first) {
    return first + "\t" + unit.asLine() + "\t" + answers.get(unit).detail();
  }
}
