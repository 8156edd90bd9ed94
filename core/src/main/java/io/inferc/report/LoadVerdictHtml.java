package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.why;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import io.inferc.benchmark.BudgetFigures;
import io.inferc.benchmark.BudgetSentences;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.study.GateResult;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SpanTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The first screen: whether the figures can be trusted, what was gained, and the gates. */
final class LoadVerdictHtml {
  private LoadVerdictHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    if (facts.isVoid()) {
      page.with(
          div(
                  strong("VOID: this measurement is not to be relied on."),
                  ul(each(facts.voidReasons(), reason -> li(reason))))
              .withClass("warning void")
              .attr("role", "note"));
    }
    List<StudyFacts.Measured> candidates = facts.candidates();
    for (StudyFacts.Measured candidate : candidates) {
      if (candidates.size() > 1) {
        page.with(h3(candidate.name() + " against " + facts.baseline().name()));
      }
      page.with(compared(facts, candidate));
    }
    if (candidates.isEmpty()) {
      page.with(alone(facts, facts.baseline()));
    }
    if (!facts.result().gates().isEmpty()) {
      page.with(section(h2("Gates"), p(summary(facts)).withClass("lead"), gates(facts).tag()));
    }
  }

  private static DivTag compared(StudyFacts facts, StudyFacts.Measured candidate) {
    Optional<BudgetFigures> found = facts.result().figures(candidate.place());
    if (found.isEmpty()) {
      return tiles(partly(facts, candidate));
    }
    BudgetFigures figures = found.get();
    BudgetSentences said = BudgetSentences.of(figures);
    return tiles(
        List.of(
            gain(
                facts,
                "Throughput at equal latency",
                figures.throughput(),
                true,
                true,
                said.throughput()),
            gain(
                facts,
                "P95 latency at equal load",
                figures.p95(),
                figures.p95Differs(),
                false,
                said.latency()),
            gain(
                facts,
                "Cost of a million requests",
                figures.costRatio(),
                true,
                false,
                said.cost())));
  }

  /** What can be said where a figure is missing that the sentences take. */
  private static List<DivTag> partly(StudyFacts facts, StudyFacts.Measured candidate) {
    List<DivTag> tiles = new ArrayList<>();
    tiles.add(
        HeadlineHtml.tile(
            "",
            "Throughput at equal latency",
            "Not known",
            List.of(
                facts.result().limits().isEmpty()
                    ? "No highest load within a latency limit was searched for."
                    : "No highest load within the limit was found for both, or requests had no"
                        + " answer.")));
    Optional<Difference> p95 = facts.result().latency(candidate.place(), StudyFacts.P95);
    tiles.add(
        p95.map(
                d ->
                    gain(
                        facts,
                        "P95 latency at equal load",
                        d.ratio(),
                        d.verdict() != Difference.Verdict.NO_DIFFERENCE_SHOWN,
                        false,
                        String.format(
                            Locale.ROOT,
                            "Under %s, the P95 latency of %s is %s %s times that of %s.",
                            facts.result().rounds().settings().load(),
                            candidate.name(),
                            Amounts.ratio(d.ratio()),
                            Amounts.interval(d.ratio()),
                            facts.baseline().name())))
            .orElseGet(
                () ->
                    HeadlineHtml.tile(
                        "",
                        "P95 latency at equal load",
                        "Not known",
                        List.of(
                            "Some requests had no answer or failed, so that none was compared."))));
    return tiles;
  }

  private static DivTag gain(
      StudyFacts facts,
      String what,
      RatioEstimate ratio,
      boolean differs,
      boolean moreIsBetter,
      String sentence) {
    String kind = "";
    String figure = "No difference shown";
    if (differs && ratio.excludesOne()) {
      boolean isMore = ratio.low() > 1;
      kind = facts.isVoid() ? "" : isMore == moreIsBetter ? "good" : "bad";
      figure =
          moreIsBetter
              ? (isMore ? "▲ " : "▼ ") + String.format(Locale.ROOT, "%.2f times", ratio.ratio())
              : (isMore ? "▲ " : "▼ ")
                  + String.format(
                      Locale.ROOT,
                      "%.0f %% %s",
                      100 * Math.abs(1 - ratio.ratio()),
                      isMore ? "higher" : "lower");
    }
    return HeadlineHtml.tile(
        kind, what, facts.isVoid() ? figure + " (void)" : figure, List.of(sentence));
  }

  private static DivTag latency(StudyFacts facts, StudyFacts.Measured variant) {
    Optional<PercentileEstimate> p95 = StudyFacts.percentile(variant.latency(), StudyFacts.P95);
    return HeadlineHtml.tile(
        "",
        "P95 latency",
        p95.map(p -> Amounts.number(p.value()) + " ms").orElse("Not known"),
        List.of(
            p95.map(
                    p ->
                        String.format(
                            Locale.ROOT,
                            "Under %s, %s takes %s ms at its P95, in %s ms with 95 %%"
                                + " confidence.",
                            facts.result().rounds().settings().load(),
                            variant.name(),
                            Amounts.number(p.value()),
                            Amounts.interval(p)))
                .orElse("No request was answered.")));
  }

  private static DivTag alone(StudyFacts facts, StudyFacts.Measured variant) {
    List<DivTag> tiles = new ArrayList<>();
    tiles.add(latency(facts, variant));
    Optional<Estimate> rate = facts.rate(variant.place());
    rate.ifPresent(
        r ->
            tiles.add(
                HeadlineHtml.tile(
                    "",
                    "Highest load within the limit",
                    Amounts.number(r.value()) + " requests/s",
                    List.of(
                        facts.result().limits().orElseThrow().condition()
                            + ", in "
                            + Amounts.interval(r)
                            + " requests/s with 95 % confidence."))));
    facts
        .perMillion(variant.place())
        .ifPresent(
            m ->
                tiles.add(
                    HeadlineHtml.tile(
                        "",
                        "Cost of a million requests",
                        Amounts.number(m.value()) + " " + variant.figures().cost().currency(),
                        List.of(
                            "At that load, in "
                                + Amounts.interval(m)
                                + " with 95 % confidence. There is no baseline to compare"
                                + " with."))));
    return tiles(tiles);
  }

  private static DivTag tiles(List<DivTag> tiles) {
    return div(tiles.toArray(DivTag[]::new)).withClass("tiles");
  }

  private static String summary(StudyFacts facts) {
    List<GateResult> gates = facts.result().gates();
    long passed = gates.stream().filter(GateResult::passes).count();
    long failed = gates.stream().filter(g -> g.verdict() == GateResult.Verdict.FAILED).count();
    return passed == gates.size()
        ? gates.size() == 1 ? "The one gate passed." : "All " + gates.size() + " passed."
        : String.format(
            Locale.ROOT,
            "%d of %d passed, %d failed, %d not shown. What is not shown does not pass.",
            passed,
            gates.size(),
            failed,
            gates.size() - passed - failed);
  }

  private static HtmlTable gates(StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("gates").text("Verdict").text("Gate").text("Variant").text("Why");
    facts
        .result()
        .gates()
        .forEach(
            gate ->
                table.row(
                    td(badge(gate.verdict())).withClass("short"),
                    cell(gate.gate()),
                    names(gate.variant()),
                    why(text(gate.explanation()))));
    return table;
  }

  private static SpanTag badge(GateResult.Verdict verdict) {
    return switch (verdict) {
      case PASSED -> span("✓ PASSED").withClass("badge good");
      case FAILED -> span("✗ FAILED").withClass("badge bad");
      case NOT_SHOWN -> span("? NOT SHOWN").withClass("badge open");
    };
  }
}
