package io.inferc.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.benchmark.Cost;
import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.load.BatchThroughput;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.StreamFigures;
import io.inferc.benchmark.platform.EnergyReading;
import io.inferc.benchmark.platform.RooflineShare;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.study.Startup;
import io.inferc.benchmark.study.VariantFigures;
import java.util.Optional;
import java.util.OptionalDouble;

/** One variant of the report for programs. */
final class LoadVariantJson {
  private static final double NANOS_PER_MILLI = 1e6;

  private LoadVariantJson() {}

  static void write(ObjectNode to, StudyFacts facts, StudyFacts.Measured variant) {
    to.put("name", variant.name());
    requests(to, variant);
    distribution(to.putObject("latency"), variant.latency());
    distribution(to.putObject("queueing"), variant.queueing());
    distribution(to.putObject("service"), variant.service());
    distribution(to.putObject("generatorLag"), variant.lag());
    ArrayNode spans = to.putArray("overTime");
    for (LatencyOverTime.Span span : LatencyOverTime.of(variant.blocks().runs())) {
      ObjectNode node = spans.addObject();
      node.put("atSeconds", span.seconds());
      node.put("requests", span.requests());
      LoadJson.number(node, "p50Millis", span.median());
      LoadJson.number(node, "p95Millis", span.p95());
    }
    to.put("steadiness", variant.steadiness().map(s -> s.verdict().name()).orElse(null));
    streams(to, variant.blocks().streams());
    VariantFigures figures = variant.figures();
    ArrayNode batches = to.putArray("batches");
    figures.batches().forEach(batch -> batch(batches.addObject(), batch));
    startup(to.putObject("startup"), figures.startup());
    energy(to, figures);
    cost(to, facts, variant);
    tokens(to, figures.usefulTokens());
    roofline(to, figures.roofline());
  }

  private static void requests(ObjectNode to, StudyFacts.Measured variant) {
    to.put("requests", variant.blocks().requests());
    ObjectNode outcomes = to.putObject("outcomes");
    variant.blocks().outcomes().forEach((outcome, count) -> outcomes.put(outcome.name(), count));
    to.put("unanswered", variant.unanswered());
    to.put("unsent", variant.blocks().unsent());
    ArrayNode failures = to.putArray("failures");
    LoadServingHtml.together(variant.blocks().failures())
        .forEach(
            f ->
                failures
                    .addObject()
                    .put("outcome", f.outcome().name())
                    .put("message", f.message())
                    .put("count", f.count()));
    LoadJson.number(to, "offeredPerSecond", variant.blocks().offeredRate());
    LoadJson.number(to, "answeredPerSecond", variant.blocks().throughput());
    optional(to, "goodputPerSecond", variant.blocks().goodput());
    optional(to, "cpuSecondsPerRequest", variant.blocks().cpuSecondsPerRequest());
  }

  private static void distribution(ObjectNode to, LatencyDistribution times) {
    to.put("count", times.count());
    to.put("endless", times.endless());
    optional(to, "meanMillis", times.mean());
    optional(to, "maxMillis", times.max());
    ArrayNode percentiles = to.putArray("percentiles");
    for (PercentileEstimate estimate : times.percentiles()) {
      ObjectNode node = percentiles.addObject();
      node.put("percentile", estimate.percentile());
      LoadJson.number(node, "valueMillis", estimate.value());
      LoadJson.number(node, "lowMillis", estimate.low());
      LoadJson.number(node, "highMillis", estimate.high());
      node.put("confidence", estimate.confidence());
      node.put("samples", estimate.samples());
      LoadJson.number(node, "effectiveSamples", estimate.effectiveSamples());
    }
  }

