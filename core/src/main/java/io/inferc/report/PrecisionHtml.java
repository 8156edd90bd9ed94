package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.why;
import static io.inferc.report.HtmlTable.word;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import j2html.tags.specialized.PTag;
import j2html.tags.specialized.SectionTag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the layers ended with, and why; the nodes between them are folded away. */
final class PrecisionHtml {
  private static final int EXAMPLES = 2;
  private static final int MOST_ROWS = 2000;
  private static final String NO_BREAK = "\u00a0";

  private PrecisionHtml() {}

  static SectionTag of(PrecisionReport report) {
    SectionTag section =
        section(h2("Precision of the layers"), p(report.summary() + ".").withClass("lead"));
    List<PrecisionReport.Layer> heavy =
        report.layers().stream().filter(PrecisionReport.Layer::multiplies).toList();
    List<PrecisionReport.Layer> others =
        report.layers().stream().filter(l -> !l.multiplies()).toList();
    if (!heavy.isEmpty()) {
      section.with(groups(new PrecisionReport(heavy), "layers"));
    }
    if (!others.isEmpty()) {
      section.with(
          details(
              summary(String.format(Locale.ROOT, "%,d other nodes", others.size())),
              groups(new PrecisionReport(others), "nodes")));
    }
    HtmlTable all =
        new HtmlTable("all nodes").text("node").text("operator").text("precision").text("why");
    report.layers().stream()
        .limit(MOST_ROWS)
        .forEach(
            l ->
                all.row(
                    names(l.node()),
                    word(l.opType()),
                    cell(l.precision().toString()),
                    why(text(l.reason()))));
    return section.with(
        details(
            summary("All nodes in the order of the model"),
            all.tag(),
            iff(report.layers().size() > MOST_ROWS, more(report.layers().size() - MOST_ROWS))));
  }

  /** Says how many rows a table does not show. */
  static PTag more(int rows) {
    return p(String.format(Locale.ROOT, "and %,d more, which the JSON report lists", rows))
        .withClass("dim");
  }

  private static DomContent groups(PrecisionReport report, String what) {
    HtmlTable table =
        new HtmlTable("precision of " + what)
            .text("precision")
            .number(what)
            .text("operators")
            .text("why");
    for (PrecisionReport.Group g : report.groups()) {
      table.row(
          cell(g.precision().toString()),
          figure(g.layers().size() + " of " + report.layers().size()),
          cell(operators(g)),
          why(text(g.reason()), div(examples(g)).withClass("dim names")));
    }
    return table.tag();
  }

  private static String operators(PrecisionReport.Group group) {
    Map<String, Long> counts =
        group.layers().stream()
            .collect(
                Collectors.groupingBy(
                    PrecisionReport.Layer::opType, LinkedHashMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(e -> e.getKey() + NO_BREAK + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String examples(PrecisionReport.Group group) {
    List<PrecisionReport.Layer> layers = group.layers();
    return layers.stream()
            .limit(EXAMPLES)
            .map(PrecisionReport.Layer::node)
            .collect(Collectors.joining(", "))
        + (layers.size() > EXAMPLES ? ", …" : "");
  }
}
