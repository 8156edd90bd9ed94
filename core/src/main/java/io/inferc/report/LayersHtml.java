package io.inferc.report;

import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.LayerDrift;
import io.inferc.search.LayerCost;
import io.inferc.search.SearchResult;
import io.inferc.search.SearchStep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The sections on single layers of the report for people. */
final class LayersHtml {
  private static final int EXAMPLES = 2;
  private static final int MOST_ROWS = 2000;
  private static final int LOSSES = 10;

  private final StringBuilder html = new StringBuilder();

  private LayersHtml() {}

  private void add(String text) {
    html.append(text).append('\n');
  }

  private static String escape(String text) {
    return HtmlPage.escape(text);
  }

  /** What each node ended with, and why. */
  static String of(PrecisionReport report) {
    LayersHtml section = new LayersHtml();
    section.add("<h2>Precision of the nodes</h2>");
    section.add(
        "<table><tr><th>precision</th><th class=\"n\">nodes</th><th>operators</th><th>why</th></tr>");
    for (PrecisionReport.Group g : report.groups()) {
      section.add(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td class=\"n\">%d</td><td>%s</td><td>%s<div class=\"dim names\">%s</div>"
                  + "</td></tr>",
              g.precision(),
              g.layers().size(),
              operators(g),
              escape(g.reason()),
              examples(g)));
    }
    section.add("</table><details><summary>All nodes in the order of the model</summary>");
    section.add("<table><tr><th>node</th><th>operator</th><th>precision</th><th>why</th></tr>");
    report.layers().stream()
        .limit(MOST_ROWS)
        .forEach(
            l ->
                section.add(
                    String.format(
                        Locale.ROOT,
                        "<tr><td class=\"names\">%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                        escape(l.node()),
                        escape(l.opType()),
                        l.precision(),
                        escape(l.reason()))));
    section.add("</table>");
    section.more(report.layers().size());
    section.add("</details>");
    return section.html.toString();
  }

  private void more(int rows) {
    if (rows > MOST_ROWS) {
      add(
          String.format(
              Locale.ROOT,
              "<p class=\"dim\">and %,d more, which the JSON report lists</p>",
              rows - MOST_ROWS));
    }
  }

  private static String operators(PrecisionReport.Group group) {
    Map<String, Long> counts =
        group.layers().stream()
            .collect(
                Collectors.groupingBy(
                    PrecisionReport.Layer::opType, LinkedHashMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(e -> escape(e.getKey()) + "&nbsp;" + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String examples(PrecisionReport.Group group) {
    List<PrecisionReport.Layer> layers = group.layers();
    return layers.stream()
            .limit(EXAMPLES)
            .map(l -> escape(l.node()))
            .collect(Collectors.joining(", "))
        + (layers.size() > EXAMPLES ? ", …" : "");
  }

  /** How the mix was found, and what each layer costs and gains. */
  static String of(SearchResult search) {
    LayersHtml section = new LayersHtml();
    section.add("<h2>Search</h2>");
    section.add(
        String.format(
            Locale.ROOT,
            "<p>%s</p><p class=\"dim\">%,d mixes and layers were judged; %s.</p>",
            escape(search.verdict()),
            search.trials(),
            search.complete()
                ? "nothing promising was left to try"
                : "the time was up before everything promising was tried"));
    section.add(
        "<table><tr><th class=\"n\">after</th><th>best mix so far</th>"
            + "<th class=\"n\">times faster (rough)</th></tr>");
    for (SearchStep step : search.steps()) {
      section.add(
          String.format(
              Locale.ROOT,
              "<tr><td class=\"n\">%.0f s</td><td>%s</td><td class=\"n\">%.2f</td></tr>",
              step.seconds(),
              escape(step.what()),
              step.speedup()));
    }
    section.add("</table>");
    if (!search.layers().isEmpty()) {
      section.costs(search.layers());
    }
    return section.html.toString();
  }

  private void costs(List<LayerCost> layers) {
    add(
        "<details open><summary>What each layer costs when it alone is changed, and what it saves: its"
            + " share of what all layers of its kind save together</summary>");
    add(
        "<table><tr><th>layer</th><th>operator</th><th>precision</th><th class=\"n\">SQNR dB</th>"
            + "<th class=\"n\">cosine</th><th class=\"n\">saves ms</th><th>chosen</th></tr>");
    layers.stream()
        .limit(MOST_ROWS)
        .forEach(
            l ->
                add(
                    String.format(
                        Locale.ROOT,
                        "<tr><td class=\"names\">%s</td><td>%s</td><td>%s</td><td class=\"n\">%s</td>"
                            + "<td class=\"n\">%.5f</td><td class=\"n\">%s</td><td>%s</td></tr>",
                        escape(l.node()),
                        escape(l.opType()),
                        l.precision(),
                        l.sqnrText(),
                        l.cosine(),
                        l.gainMillis().isPresent()
                            ? String.format(Locale.ROOT, "%+.3f", l.gainMillis().getAsDouble())
                            : "not measured",
                        l.chosen() ? "✓" : "")));
    add("</table>");
    more(layers.size());
    add("</details>");
  }

  /** Where the compiled model leaves the original. */
  static String of(LayerDiffReport diff) {
    LayersHtml section = new LayersHtml();
    section.add("<h2>Where it drifts</h2>");
    section.add(
        "<p>"
            + diff.firstDrift()
                .map(
                    d ->
                        String.format(
                            Locale.ROOT,
                            "The first layer that drifts is <strong>%s</strong> (%s): SQNR %.1f dB,"
                                + " mean cosine %.4f.",
                            escape(d.node()),
                            escape(d.operator()),
                            d.sqnrDb(),
                            d.meanCosine()))
                .orElse("No layer is beyond the limits by itself.")
            + String.format(
                Locale.ROOT,
                " <span class=\"dim\">Limits: SQNR %.1f dB, mean cosine %.4f; %,d tensors over %,d"
                    + " samples.</span></p>",
                diff.minSqnrDb(),
                diff.minCosine(),
                diff.layers().size(),
                diff.samples()));
    List<LayerDrift> losses = diff.greatestLosses(LOSSES);
    if (!losses.isEmpty()) {
      section.add("<p>The layers that add most of the error:</p>");
      section.add(
          "<table><tr><th>layer</th><th>operator</th><th class=\"n\">adds dB</th>"
              + "<th class=\"n\">SQNR dB</th><th class=\"n\">mean cosine</th></tr>");
      losses.forEach(
          d ->
              section.add(
                  String.format(
                      Locale.ROOT,
                      "<tr><td class=\"names\">%s</td><td>%s</td><td class=\"n\">%.1f</td>"
                          + "<td class=\"n\">%.1f</td><td class=\"n\">%.4f</td></tr>",
                      escape(d.node()),
                      escape(d.operator()),
                      d.lossDb(),
                      d.sqnrDb(),
                      d.meanCosine())));
      section.add("</table>");
    }
    return section.html.toString();
  }
}
