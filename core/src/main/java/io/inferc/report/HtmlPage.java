package io.inferc.report;

import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.style;
import static j2html.TagCreator.text;
import static j2html.TagCreator.title;
import static j2html.TagCreator.ul;

import j2html.Config;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.MainTag;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reports for people: one page with its style inside. */
final class HtmlPage {
  private HtmlPage() {}

  static String of(OptimizationReport report) {
    return of(report.title(), content(report));
  }

  /** A whole page around its content, with the style inside. */
  static String of(String title, MainTag content) {
    return render(document())
        + render(
            html(
                    head(
                        meta().attr("charset", "utf-8"),
                        meta()
                            .withName("viewport")
                            .withContent("width=device-width, initial-scale=1"),
                        title(title + " – inferc"),
                        style().with(rawHtml(PageStyle.css()))),
                    body(content))
                .withLang("en"))
        + "\n";
  }

  private static MainTag content(OptimizationReport report) {
    MainTag page = main(p("Compiled with inferc").withClass("eyebrow"), h1(report.title()));
    page.with(HeadlineHtml.of(report));
    page.with(
        each(
            report.warnings(),
            w -> div(strong("Warning: "), text(w)).withClass("warning").attr("role", "note")));
    report.accuracy().ifPresent(a -> page.with(AccuracyHtml.of(a)));
    report.layerDiff().ifPresent(d -> page.with(DriftHtml.of(d)));
    page.with(each(report.benchmarks(), BenchmarkHtml::of));
    report.compilation().ifPresent(c -> page.with(CompilationHtml.of(c)));
    report.search().ifPresent(s -> page.with(SearchHtml.of(s)));
    report.precision().ifPresent(p -> page.with(PrecisionHtml.of(p)));
    report.fusion().ifPresent(f -> page.with(KernelsHtml.of(f)));
    page.with(ModelHtml.of(report));
    if (!report.notes().isEmpty()) {
      page.with(section(h2("Notes"), ul(each(report.notes(), n -> li(n)))));
    }
    return page;
  }

  /** Renders with the library's own settings, whatever the application has set for itself. */
  static String render(DomContent content) {
    StringBuilder text = new StringBuilder();
    try {
      content.render(FlatHtml.into(text, Config.defaults()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
