package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import io.inferc.runtime.CompilationReport;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.List;
import java.util.Locale;

/** All ways to compile a model that were tried, and which of its quantized layers pay. */
final class CompilationHtml {
  private CompilationHtml() {}

  static SectionTag of(CompilationReport report) {
    return section(
        h2("Ways to compile"),
        p(report.verdict()),
        p(String.format(
                Locale.ROOT,
                "Found in %.0f s; %s.",
                report.took().toMillis() / 1e3,
                report.complete()
                    ? "all was tried that promised anything"
                    : "the time was up before all was tried"))
            .withClass("dim lead"),
        each(report.notes(), note -> p(note).withClass("dim")),
        candidates(report.candidates()),
        iff(!report.regions().isEmpty(), h3("Quantized layers with and without their integers")),
        iff(!report.regions().isEmpty(), regions(report.regions())));
  }

  private static DomContent candidates(List<CompilationReport.Candidate> candidates) {
    HtmlTable table =
        new HtmlTable("ways to compile that were tried")
            .text("outcome")
            .number("times better than the original, 95 %")
            .text("target")
            .text("precision")
            .text("kept")
            .text("why");
    candidates.forEach(
        c ->
            table.row(
                cell(c.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')),
                figure(c.gain().map(CompilationReport.Gain::toString).orElse("")),
                cell(c.target().toString()),
                cell(c.precision()),
                cell(c.accuracy()),
                cell(c.reason())));
    return table.tag();
  }

  private static DomContent regions(List<CompilationReport.Region> regions) {
    HtmlTable table =
        new HtmlTable("what quantized layers of each kind gain")
            .text("kind")
            .number("layers")
            .number("times faster, 95 %")
            .text("")
            .text("why");
    regions.forEach(
        r ->
            table.row(
                names(r.name()),
                figure(Integer.toString(r.layers().size())),
                figure(r.gain().toString()),
                cell(r.kept() ? "kept" : "reverted"),
                cell(r.reason())));
    return table.tag();
  }
}