  private static void streams(ObjectNode to, Optional<StreamFigures> found) {
    if (found.isEmpty()) {
      to.putNull("streams");
      return;
    }
    StreamFigures streams = found.get();
    ObjectNode node = to.putObject("streams");
    distribution(node.putObject("timeToFirstToken"), streams.timeToFirstToken());
    distribution(
        node.putObject("timeToFirstTokenFromSending"), streams.timeToFirstTokenFromSending());
    distribution(node.putObject("timePerOutputToken"), streams.timePerOutputToken());
    distribution(node.putObject("gapsBetweenParts"), streams.gapsBetweenParts());
    node.put("tokens", streams.tokens());
    LoadJson.number(node, "tokensPerSecond", streams.tokensPerSecond());
  }

  private static void batch(ObjectNode to, BatchThroughput batch) {
    to.put("samplesPerRequest", batch.batch());
    LoadJson.number(to, "requestsPerSecond", batch.requestsPerSecond());
    LoadJson.number(to, "samplesPerSecond", batch.samplesPerSecond());
    LoadJson.ratio(to, "overFirstRatio", batch.overFirst());
    distribution(to.putObject("latency"), batch.latency());
  }

  private static void startup(ObjectNode to, Startup startup) {
    LoadJson.number(
        to,
        "openingMillis",
        startup.opening().map(o -> o.toNanos() / NANOS_PER_MILLI).orElse(Double.NaN));
    to.put("firstRequestMillis", startup.firstRequest().toNanos() / NANOS_PER_MILLI);
    LoadMachineJson.memory(to.putObject("memory"), startup.memory());
  }

  private static void energy(ObjectNode to, VariantFigures figures) {
    if (figures.energy().isEmpty()) {
      to.putNull("energy");
      return;
    }
    EnergyReading energy = figures.energy().get();
    ObjectNode node = to.putObject("energy");
    optional(node, "joules", energy.joules());
    node.put("seconds", energy.seconds());
    optional(node, "watts", energy.watts());
    node.put("requests", figures.energyRequests());
    optional(node, "joulesPerRequest", figures.joulesPerRequest());
    ArrayNode parts = node.putArray("parts");
    for (EnergyReading.Part part : energy.parts()) {
      ObjectNode entry = parts.addObject();
      entry.put("covers", part.covers());
      entry.put("method", part.method());
      LoadJson.number(entry, "joules", part.joules());
    }
    ArrayNode unavailable = node.putArray("unavailable");
    energy.unavailable().forEach(unavailable::add);
  }

  private static void cost(ObjectNode to, StudyFacts facts, StudyFacts.Measured variant) {
    Cost cost = variant.figures().cost();
    ObjectNode node = to.putObject("cost");
    node.put("currency", cost.currency());
    node.put("currencyPerPaidHour", cost.perPaidHour());
    node.put("utilisation", cost.utilisation());
    node.put("currencyPerServingHour", cost.perHour());
    LoadJson.estimate(node, "rateWithinLimit", "PerSecond", facts.rate(variant.place()));
    LoadJson.estimate(
        node,
        "machineHoursPerMillionRequests",
        "Hours",
        facts.rate(variant.place()).map(Cost::hoursPerMillion));
    LoadJson.estimate(
        node, "costPerMillionRequests", "Currency", facts.perMillion(variant.place()));
  }

  private static void tokens(ObjectNode to, Optional<UsefulTokens> tokens) {
    if (tokens.isEmpty()) {
      to.putNull("usefulTokens");
      return;
    }
    to.putObject("usefulTokens")
        .put("useful", tokens.get().useful())
        .put("computed", tokens.get().computed())
        .put("usefulShare", tokens.get().ratio());
  }

  private static void roofline(ObjectNode to, Optional<RooflineShare> share) {
    if (share.isEmpty()) {
      to.putNull("rooflineShare");
      return;
    }
    ObjectNode node = to.putObject("rooflineShare");
    node.put("ofComputeShare", share.get().ofCompute());
    node.put("ofBandwidthShare", share.get().ofBandwidth());
    node.put("binding", share.get().binding().name());
    LoadMachineJson.roof(node.putObject("roof"), share.get().roof());
  }

  private static void optional(ObjectNode to, String key, OptionalDouble value) {
    LoadJson.number(to, key, value.orElse(Double.NaN));
  }
}
