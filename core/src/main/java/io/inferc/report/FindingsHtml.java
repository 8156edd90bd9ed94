package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.why;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;

/** What kernels compute in, what was left apart, and how to change the model. */
final class FindingsHtml {
  private FindingsHtml() {}

  static DomContent of(FusionReport report) {
    return each(precisions(report), unfused(report), blockers(report));
  }

  private static DomContent precisions(FusionReport report) {
    if (report.layers().isEmpty()) {
      return each();
    }
    long right = report.layers().stream().filter(LayerPrecision::isAsAsked).count();
    DomContent verdict =
        each(
            h3("What the layers are computed in"),
            p(String.format(
                    Locale.ROOT,
                    "%,d of %,d convolutions and matrix products compute in what the model says.",
                    right,
                    report.layers().size()))
                .withClass("lead"));
    if (report.otherPrecisions().isEmpty()) {
      return verdict;
    }
    HtmlTable table =
        new HtmlTable("layers computed in something else")
            .text("what differs")
            .number("number")
            .text("for example")
            .text("kernel");
    report
        .otherPrecisions()
        .forEach(
            (what, list) ->
                table.row(
                    cell(what),
                    figure(list.size() + " of " + report.layers().size()),
                    names(KernelsHtml.shortened(list.stream().map(LayerPrecision::node).toList())),
                    cell(String.join(", ", list.get(0).kernels()))));
    return each(verdict, table.tag());
  }

  private static DomContent unfused(FusionReport report) {
    if (report.unfused().isEmpty()) {
      return each();
    }
    HtmlTable table =
        new HtmlTable("Q/DQ that did not fuse")
            .text("why")
            .number("number")
            .text("for example")
            .text("what to do");
    report
        .unfusedByReason()
        .forEach(
            (reason, list) ->
                table.row(
                    td(reason.expected() ? text(reason.label()) : strong(reason.label())),
                    figure(Integer.toString(list.size())),
                    names(list.get(0).explanation()),
                    why(text(reason.remedy()))));
    return each(h3("Q/DQ that did not fuse"), table.tag());
  }

  private static DomContent blockers(FusionReport report) {
    if (report.blockers().isEmpty()) {
      return each();
    }
    HtmlTable table =
        new HtmlTable("patterns that block fusion")
            .text("pattern")
            .number("number")
            .text("why it stays apart")
            .text("how to change it");
    for (List<FusionBlocker> same : report.blockersByCause()) {
      FusionBlocker first = same.get(0);
      table.row(
          why(
              text(first.pattern().label()),
              div(KernelsHtml.shortened(first.nodes())).withClass("dim names")),
          figure(Integer.toString(same.size())),
          why(text(first.why())),
          why(text(first.remedy())));
    }
    return each(h3("Patterns that block fusion"), table.tag());
  }
}
