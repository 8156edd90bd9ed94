package io.inferc.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.Inferc;
import io.inferc.benchmark.BudgetFigures;
import io.inferc.benchmark.BudgetSentences;
import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.LoadLimit;
import io.inferc.benchmark.load.LoadLimits;
import io.inferc.benchmark.load.LoadSettings;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.study.GateResult;
import io.inferc.benchmark.study.StudyResult;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The report for programs, as {@code load-report.schema.json} describes it. */
final class LoadJson {
  /** The schema's identifier, which changes with each change that a reader would notice. */
  static final String SCHEMA = "urn:inferc:load-report:1";

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private LoadJson() {}

  static String of(StudyFacts facts) {
    ObjectMapper mapper = new ObjectMapper();
    StudyResult result = facts.result();
    ObjectNode root = mapper.createObjectNode();
    root.put("schema", SCHEMA);
    root.put("title", result.title());
    root.put("version", Inferc.version());
    root.put("startedAt", result.startedAt().toString());
    root.put("tookSeconds", result.took().toNanos() / NANOS_PER_SECOND);
    root.put("isVoid", facts.isVoid());
    ArrayNode reasons = root.putArray("voidReasons");
    facts.voidReasons().forEach(reasons::add);
    ArrayNode missing = root.putArray("missing");
    result.missing().forEach(missing::add);
    root.put("passes", result.passes());
    ArrayNode gates = root.putArray("gates");
    result.gates().forEach(gate -> gate(gates.addObject(), gate));
    settings(root.putObject("settings"), facts);
    ArrayNode variants = root.putArray("variants");
    facts.variants().forEach(v -> LoadVariantJson.write(variants.addObject(), facts, v));
    ArrayNode comparisons = root.putArray("comparisons");
    facts.candidates().forEach(c -> comparison(comparisons.addObject(), facts, c));
    if (result.limits().isPresent()) {
      limits(root.putObject("limits"), facts, result.limits().get());
    } else {
      root.putNull("limits");
    }
    if (facts.again().isPresent()) {
      noise(root.putObject("noise"), facts, facts.again().get());
    } else {
      root.putNull("noise");
    }
    if (result.interaction().isPresent()) {
      interaction(root.putObject("interaction"), result.interaction().get());
    } else {
      root.putNull("interaction");
    }
    if (result.processes().isPresent()) {
      processes(root.putObject("processes"), facts, result.processes().get());
    } else {
      root.putNull("processes");
    }
    LoadMachineJson.roofline(root, result.roofline());
    LoadMachineJson.environment(root.putObject("environment"), result.environment());
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root)
          + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void processes(ObjectNode to, StudyFacts facts, ProcessRounds made) {
    to.put("count", made.processes().size());
    ArrayNode ratios = to.putArray("p95Ratios");
    for (StudyFacts.Measured candidate : facts.candidates()) {
      ObjectNode each = ratios.addObject();
      each.put("candidate", candidate.name());
      ratio(each, "ratio", facts.inProcesses(candidate.place()));
    }
  }

  private static void gate(ObjectNode to, GateResult gate) {
    to.put("gate", gate.gate());
    to.put("variant", gate.variant());
    to.put("verdict", gate.verdict().name());
    to.put("explanation", gate.explanation());
  }

  private static void settings(ObjectNode to, StudyFacts facts) {
    LoadSettings settings = facts.result().rounds().settings();
    to.put("load", settings.load().toString());
    to.put("seed", settings.seed());
    to.put("durationSeconds", settings.duration().toNanos() / NANOS_PER_SECOND);
    to.put("warmUpSeconds", settings.warmUp().toNanos() / NANOS_PER_SECOND);
    to.put("untilSteady", settings.untilSteady());
    to.put("drainLimitSeconds", settings.drainLimit().toNanos() / NANOS_PER_SECOND);
    to.put("turns", facts.result().rounds().rounds().size());
    to.put("workers", settings.workers());
    to.put("lagShare", settings.lagShare());
    number(
        to,
        "latencyLimitMillis",
        settings.latencyLimit().map(l -> l.toNanos() / NANOS_PER_MILLI).orElse(Double.NaN));
  }

