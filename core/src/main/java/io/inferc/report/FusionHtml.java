package io.inferc.report;

import io.inferc.runtime.KernelInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The section on kernels of the report for people. */
final class FusionHtml {
  private static final int EXAMPLES = 3;
  private static final int MOST_TYPES = 12;
  private static final int MOST_KERNELS = 2000;
  private static final int LONGEST_NAME = 60;

  private final FusionReport report;
  private final StringBuilder html = new StringBuilder();

  private FusionHtml(FusionReport report) {
    this.report = report;
  }

  static String of(FusionReport report) {
    FusionHtml section = new FusionHtml(report);
    section.counts();
    section.fused();
    section.precisions();
    section.unfused();
    section.blockers();
    section.allKernels();
    return section.html.toString();
  }

  private void add(String text) {
    html.append(text).append('\n');
  }

  private static String escape(String text) {
    return HtmlPage.escape(text);
  }

  private void counts() {
    add("<h2>Kernels</h2>");
    String precisions =
        report.kernelsByPrecision().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%,d in %s", e.getValue(), escape(e.getKey())))
            .collect(Collectors.joining(", "));
    add(
        String.format(
            Locale.ROOT,
            "<p class=\"headline\">%,d nodes became %,d kernels <span class=\"dim\">%s</span></p>",
            report.nodes(),
            report.kernels().size(),
            precisions));
    add(
        String.format(
            Locale.ROOT,
            "<p class=\"dim\">%,d kernels stand for several nodes, %,d were added by the runtime for"
                + " layouts and types, %,d nodes need none: they are constant, shared or unused."
                + "</p>",
            report.fused().size(),
            report.added().size(),
            report.withoutKernel().size()));
    add(bar());
  }

  /** The share of each precision as one line. */
  private String bar() {
    long all = report.kernelsByPrecision().values().stream().mapToLong(Long::longValue).sum();
    if (all == 0) {
      return "";
    }
    StringBuilder bar = new StringBuilder("<div class=\"bar\">");
    report
        .kernelsByPrecision()
        .forEach(
            (precision, count) ->
                bar.append(
                    String.format(
                        Locale.ROOT,
                        "<span class=\"%s\" style=\"width:%.2f%%\" title=\"%s: %d\">%s</span>",
                        kind(precision),
                        100.0 * count / all,
                        escape(precision),
                        count,
                        count * 10 >= all ? escape(precision) : "")));
    return bar.append("</div>").toString();
  }

  private static String kind(String precision) {
    String word = precision.toLowerCase(Locale.ROOT);
    if (word.matches(".*int8.*|i8|u8")) {
      return "int8";
    }
    return word.contains("16")
        ? "half"
        : word.contains("32") && !word.contains("int") ? "full" : "rest";
  }

  private void fused() {
    Map<String, List<KernelInfo>> byType =
        report.kernels().stream()
            .collect(
                Collectors.groupingBy(KernelInfo::type, LinkedHashMap::new, Collectors.toList()));
    boolean timed = report.timeMillis() > 0;
    if (timed) {
      add(
          String.format(
              Locale.ROOT,
              "<p>One request takes %.2f ms in kernels, by the runtime's own clock.</p>",
              report.timeMillis()));
    }
    add(
        "<table><tr><th>kernel</th><th class=\"n\">number</th>"
            + (timed ? "<th class=\"n\">ms</th><th class=\"n\">share</th>" : "")
            + "<th class=\"n\">nodes each</th><th>for example</th></tr>");
    Set<String> types = new LinkedHashSet<>(report.timeByType().keySet());
    types.addAll(report.kernelsByType().keySet());
    types.stream()
        .limit(MOST_TYPES)
        .forEach(type -> row(type, byType.getOrDefault(type, List.of())));
    int more = types.size() - MOST_TYPES;
    if (more > 0) {
      add(
          String.format(
              Locale.ROOT,
              "<tr><td class=\"dim\" colspan=\"%d\">and %d more types</td></tr>",
              timed ? 6 : 4,
              more));
    }
    add("</table>");
  }

  private void row(String type, List<KernelInfo> kernels) {
    int least = kernels.stream().mapToInt(k -> k.nodes().size()).min().orElse(0);
    int most = kernels.stream().mapToInt(k -> k.nodes().size()).max().orElse(0);
    Optional<KernelInfo> largest =
        kernels.stream().filter(k -> k.nodes().size() == most).findFirst();
    add(
        "<tr><td>"
            + escape(type)
            + "</td><td class=\"n\">"
            + kernels.size()
            + time(kernels)
            + "</td><td class=\"n\">"
            + (least == most ? Integer.toString(most) : least + "–" + most)
            + "</td><td class=\"dim names\">"
            + (most == 0 ? "added by the runtime" : names(largest.orElseThrow().nodes()))
            + "</td></tr>");
  }

