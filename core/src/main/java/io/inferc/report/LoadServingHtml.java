package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static io.inferc.report.HtmlTable.why;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.BatchThroughput;
import io.inferc.benchmark.load.Failure;
import io.inferc.benchmark.platform.MemoryFigures;
import io.inferc.benchmark.study.Startup;
import j2html.tags.specialized.FigureTag;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SectionTag;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How requests ended, what larger batches bring, and what it takes until a variant serves. */
final class LoadServingHtml {
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;

  private LoadServingHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    batches(page, facts);
    page.with(outcomes(facts), startup(facts));
  }

  private static void batches(MainTag page, StudyFacts facts) {
    List<StudyFacts.Measured> swept =
        facts.variants().stream().filter(v -> !v.figures().batches().isEmpty()).toList();
    if (swept.isEmpty()) {
      return;
    }
    HtmlTable table =
        new HtmlTable("throughput by size of batch")
            .text("")
            .number("batch")
            .number("samples/s")
            .number("requests/s")
            .number("times the first size's")
            .number("P50 ms")
            .number("P95 ms");
    for (StudyFacts.Measured variant : swept) {
      for (BatchThroughput batch : variant.figures().batches()) {
        table.row(
            names(variant.name()),
            figure(Integer.toString(batch.batch())),
            figure(Amounts.number(batch.samplesPerSecond())),
            figure(Amounts.number(batch.requestsPerSecond())),
            batch
                .overFirst()
                .map(r -> figure(Amounts.ratio(r), Amounts.interval(r)))
                .orElseGet(() -> figure(Amounts.NOT_KNOWN)),
            LoadLatencyHtml.percentile(batch.latency(), StudyFacts.MEDIAN),
            LoadLatencyHtml.percentile(batch.latency(), StudyFacts.P95));
      }
    }
    SectionTag section =
        section(
            h2("Throughput by size of batch"),
            p("One request after the other, each of that many samples.").withClass("lead"),
            table.tag());
    int[] sizes =
        swept.stream()
            .flatMap(v -> v.figures().batches().stream())
            .mapToInt(BatchThroughput::batch)
            .distinct()
            .toArray();
    if (sizes.length > 1) {
      section.with(plot(swept, sizes));
    }
    page.with(section);
  }

  private static FigureTag plot(List<StudyFacts.Measured> swept, int[] sizes) {
    Plot plot =
        new Plot(
            "batches",
            "Throughput by size of batch",
            "Samples a second at each size of batch; the table above has the figures.",
            Axis.doubling("samples in a request", sizes),
            Axis.fitting(
                "samples/s",
                swept.stream()
                    .flatMap(v -> v.figures().batches().stream())
                    .mapToDouble(BatchThroughput::samplesPerSecond)
                    .toArray()));
    for (StudyFacts.Measured variant : swept) {
      List<Plot.Value> values =
          variant.figures().batches().stream()
              .filter(b -> b.samplesPerSecond() > 0)
              .map(b -> new Plot.Value(b.batch(), b.samplesPerSecond()))
              .toList();
      plot.line(variant.series(), values, 2);
      values.forEach(v -> plot.mark(variant.series(), v, true));
    }
    return plot.tag(
        swept.stream().map(StudyFacts.Measured::series).toList(),
        "Samples a second by size of batch.");
  }

  private static SectionTag outcomes(StudyFacts facts) {
    VariantTable table =
        new VariantTable("outcomes of requests", "", facts.variants())
            .count("requests", v -> v.blocks().requests());
    for (Answer.Outcome outcome : Answer.Outcome.values()) {
      table.count(words(outcome), v -> v.blocks().outcomes().getOrDefault(outcome, 0L));
    }
    table
        .count("not answered when the run ended", StudyFacts.Measured::unanswered)
        .count("never sent", v -> v.blocks().unsent())
        .number("came, requests/s", v -> v.blocks().offeredRate())
        .number("answered well, requests/s", v -> v.blocks().throughput())
        .number("goodput, requests/s", v -> v.blocks().goodput().orElse(Double.NaN))
        .number(
            "CPU, ms a request",
            v -> MILLIS_PER_SECOND * v.blocks().cpuSecondsPerRequest().orElse(Double.NaN));
    SectionTag section =
        section(
            h2("Outcomes"),
            p(facts
                        .result()
                        .rounds()
                        .settings()
                        .latencyLimit()
                        .map(
                            limit ->
                                "Goodput counts what was answered well within "
                                    + Amounts.plain(limit.toNanos() / NANOS_PER_MILLI)
                                    + " ms. ")
                        .orElse("No latency limit was set, so there is no goodput. ")
                    + "CPU is this process's processor time for a request; of a subject in"
                    + " another process that is the client's share alone.")
                .withClass("lead"),
            table.tag());
    HtmlTable failures = failures(facts);
    return failures.isEmpty()
        ? section
        : section.with(h3("What was said of failures"), failures.tag());
  }

  private static String words(Answer.Outcome outcome) {
    return switch (outcome) {
      case OK -> "answered well";
      case REFUSED -> "refused";
      case TIMEOUT -> "timed out";
      case FAILED -> "answered by a failure";
      case BROKEN -> "broken off or unreadable";
    };
  }

  private static HtmlTable failures(StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("failures").text("").text("outcome").number("times").text("message");
    for (StudyFacts.Measured variant : facts.variants()) {
      together(variant.blocks().failures())
          .forEach(
              f ->
                  table.row(
                      names(variant.name()),
                      cell(f.outcome().name()),
                      figure(Amounts.count(f.count())),
                      why(text(f.message()))));
    }
    return table;
  }

  /** The same messages of all turns, counted together. */
  static List<Failure> together(List<Failure> failures) {
    Map<List<String>, Failure> all = new LinkedHashMap<>();
    failures.forEach(
        f ->
            all.merge(
                List.of(f.outcome().name(), f.message()),
                f,
                (a, b) -> new Failure(a.outcome(), a.message(), a.count() + b.count())));
    return List.copyOf(all.values());
  }

  private static SectionTag startup(StudyFacts facts) {
    VariantTable table =
        new VariantTable("startup and memory", "", facts.variants())
            .words(
                "opening, ms",
                v -> startup(v).opening().map(Amounts::millis).orElse(Amounts.NOT_KNOWN))
            .words("first request, ms", v -> Amounts.millis(startup(v).firstRequest()))
            .words("resident before, MB", v -> Amounts.megabytes(memory(v).before().resident()))
            .words("resident at most, MB", v -> Amounts.megabytes(memory(v).peak().resident()))
            .words("resident after, MB", v -> Amounts.megabytes(memory(v).after().resident()))
            .words("heap at most, MB", v -> Amounts.megabytes(memory(v).peak().heapUsed()))
            .words("direct buffers at most, MB", v -> Amounts.megabytes(memory(v).peak().direct()))
            .words("GPUs at most, MB", v -> Amounts.megabytes(memory(v).devicePeak()));
    return section(
        h2("Startup and memory"),
        p("Until the first answer. Memory is the whole process's, and variants were opened one"
                + " after the other, so that later ones begin with what earlier ones hold. Opening"
                + " is – for what was open already.")
            .withClass("lead"),
        table.tag());
  }

  private static Startup startup(StudyFacts.Measured variant) {
    return variant.figures().startup();
  }

  private static MemoryFigures memory(StudyFacts.Measured variant) {
    return startup(variant).memory();
  }
}
