package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.why;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.ul;

import io.inferc.benchmark.BudgetFigures;
import io.inferc.benchmark.Cost;
import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.platform.EnergyReading;
import io.inferc.benchmark.platform.RooflineShare;
import io.inferc.benchmark.statistics.Estimate;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.TdTag;
import java.util.List;
import java.util.Optional;

/**
 * What serving takes: energy, money, tokens that are padding, and how near the machine's limits.
 */
final class LoadCostHtml {
  private LoadCostHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    energy(page, facts);
    page.with(costs(facts));
    tokens(page, facts);
    roofline(page, facts);
  }

  private static void energy(MainTag page, StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("energy")
            .text("")
            .number("J a request")
            .number("W")
            .number("J")
            .number("s")
            .number("requests")
            .text("what was measured");
    for (StudyFacts.Measured variant : facts.variants()) {
      Optional<EnergyReading> found = variant.figures().energy();
      if (found.isPresent()) {
        EnergyReading energy = found.get();
        table.row(
            names(variant.name()),
            figure(number(variant.figures().joulesPerRequest().orElse(Double.NaN))),
            figure(number(energy.watts().orElse(Double.NaN))),
            figure(number(energy.joules().orElse(Double.NaN))),
            figure(number(energy.seconds())),
            figure(Amounts.count(variant.figures().energyRequests())),
            why(each(energy.lines(), line -> div(line))));
      }
    }
    if (!table.isEmpty()) {
      page.with(
          section(
              h2("Energy"),
              p("Each variant served the load alone. What the machine draws when idle, and what"
                      + " other processes drew, is included.")
                  .withClass("lead"),
              table.tag()));
    }
  }

  private static SectionTag costs(StudyFacts facts) {
    VariantTable table =
        new VariantTable("cost", "", facts.variants())
            .words(
                "price of a paid hour",
                v -> number(cost(v).perPaidHour()) + " " + cost(v).currency())
            .words("of the paid hours used", v -> Amounts.percent(cost(v).utilisation()))
            .cells("requests/s within the limit", v -> estimate(facts.rate(v.place()), ""))
            .cells(
                "machine hours a million requests",
                v -> estimate(facts.rate(v.place()).map(Cost::hoursPerMillion), ""))
            .cells(
                "cost of a million requests",
                v -> estimate(facts.perMillion(v.place()), " " + cost(v).currency()))
            .cells("the same, times the baseline's", v -> ratio(facts, v));
    return section(
        h2("Cost"),
        p(facts
                .result()
                .limits()
                .map(
                    limits ->
                        "One machine that serves as much as it keeps "
                            + limits.condition()
                            + " at, with intervals of 95 % confidence.")
                .orElse(
                    "Not known: no highest load within a latency limit was searched for, and costs"
                        + " follow from that."))
            .withClass("lead"),
        table.tag());
  }

  private static Cost cost(StudyFacts.Measured variant) {
    return variant.figures().cost();
  }

  private static TdTag ratio(StudyFacts facts, StudyFacts.Measured variant) {
    Optional<BudgetFigures> figures =
        variant.place() == 0 ? Optional.empty() : facts.result().figures(variant.place());
    return figures
        .map(BudgetFigures::costRatio)
        .map(r -> figure(Amounts.ratio(r), Amounts.interval(r)))
        .orElseGet(() -> figure(Amounts.NOT_KNOWN));
  }

  private static TdTag estimate(Optional<Estimate> estimate, String unit) {
    return estimate
        .map(e -> figure(number(e.value()) + unit, Amounts.interval(e)))
        .orElseGet(() -> figure(Amounts.NOT_KNOWN));
  }

  private static void tokens(MainTag page, StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("useful tokens")
            .text("")
            .number("useful")
            .number("computed")
            .number("useful share")
            .number("padding");
    for (StudyFacts.Measured variant : facts.variants()) {
      Optional<UsefulTokens> found = variant.figures().usefulTokens();
      found.ifPresent(
          tokens ->
              table.row(
                  names(variant.name()),
                  figure(Amounts.count(tokens.useful())),
                  figure(Amounts.count(tokens.computed())),
                  figure(Amounts.percent(tokens.ratio())),
                  figure(Amounts.percent(1 - tokens.ratio()))));
    }
    if (!table.isEmpty()) {
      page.with(
          section(
              h2("Useful tokens"),
              p("Tokens of requests, of all that were computed; the others only pad.")
                  .withClass("lead"),
              table.tag()));
    }
  }

  private static void roofline(MainTag page, StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("share of the roofline")
            .text("")
            .number("of arithmetic")
            .text("roof")
            .number("of bandwidth")
            .text("what binds");
    for (StudyFacts.Measured variant : facts.variants()) {
      Optional<RooflineShare> found = variant.figures().roofline();
      found.ifPresent(
          share ->
              table.row(
                  names(variant.name()),
                  figure(Amounts.percent(share.ofCompute())),
                  cell(share.roof().precision()),
                  figure(Amounts.percent(share.ofBandwidth())),
                  cell(
                      (share.binding() == RooflineShare.Binding.COMPUTE
                              ? "arithmetic"
                              : "memory bandwidth")
                          + (share.achieved() > 1
                              ? "; faster than the probe, whose roof is a lower bound"
                              : ""))));
    }
    List<String> machine =
        facts.result().roofline().map(roofline -> roofline.lines()).orElse(List.of());
    if (!machine.isEmpty()) {
      SectionTag section =
          section(
              h2("Share of the roofline"),
              p("How near the median request came to what a short probe of this machine reached,"
                      + " which is less than its peak.")
                  .withClass("lead"));
      page.with(
          (table.isEmpty()
                  ? section.with(
                      p(
                          "No variant states the work of a request in a precision that"
                              + " was probed, so no share is known."))
                  : section.with(table.tag()))
              .with(ul(each(machine, line -> li(line))).withClass("small")));
    }
  }

  private static String number(double value) {
    return Amounts.number(value);
  }
}