  private static void comparison(ObjectNode to, StudyFacts facts, StudyFacts.Measured candidate) {
    int place = candidate.place();
    to.put("candidate", candidate.name());
    Optional<BudgetFigures> figures = facts.result().figures(place);
    if (figures.isPresent()) {
      ArrayNode sentences = to.putArray("sentences");
      BudgetSentences.of(figures.get()).all().forEach(sentences::add);
    } else {
      to.putNull("sentences");
    }
    ratio(
        to,
        "throughputWithinLimitRatio",
        facts.result().limits().flatMap(limits -> limits.ratio(0, place)));
    ratio(to, "costRatio", figures.map(BudgetFigures::costRatio));
    differences(to, facts, place);
  }

  /** What a subject does against the baseline at equal load. */
  private static void differences(ObjectNode to, StudyFacts facts, int subject) {
    difference(to, "p50LatencyRatio", facts.result().latency(subject, StudyFacts.MEDIAN));
    difference(to, "p95LatencyRatio", facts.result().latency(subject, StudyFacts.P95));
    difference(to, "p99LatencyRatio", facts.result().latency(subject, StudyFacts.P99));
    difference(to, "meanLatencyRatio", facts.meanLatency(subject));
    difference(to, "throughputRatio", facts.throughput(subject));
  }

  private static void noise(ObjectNode to, StudyFacts facts, int again) {
    to.put("meaning", LoadTrustHtml.meaning(facts.result().latency(again, StudyFacts.P95)));
    differences(to, facts, again);
  }

  private static void interaction(ObjectNode to, Interaction found) {
    to.put("verdict", found.verdict().name());
    to.put("sentence", found.toString());
    ratio(to, "firstRatio", Optional.of(found.first()));
    ratio(to, "secondRatio", Optional.of(found.second()));
    ratio(to, "bothRatio", Optional.of(found.both()));
    ratio(to, "interactionRatio", Optional.of(found.interaction()));
  }

  private static void limits(ObjectNode to, StudyFacts facts, LoadLimits limits) {
    to.put("condition", limits.condition());
    to.put("percentile", limits.percentile());
    to.put("limitMillis", limits.limit().toNanos() / NANOS_PER_MILLI);
    to.put("seed", limits.seed());
    to.put("searches", limits.rounds().size());
    ArrayNode curves = to.putArray("curves");
    for (StudyFacts.Measured variant : facts.variants()) {
      ObjectNode curve = curves.addObject();
      curve.put("variant", variant.name());
      curve.put("reason", limits.reason(variant.place()).orElse(null));
      ArrayNode probes = curve.putArray("probes");
      for (LoadLimit.Probe probe : limits.curve(variant.place())) {
        ObjectNode run = probes.addObject();
        run.put("ratePerSecond", probe.rate());
        number(
            run,
            "achievedMillis",
            LoadLimitHtml.achieved(probe, limits.percentile()).orElse(Double.NaN));
        number(run, "boundMillis", probe.bound().map(b -> b.bound()).orElse(Double.NaN));
        run.put("verdict", probe.verdict().name());
      }
    }
  }

  private static void difference(ObjectNode to, String key, Optional<Difference> found) {
    if (found.isEmpty()) {
      to.putNull(key);
      return;
    }
    Difference difference = found.get();
    ObjectNode node = to.putObject(key);
    ratio(node, difference.ratio());
    node.put("verdict", difference.verdict().name());
    number(node, "pValue", difference.ranks().pValue());
    node.put("pairs", difference.pairs());
  }

  static void ratio(ObjectNode to, String key, Optional<RatioEstimate> ratio) {
    if (ratio.isPresent()) {
      ratio(to.putObject(key), ratio.get());
    } else {
      to.putNull(key);
    }
  }

  private static void ratio(ObjectNode to, RatioEstimate ratio) {
    number(to, "ratio", ratio.ratio());
    number(to, "lowRatio", ratio.low());
    number(to, "highRatio", ratio.high());
    to.put("confidence", ratio.confidence());
  }

  /** An estimate, or null, whose fields all end in a unit. */
  static void estimate(ObjectNode to, String key, String unit, Optional<Estimate> estimate) {
    if (estimate.isEmpty()) {
      to.putNull(key);
      return;
    }
    ObjectNode node = to.putObject(key);
    number(node, "value" + unit, estimate.get().value());
    number(node, "low" + unit, estimate.get().low());
    number(node, "high" + unit, estimate.get().high());
    node.put("confidence", estimate.get().confidence());
  }

  /** A number, or null where it is none or infinite. */
  static void number(ObjectNode to, String key, double value) {
    if (Double.isFinite(value)) {
      to.put(key, value);
    } else {
      to.putNull(key);
    }
  }
}
