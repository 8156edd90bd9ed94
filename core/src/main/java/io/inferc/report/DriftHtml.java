package io.inferc.report;

import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.word;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.text;

import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.LayerDrift;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.List;
import java.util.Locale;

/** Where the compiled model leaves the original, layer by layer. */
final class DriftHtml {
  private static final int LOSSES = 10;

  private DriftHtml() {}

  static SectionTag of(LayerDiffReport diff) {
    DomContent first =
        diff.firstDrift()
            .map(DriftHtml::first)
            .orElseGet(() -> text("No layer is beyond the limits by itself. "));
    SectionTag section =
        section(
            h2("Where it drifts"),
            p(
                first,
                span(String.format(
                        Locale.ROOT,
                        "Limits: SQNR %.1f dB, mean cosine %.4f; %,d tensors over %,d samples.",
                        diff.minSqnrDb(),
                        diff.minCosine(),
                        diff.layers().size(),
                        diff.samples()))
                    .withClass("dim")));
    List<LayerDrift> losses = diff.greatestLosses(LOSSES);
    if (losses.isEmpty()) {
      return section;
    }
    HtmlTable table =
        new HtmlTable("layers that add most of the error")
            .text("layer")
            .text("operator")
            .number("adds dB")
            .number("SQNR dB")
            .number("mean cosine");
    losses.forEach(
        d ->
            table.row(
                names(d.node()),
                word(d.operator()),
                figure(format("%.1f", d.lossDb())),
                figure(format("%.1f", d.sqnrDb())),
                figure(format("%.4f", d.meanCosine()))));
    return section.with(p("The layers that add most of the error:").withClass("lead"), table.tag());
  }

  private static DomContent first(LayerDrift d) {
    return each(
        text("The first layer that drifts is "),
        strong(d.node()),
        text(
            String.format(
                Locale.ROOT,
                " (%s): SQNR %.1f dB, mean cosine %.4f. ",
                d.operator(),
                d.sqnrDb(),
                d.meanCosine())));
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