  private String time(List<KernelInfo> kernels) {
    if (report.timeMillis() <= 0) {
      return "";
    }
    double millis = kernels.stream().mapToDouble(k -> k.timeMillis().orElse(0.0)).sum();
    return String.format(
        Locale.ROOT,
        "</td><td class=\"n\">%.3f</td><td class=\"n\">%.1f %%",
        millis,
        100 * millis / report.timeMillis());
  }

  private static String names(List<String> nodes) {
    List<String> shown =
        new ArrayList<>(nodes.stream().limit(EXAMPLES).map(FusionHtml::shortened).toList());
    if (nodes.size() > EXAMPLES) {
      shown.add("… (" + (nodes.size() - EXAMPLES) + " more)");
    }
    return shown.stream().map(FusionHtml::escape).collect(Collectors.joining(", "));
  }

  /** The end of a long name says more than its beginning. */
  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME
        ? name
        : "…" + name.substring(name.length() - LONGEST_NAME + 1);
  }

  private void precisions() {
    if (report.layers().isEmpty()) {
      return;
    }
    add("<h3>Precision of the layers</h3>");
    long right = report.layers().stream().filter(LayerPrecision::isAsAsked).count();
    add(
        String.format(
            Locale.ROOT,
            "<p>%,d of %,d convolutions and matrix products compute in what the model says.</p>",
            right,
            report.layers().size()));
    if (report.otherPrecisions().isEmpty()) {
      return;
    }
    add(
        "<table><tr><th>what differs</th><th class=\"n\">number</th><th>for example</th>"
            + "<th>kernel</th></tr>");
    report
        .otherPrecisions()
        .forEach(
            (what, list) ->
                add(
                    "<tr><td>"
                        + escape(what)
                        + "</td><td class=\"n\">"
                        + list.size()
                        + "</td><td class=\"names\">"
                        + names(list.stream().map(LayerPrecision::node).toList())
                        + "</td><td>"
                        + escape(String.join(", ", list.get(0).kernels()))
                        + "</td></tr>"));
    add("</table>");
  }

  private void unfused() {
    if (report.unfused().isEmpty()) {
      return;
    }
    add("<h3>Q/DQ that did not fuse</h3>");
    add(
        "<table><tr><th>why</th><th class=\"n\">number</th><th>for example</th>"
            + "<th>what to do</th></tr>");
    report
        .unfusedByReason()
        .forEach(
            (reason, list) ->
                add(
                    "<tr><td>"
                        + (reason.expected()
                            ? escape(reason.label())
                            : "<strong>" + escape(reason.label()) + "</strong>")
                        + "</td><td class=\"n\">"
                        + list.size()
                        + "</td><td class=\"names\">"
                        + escape(list.get(0).explanation())
                        + "</td><td>"
                        + escape(reason.remedy())
                        + "</td></tr>"));
    add("</table>");
  }

  private void blockers() {
    if (report.blockers().isEmpty()) {
      return;
    }
    add("<h3>Patterns that block fusion</h3>");
    add(
        "<table><tr><th class=\"wide\">pattern</th><th class=\"n\">number</th>"
            + "<th>why it stays apart</th>"
            + "<th>how to change it</th></tr>");
    for (List<FusionBlocker> same : report.blockersByCause()) {
      FusionBlocker first = same.get(0);
      add(
          "<tr><td>"
              + escape(first.pattern().label())
              + "<div class=\"dim names\">"
              + names(first.nodes())
              + "</div></td><td class=\"n\">"
              + same.size()
              + "</td><td>"
              + escape(first.why())
              + "</td><td>"
              + escape(first.remedy())
              + "</td></tr>");
    }
    add("</table>");
  }

  private void allKernels() {
    add("<details><summary>All kernels in the order of execution</summary>");
    boolean timed = report.kernels().stream().anyMatch(k -> k.timeMillis().isPresent());
    add(
        "<table><tr><th>kernel</th><th>computes in</th>"
            + (timed ? "<th class=\"n\">ms</th>" : "")
            + "<th>stands for</th></tr>");
    report.kernels().stream()
        .limit(MOST_KERNELS)
        .forEach(
            k ->
                add(
                    "<tr><td>"
                        + escape(k.type())
                        + "</td><td>"
                        + escape(k.precision().orElse(""))
                        + "</td>"
                        + (timed
                            ? "<td class=\"n\">"
                                + k.timeMillis()
                                    .map(t -> String.format(Locale.ROOT, "%.3f", t))
                                    .orElse("")
                                + "</td>"
                            : "")
                        + "<td class=\"names\">"
                        + (k.nodes().isEmpty()
                            ? "<span class=\"dim\">added by the runtime</span>"
                            : k.nodes().stream()
                                .map(FusionHtml::escape)
                                .collect(Collectors.joining(", ")))
                        + "</td></tr>"));
    if (report.kernels().size() > MOST_KERNELS) {
      add(
          "<tr><td class=\"dim\" colspan=\"4\">and "
              + (report.kernels().size() - MOST_KERNELS)
              + " more, all of them in the JSON report</td></tr>");
    }
    add("</table></details>");
  }
}
