package io.inferc.report;

import io.inferc.benchmark.BudgetSentences;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.study.GateResult;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The report for a pull request: Markdown as GitHub has it. */
final class LoadMarkdown {
  private LoadMarkdown() {}

  static String of(StudyFacts facts) {
    StringBuilder text = new StringBuilder();
    text.append("### ").append(escaped(facts.result().title())).append("\n\n");
    if (facts.isVoid()) {
      text.append("**VOID: this measurement is not to be relied on.**\n\n");
      facts.voidReasons().forEach(r -> text.append("- ").append(escaped(r)).append('\n'));
      text.append('\n');
    }
    facts.candidates().forEach(candidate -> verdict(text, facts, candidate));
    facts.result().missing().forEach(r -> text.append("- ").append(escaped(r)).append('\n'));
    processes(text, facts);
    text.append('\n');
    gates(text, facts);
    percentiles(text, facts);
    text.append(
        escaped(
            "Under "
                + facts.result().rounds().settings().load()
                + ", seed "
                + facts.result().rounds().settings().seed()
                + ", on "
                + facts.result().environment().describe()
                + "."));
    return text.append('\n').toString();
  }

  private static void verdict(StringBuilder text, StudyFacts facts, StudyFacts.Measured candidate) {
    Optional<BudgetSentences> said = facts.result().sentences(candidate.place());
    if (said.isPresent()) {
      said.get().all().forEach(s -> text.append("- ").append(escaped(s)).append('\n'));
    } else {
      text.append("- ")
          .append(
              escaped(
                  candidate.name()
                      + " was not compared with "
                      + facts.baseline().name()
                      + " at equal latency"
                      + facts
                          .result()
                          .latency(candidate.place(), StudyFacts.P95)
                          .map(
                              d ->
                                  "; at equal load its P95 is "
                                      + Amounts.ratio(d.ratio())
                                      + " "
                                      + Amounts.interval(d.ratio())
                                      + " times as long ("
                                      + LoadLatencyHtml.words(d)
                                      + ").")
                          .orElse(", nor at equal load.")))
          .append('\n');
    }
  }

  private static void processes(StringBuilder text, StudyFacts facts) {
    facts
        .result()
        .processes()
        .ifPresent(
            made ->
                facts
                    .candidates()
                    .forEach(
                        candidate ->
                            text.append("- ")
                                .append(escaped(LoadTrustHtml.processes(facts, made, candidate)))
                                .append('\n')));
  }

  private static void gates(StringBuilder text, StudyFacts facts) {
    if (facts.result().gates().isEmpty()) {
      return;
    }
    row(text, List.of("Gate", "Variant", "Verdict", "Why"));
    text.append("|---|---|---|---|\n");
    for (GateResult gate : facts.result().gates()) {
      row(
          text,
          List.of(
              escaped(gate.gate()),
              escaped(gate.variant()),
              words(gate.verdict()),
              escaped(gate.explanation())));
    }
    text.append('\n');
  }

  private static String words(GateResult.Verdict verdict) {
    return switch (verdict) {
      case PASSED -> "✅ PASSED";
      case FAILED -> "❌ **FAILED**";
      case NOT_SHOWN -> "❔ **NOT SHOWN**";
    };
  }

  private static void percentiles(StringBuilder text, StudyFacts facts) {
    List<Double> percentiles = LatencyDistribution.PERCENTILES;
    row(
        text,
        concat(
            "Latency in ms, 95 % confidence",
            percentiles.stream().map(Amounts::percentile).toList()));
    text.append("|---|").append("--:|".repeat(percentiles.size())).append('\n');
    for (StudyFacts.Measured variant : facts.variants()) {
      row(
          text,
          concat(
              escaped(variant.name()),
              percentiles.stream()
                  .map(
                      p ->
                          StudyFacts.percentile(variant.latency(), p)
                              .map(e -> Amounts.number(e.value()) + " " + Amounts.interval(e))
                              .orElse(Amounts.NOT_KNOWN))
                  .map(LoadMarkdown::escaped)
                  .toList()));
    }
    text.append('\n');
  }

  private static List<String> concat(String first, List<String> others) {
    return Stream.concat(Stream.of(first), others.stream()).toList();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
  }

  /**
   * Writes text so that it stays text, on one line: it is no mark-up, no link, no mention of
   * somebody, and does not end a cell.
   */
  static String escaped(String text) {
    StringBuilder written = new StringBuilder();
    text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+", " ")
        .codePoints()
        .forEach(
            c ->
                written.append(
                    switch (c) {
                      case '\\', '`', '*', '_', '[', ']', '<', '>', '|', '~', '!' ->
                          "\\" + (char) c;
                      case '&' -> "&amp;";
                      case '$' -> "&#36;";
                      // What follows these would become a mention or a reference in any mark-up.
                      case '@', '#' -> (char) c + "<!-- -->";
                      default -> Character.toString(c);
                    }));
    return written
        .toString()
        .replace("://", "&#58;//")
        .replaceAll("(?i)(www|mailto|xmpp)([.:])", "$1\\\\$2")
        .replaceAll("^(\\s*)([-+=])", "$1\\\\$2")
        .replaceAll("^(\\s*\\d+)([.)])(?=\\s|$)", "$1\\\\$2");
  }
}
