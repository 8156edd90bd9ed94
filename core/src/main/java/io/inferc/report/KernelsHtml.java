package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.ul;

import io.inferc.runtime.KernelInfo;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which kernels the model became. */
final class KernelsHtml {
  private static final int EXAMPLES = 3;
  private static final int MOST_TYPES = 12;
  private static final int MOST_KERNELS = 2000;
  private static final int LONGEST_NAME = 60;
  private static final String ADDED = "added by the runtime";

  private KernelsHtml() {}

  static SectionTag of(FusionReport report) {
    SectionTag section =
        section(
            h2("Kernels"),
            p(
                String.format(
                    Locale.ROOT,
                    "%,d nodes became %,d kernels: %,d stand for several nodes, %,d were added by"
                        + " the runtime for layouts and types. %,d nodes need none: they are"
                        + " constant, shared or unused.",
                    report.nodes(),
                    report.kernels().size(),
                    report.fused().size(),
                    report.added().size(),
                    report.withoutKernel().size())),
            shares(report.kernelsByPrecision()));
    if (report.timeMillis() > 0) {
      section.with(
          p(String.format(
                  Locale.ROOT,
                  "One request takes %.2f ms in kernels, by the runtime's own clock.",
                  report.timeMillis()))
              .withClass("lead"));
    }
    return section.with(types(report), FindingsHtml.of(report), all(report));
  }

  /** The share of each precision as one line, with a legend that says the same. */
  private static DomContent shares(Map<String, Long> counts) {
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    return iff(
        all > 0,
        each(
            div(each(
                    counts,
                    (precision, count) ->
                        span()
                            .withClass(kind(precision))
                            .withStyle(
                                String.format(Locale.ROOT, "width:%.2f%%", 100.0 * count / all))))
                .withClass("bar")
                .attr("aria-hidden", "true"),
            ul(each(
                    counts,
                    (precision, count) ->
                        li(String.format(Locale.ROOT, "%,d in %s", count, precision))
                            .withClass("key " + kind(precision))))
                .withClass("legend")));
  }

  private static String kind(String precision) {
    String word = precision.toLowerCase(Locale.ROOT);
    if (word.matches(".*uint8.*|u8")) {
      return "uint8";
    }
    if (word.matches(".*int8.*|i8")) {
      return "int8";
    }
    return word.contains("16")
        ? "half"
        : word.contains("32") && !word.contains("int") ? "full" : "rest";
  }

  private static DomContent types(FusionReport report) {
    Map<String, List<KernelInfo>> byType =
        report.kernels().stream()
            .collect(
                Collectors.groupingBy(KernelInfo::type, LinkedHashMap::new, Collectors.toList()));
    boolean timed = report.timeMillis() > 0;
    HtmlTable table = new HtmlTable("kernels by type").text("kernel").number("number");
    if (timed) {
      table.number("ms").number("share");
    }
    table.number("nodes each").text("for example");
    Set<String> types = new LinkedHashSet<>(report.timeByType().keySet());
    types.addAll(report.kernelsByType().keySet());
    types.stream()
        .limit(MOST_TYPES)
        .forEach(type -> row(table, type, byType.getOrDefault(type, List.of()), report));
    int more = types.size() - MOST_TYPES;
    return each(table.tag(), iff(more > 0, p("and " + more + " more types").withClass("dim")));
  }

  private static void row(
      HtmlTable table, String type, List<KernelInfo> kernels, FusionReport report) {
    int least = kernels.stream().mapToInt(k -> k.nodes().size()).min().orElse(0);
    int most = kernels.stream().mapToInt(k -> k.nodes().size()).max().orElse(0);
    List<TdTag> cells =
        new ArrayList<>(List.of(cell(type), figure(Integer.toString(kernels.size()))));
    if (report.timeMillis() > 0) {
      double millis = kernels.stream().mapToDouble(k -> k.timeMillis().orElse(0.0)).sum();
      cells.add(figure(String.format(Locale.ROOT, "%.3f", millis)));
      cells.add(figure(String.format(Locale.ROOT, "%.1f %%", 100 * millis / report.timeMillis())));
    }
    cells.add(figure(least == most ? Integer.toString(most) : least + "–" + most));
    cells.add(
        names(
            kernels.stream()
                .filter(k -> k.nodes().size() == most && most > 0)
                .findFirst()
                .map(k -> shortened(k.nodes()))
                .orElse(ADDED)));
    table.row(cells.toArray(TdTag[]::new));
  }

  /** The first of some names, none of them too long. */
  static String shortened(List<String> nodes) {
    List<String> shown =
        new ArrayList<>(nodes.stream().limit(EXAMPLES).map(KernelsHtml::shortened).toList());
    if (nodes.size() > EXAMPLES) {
      shown.add("… (" + (nodes.size() - EXAMPLES) + " more)");
    }
    return String.join(", ", shown);
  }

  /** The end of a long name says more than its beginning. */
  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME
        ? name
        : "…" + name.substring(name.length() - LONGEST_NAME + 1);
  }

  private static DomContent all(FusionReport report) {
    boolean timed = report.kernels().stream().anyMatch(k -> k.timeMillis().isPresent());
    HtmlTable table = new HtmlTable("all kernels").text("kernel").text("computes in");
    if (timed) {
      table.number("ms");
    }
    table.text("stands for");
    report.kernels().stream()
        .limit(MOST_KERNELS)
        .forEach(
            k -> {
              List<TdTag> cells =
                  new ArrayList<>(List.of(cell(k.type()), cell(k.precision().orElse(""))));
              if (timed) {
                cells.add(
                    figure(
                        k.timeMillis().map(t -> String.format(Locale.ROOT, "%.3f", t)).orElse("")));
              }
              cells.add(names(k.nodes().isEmpty() ? ADDED : String.join(", ", k.nodes())));
              table.row(cells.toArray(TdTag[]::new));
            });
    return details(
        summary("All kernels in the order of execution"),
        table.tag(),
        iff(
            report.kernels().size() > MOST_KERNELS,
            PrecisionHtml.more(report.kernels().size() - MOST_KERNELS)));
  }
}
