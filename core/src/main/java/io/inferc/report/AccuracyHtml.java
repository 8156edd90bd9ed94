package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static j2html.TagCreator.details;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import j2html.tags.specialized.SectionTag;
import java.util.Locale;

/** How accurate the compiled model is: what a limit holds first, all else folded away. */
final class AccuracyHtml {
  private AccuracyHtml() {}

  static SectionTag of(AccuracyReport a) {
    SectionTag section =
        section(
            h2(
                text("Accuracy "),
                span(a.passed() ? "✓ passed" : "✗ failed")
                    .withClass(a.passed() ? "badge good" : "badge bad")),
            p(a.compiled() + " against " + a.original() + ", limits for " + a.tolerance().name())
                .withClass("lead"));
    if (!a.passed()) {
      section.with(ul(each(a.violations(), v -> li(v))));
    }
    a.outputs().forEach(o -> output(section, o));
    return section;
  }

  private static void output(SectionTag section, OutputAccuracy o) {
    HtmlTable limited = table(o);
    HtmlTable others = table(o);
    int folded = 0;
    for (Metric metric : o.metrics().keySet()) {
      boolean held = o.limits().containsKey(metric);
      row(held ? limited : others, o, metric);
      folded += held ? 0 : 1;
    }
    if (o.otherShapes() > 0) {
      limited.row(
          cell("samples of another shape"),
          figure(Long.toString(o.otherShapes())),
          figure(""),
          figure(""));
    }
    if (!limited.isEmpty()) {
      section.with(limited.tag());
    }
    if (folded > 0) {
      section.with(
          details(
              summary(
                  String.format(
                      Locale.ROOT,
                      folded == 1
                          ? "%d metric of %s without a limit"
                          : "%d metrics of %s without a limit",
                      folded,
                      o.output())),
              others.tag()));
    }
  }

  private static HtmlTable table(OutputAccuracy o) {
    return new HtmlTable("accuracy of " + o.output())
        .head(
            text(o.output() + " "),
            span(String.format(Locale.ROOT, "%,d samples, %,d elements", o.samples(), o.elements()))
                .withClass("dim"))
        .number("value")
        .number("limit")
        .number("worst sample");
  }

  private static void row(HtmlTable table, OutputAccuracy o, Metric metric) {
    Double limit = o.limits().get(metric);
    OutputAccuracy.WorstSample worst = o.worst().get(metric);
    table.row(
        cell(metric.label()),
        figure(number(o.metric(metric).orElse(Double.NaN))),
        figure(limit == null ? "" : (metric.higherIsBetter() ? "≥ " : "≤ ") + number(limit)),
        figure(worst == null ? "" : "#" + worst.sample() + ": " + number(worst.value())));
  }

  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "-∞";
    }
    double magnitude = Math.abs(value);
    return magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e6)
        ? String.format(Locale.ROOT, "%.3e", value)
        : String.format(Locale.ROOT, "%.6f", value);
  }
}
