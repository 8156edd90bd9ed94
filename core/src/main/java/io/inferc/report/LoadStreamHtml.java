package io.inferc.report;

import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.StreamFigures;
import j2html.tags.specialized.MainTag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Answers that came in parts, under the names that are in use for their times. */
final class LoadStreamHtml {
  private static final List<Double> PERCENTILES = List.of(50.0, 95.0, 99.0);

  private LoadStreamHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    List<StudyFacts.Measured> streamed =
        facts.variants().stream().filter(v -> v.blocks().streams().isPresent()).toList();
    if (streamed.isEmpty()) {
      return;
    }
    Map<Integer, StreamFigures> all = new HashMap<>();
    streamed.forEach(v -> v.blocks().streams().ifPresent(found -> all.put(v.place(), found)));
    Function<StudyFacts.Measured, StreamFigures> of = v -> all.get(v.place());
    VariantTable table = new VariantTable("streams", "", streamed);
    rows(table, "time to first token, ms", of.andThen(StreamFigures::timeToFirstToken));
    rows(
        table,
        "time to first token from sending (TTFT), ms",
        of.andThen(StreamFigures::timeToFirstTokenFromSending));
    rows(
        table,
        "time per output token (vLLM: TPOT; AIPerf: inter token latency, ITL), ms",
        of.andThen(StreamFigures::timePerOutputToken));
    rows(
        table,
        "gap between parts (AIPerf: inter chunk latency, ICL; vLLM: inter-token latency, ITL), ms",
        of.andThen(StreamFigures::gapsBetweenParts));
    table
        .count("tokens", v -> of.apply(v).tokens())
        .number("tokens/s", v -> of.apply(v).tokensPerSecond())
        .number("goodput, requests/s", v -> v.blocks().goodput().orElse(Double.NaN));
    page.with(
        section(
            h2("Streams"),
            p("Times of answers that came in parts. Tools count from the moment of sending; the"
                    + " first line counts from the moment that a request was meant to start, as"
                    + " all latencies here do.")
                .withClass("lead"),
            table.tag()));
  }

  private static void rows(
      VariantTable table, String what, Function<StudyFacts.Measured, LatencyDistribution> times) {
    PERCENTILES.forEach(
        p ->
            table.cells(
                Amounts.percentile(p) + " " + what,
                v -> LoadLatencyHtml.percentile(times.apply(v), p)));
  }
}
