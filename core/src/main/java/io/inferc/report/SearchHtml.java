package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.word;
import static j2html.TagCreator.details;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;

import io.inferc.search.LayerCost;
import io.inferc.search.SearchResult;
import io.inferc.search.SearchStep;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.List;
import java.util.Locale;

/** How the mix of precisions was found, and what each layer costs and gains. */
final class SearchHtml {
  private static final int MOST_ROWS = 2000;

  private SearchHtml() {}

  static SectionTag of(SearchResult search) {
    HtmlTable steps =
        new HtmlTable("steps of the search")
            .number("after")
            .text("best mix so far")
            .number("times faster (rough)");
    for (SearchStep step : search.steps()) {
      steps.row(
          figure(format("%.0f s", step.seconds())),
          cell(step.what()),
          figure(format("%.2f", step.speedup())));
    }
    SectionTag section =
        section(
            h2("Search"),
            p(search.verdict()),
            p(String.format(
                    Locale.ROOT,
                    "Trials of mixes and of layers: %,d; %s.",
                    search.trials(),
                    search.complete()
                        ? "nothing promising was left to try"
                        : "the time was up before everything promising was tried"))
                .withClass("dim lead"),
            steps.tag());
    return search.layers().isEmpty() ? section : section.with(costs(search.layers()));
  }

  private static DomContent costs(List<LayerCost> layers) {
    HtmlTable table =
        new HtmlTable("what each layer costs and saves")
            .text("layer")
            .text("operator")
            .text("precision")
            .number("SQNR dB")
            .number("cosine")
            .number("saves ms")
            .text("chosen");
    layers.stream()
        .limit(MOST_ROWS)
        .forEach(
            l ->
                table.row(
                    names(l.node()),
                    word(l.opType()),
                    word(l.precision().toString()),
                    figure(l.sqnrText()),
                    figure(format("%.5f", l.cosine())),
                    figure(
                        l.gainMillis().isPresent()
                            ? format("%+.3f", l.gainMillis().getAsDouble())
                            : "not measured"),
                    cell(l.chosen() ? "✓" : "")));
    return details(
        summary(
            "What each layer costs when it alone is changed, and what it saves: its share of what"
                + " all layers of its kind save together"),
        table.tag(),
        iff(layers.size() > MOST_ROWS, PrecisionHtml.more(layers.size() - MOST_ROWS)));
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
