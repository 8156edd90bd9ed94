package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.ul;

import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.statistics.SteadyState;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SectionTag;
import java.util.Locale;
import java.util.Optional;

/** How far the figures can be trusted, and whether gains add. */
final class LoadTrustHtml {
  private LoadTrustHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    facts.again().ifPresent(again -> page.with(noise(facts, again)));
    page.with(steadiness(facts));
    facts.result().processes().ifPresent(made -> page.with(processes(facts, made)));
    facts.result().interaction().ifPresent(found -> page.with(interaction(facts, found)));
  }

  private static SectionTag noise(StudyFacts facts, int again) {
    HtmlTable table =
        new HtmlTable("noise")
            .text("times its own")
            .number("P50")
            .number("P95")
            .number("P99")
            .number("mean")
            .number("answers/s");
    table.row(
        names(facts.result().rounds().subjects().get(again)),
        LoadLatencyHtml.difference(facts.result().latency(again, StudyFacts.MEDIAN)),
        LoadLatencyHtml.difference(facts.result().latency(again, StudyFacts.P95)),
        LoadLatencyHtml.difference(facts.result().latency(again, StudyFacts.P99)),
        LoadLatencyHtml.difference(facts.meanLatency(again)),
        LoadLatencyHtml.difference(facts.throughput(again)));
    return section(
        h2("Noise"),
        p(meaning(facts.result().latency(again, StudyFacts.P95))).withClass("lead"),
        table.tag());
  }

  /** What comes of comparing a subject with itself. */
  static String meaning(Optional<Difference> found) {
    if (found.isEmpty()) {
      return "The baseline had a second turn in each round, but requests had no answer, so that the"
          + " noise is not known.";
    }
    RatioEstimate r = found.get().ratio();
    String interval = Amounts.ratio(r) + " " + Amounts.interval(r);
    if (found.get().verdict() != Difference.Verdict.NO_DIFFERENCE_SHOWN) {
      return "The baseline had a second turn in each round, and its P95 differs from its own: "
          + interval
          + " times. Something here favours one turn over another, by chance in one study of"
          + " twenty; trust no difference that is not clearly larger.";
    }
    double most = 100 * Math.max(1 - r.low(), r.high() - 1);
    return String.format(
        Locale.ROOT,
        "The baseline had a second turn in each round, and its P95 shows no difference from its"
            + " own, as it must: %s times. Differences of less than about %s %% cannot be told from"
            + " noise here.",
        interval,
        Double.isInfinite(most) ? "any number of" : Amounts.number(most));
  }

  private static SectionTag steadiness(StudyFacts facts) {
    HtmlTable table = new HtmlTable("steadiness").text("").text("over its turns");
    facts
        .variants()
        .forEach(
            variant ->
                table.row(
                    names(variant.name()),
                    cell(
                        variant
                            .steadiness()
                            .map(LoadTrustHtml::words)
                            .orElse("Not known: a turn had no answers."))));
    return section(h2("Steadiness"), table.tag());
  }

  private static String words(SteadyState steady) {
    return switch (steady.verdict()) {
      case FLAT -> "Steady from the beginning.";
      case WARM_UP ->
          "Became faster, and steady from turn " + turn(steady) + " on: warm up for longer.";
      case SLOWDOWN -> "Was faster before it became steady, from turn " + turn(steady) + " on.";
      case NO_STEADY_STATE -> "Did not become steady.";
      case TOO_SHORT -> "Fewer than twelve turns, too few to tell.";
    };
  }

  private static int turn(SteadyState steady) {
    return steady.start().orElse(0) + 1;
  }

  private static SectionTag processes(StudyFacts facts, ProcessRounds made) {
    return section(
        h2("Several processes"),
        p("What a process is born with, such as where its code lies in memory, stays with it; these"
                + " intervals hold the variation between processes too.")
            .withClass("lead"),
        ul(each(facts.candidates(), candidate -> li(processes(facts, made, candidate)))));
  }

  /** What several processes say of a candidate. */
  static String processes(StudyFacts facts, ProcessRounds made, StudyFacts.Measured candidate) {
    return String.format(
        Locale.ROOT,
        "In %d processes the P95 of %s at equal load is %s times that of %s.",
        made.processes().size(),
        candidate.name(),
        facts
            .inProcesses(candidate.place())
            .map(ratio -> Amounts.ratio(ratio) + " " + Amounts.interval(ratio))
            .orElse("an unknown number of"),
        facts.baseline().name());
  }

  private static SectionTag interaction(StudyFacts facts, Interaction found) {
    HtmlTable table = new HtmlTable("interaction").text("").number("times the time of neither");
    row(table, facts.variants().get(1).name() + " (the first change alone)", found.first());
    row(table, facts.variants().get(2).name() + " (the second change alone)", found.second());
    table.row(
        names("both, if they do not touch each other"),
        figure(String.format(Locale.ROOT, "%.3f", found.first().ratio() * found.second().ratio())));
    row(table, facts.variants().get(3).name() + " (both changes)", found.both());
    row(table, "both over what was to be expected", found.interaction());
    String verdict =
        switch (found.verdict()) {
          case NO_INTERACTION_SHOWN ->
              "No interaction was shown: as far as can be told, the gains of both changes add.";
          case LESS_THAN_ADDED ->
              "Together the changes give less than added: both save some of the same.";
          case MORE_THAN_ADDED -> "Together the changes give more than added.";
        };
    return section(
        h2("Do the gains add?"),
        p(verdict).withClass("lead"),
        p("By the P95 latency at equal load, against " + facts.baseline().name() + ".")
            .withClass("dim small"),
        table.tag());
  }

  private static void row(HtmlTable table, String what, RatioEstimate ratio) {
    table.row(names(what), figure(Amounts.ratio(ratio), Amounts.interval(ratio)));
  }
}
