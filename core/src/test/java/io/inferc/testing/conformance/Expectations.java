package io.inferc.testing.conformance;

import io.inferc.testing.conformance.Answer.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is known not to give the right answer on a target, each with its reason. Three lists in the
 * resources of its module say it, a line for each kind of case:
 *
 * <ul>
 *   <li>{@code TARGET-cannot.txt}: the case, the variant, and what the runtime's own Python package
 *       makes of that very model. {@code .ci/run} has the package say so again.
 *   <li>{@code TARGET-refusals.txt}: the case, where * stands for anything, the variants and the
 *       modes, with commas or * for all, and the reason: words that the message of the refusal must
 *       have.
 *   <li>{@code TARGET-open.txt}: in the same form, what is wrong and waits to be mended, with words
 *       of the answer.
 * </ul>
 *
 * <p>A line that nothing needs is a failure too.
 */
final class Expectations {
  private static final String ANY = "*";
  private static final String DIED = "died";
  private static final Set<Verdict> ENDS = Set.of(Verdict.ABORTED, Verdict.HUNG);

  /** What an answer is worth. */
  enum Worth {
    /** The answer is right. */
    RIGHT,
    /** The runtime itself does not have the right answer. */
    RUNTIME_CANNOT,
    /** A refusal with a reason. */
    REFUSED,
    /** Wrong, known, and not mended yet. */
    OPEN,
    /** None of these. */
    FAILURE
  }

  private record Entry(
      String text, Pattern name, Set<String> variants, Set<String> modes, String reason) {
    boolean covers(Unit unit) {
      return name.matcher(unit.name()).matches()
          && fits(variants, unit.variant().name())
          && fits(modes, unit.mode().name());
    }

    private static boolean fits(Set<String> wanted, String found) {
      return wanted.contains(ANY) || wanted.contains(found);
    }
  }

  private final List<Entry> cannot;
  private final List<Entry> refusals;
  private final List<Entry> open;
  private final Set<Entry> needed = new LinkedHashSet<>();
  private final Set<Entry> tried = new LinkedHashSet<>();

  private Expectations(List<Entry> cannot, List<Entry> refusals, List<Entry> open) {
    this.cannot = cannot;
    this.refusals = refusals;
    this.open = open;
  }

  /** Reads the lists of a target. */
  static Expectations of(String target) throws IOException {
    List<Entry> cannot = new ArrayList<>();
    for (String line : lines(target + "-cannot.txt")) {
      String[] words = line.split("\\s+", 3);
      cannot.add(new Entry(line, glob(words[0]), set(words[1]), Set.of(ANY), words[2]));
    }
    return new Expectations(
        cannot, entries(target + "-refusals.txt"), entries(target + "-open.txt"));
  }

  private static List<Entry> entries(String list) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : lines(list)) {
      String[] words = line.split("\\s+", 4);
      entries.add(new Entry(line, glob(words[0]), set(words[1]), set(words[2]), words[3]));
    }
    return entries;
  }

  /** Judges an answer, and remembers which line was needed for it. */
  Worth judge(Unit unit, Answer answer) {
    List<Entry> runtime = covering(cannot, unit);
    List<Entry> listed = covering(refusals, unit);
    List<Entry> known = covering(open, unit);
    tried.addAll(listed);
    tried.addAll(known);
    if (unit.mode() == Mode.FP32) {
      tried.addAll(runtime);
    }
    Verdict verdict = answer.verdict();
    if (verdict == Verdict.RIGHT) {
      return Worth.RIGHT;
    }
    if (verdict == Verdict.REFUSED && need(listed, e -> answer.detail().contains(e.reason()))) {
      return Worth.REFUSED;
    }
    boolean ended = ENDS.contains(verdict);
    if (verdict != Verdict.BROKE && need(runtime, e -> !ended || e.reason().startsWith(DIED))) {
      return Worth.RUNTIME_CANNOT;
    }
    return need(known, e -> answer.detail().contains(e.reason())) ? Worth.OPEN : Worth.FAILURE;
  }

  private static List<Entry> covering(List<Entry> list, Unit unit) {
    return list.stream().filter(e -> e.covers(unit)).toList();
  }

  private boolean need(List<Entry> entries, Predicate<Entry> fits) {
    List<Entry> fitting = entries.stream().filter(fits).toList();
    needed.addAll(fitting);
    return !fitting.isEmpty();
  }

  /** Returns the lines that were tried and that no answer needed. */
  Set<String> stale() {
    Set<String> stale = new TreeSet<>();
    for (Entry entry : tried) {
      if (!needed.contains(entry)) {
        stale.add(entry.text());
      }
    }
    return stale;
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream in = Expectations.class.getResourceAsStream("/conformance/" + name)) {
      if (in == null) {
        throw new IOException("conformance/" + name + " is missing among the test resources");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.isBlank() && !l.startsWith("#"))
          .toList();
    }
  }

  private static Set<String> set(String words) {
    return Set.copyOf(Arrays.asList(words.split(",")));
  }

  private static Pattern glob(String pattern) {
    return Pattern.compile(
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }
}
