package io.inferc.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.LatencySummary;
import io.inferc.benchmark.Measurement;
import io.inferc.benchmark.RatioInterval;
import io.inferc.onnx.ModelSummary;
import java.io.UncheckedIOException;

/** The report for programs. */
final class JsonDocument {
  private static final int FORMAT = 1;

  private JsonDocument() {}

  static String of(OptimizationReport report) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.put("title", report.title());
    root.put("created", report.created().toString());
    root.put("version", report.version());
    report.command().ifPresent(c -> root.put("command", c));
    report.compiledWeightBytes().ifPresent(b -> root.put("compiledWeightBytes", b));
    ObjectNode facts = root.putObject("facts");
    report.facts().forEach(facts::put);
    report.summary().ifPresent(s -> summary(root.putObject("model"), s));
    report.accuracy().ifPresent(a -> accuracy(root.putObject("accuracy"), a));
    report.layerDiff().ifPresent(d -> LayersJson.write(root.putObject("layerDiff"), d));
    report.precision().ifPresent(p -> LayersJson.write(root.putArray("precision"), p));
    report.compilation().ifPresent(c -> CompilationJson.write(root.putObject("compilation"), c));
    report.search().ifPresent(s -> LayersJson.write(root.putObject("search"), s));
    report.fusion().ifPresent(f -> FusionJson.write(root.putObject("fusion"), f));
    ArrayNode benchmarks = root.putArray("benchmarks");
    report.benchmarks().forEach(b -> benchmark(benchmarks.addObject(), b));
    ArrayNode warnings = root.putArray("warnings");
    report.warnings().forEach(warnings::add);
    ArrayNode notes = root.putArray("notes");
    report.notes().forEach(notes::add);
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root)
          + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void summary(ObjectNode to, ModelSummary s) {
    to.put("name", s.name());
    to.put("producer", s.producer());
    to.put("irVersion", s.irVersion());
    ObjectNode opsets = to.putObject("opsets");
    s.opsets().forEach((domain, v) -> opsets.put(domain.isEmpty() ? "ai.onnx" : domain, v));
    ArrayNode inputs = to.putArray("inputs");
    s.inputs().forEach(i -> inputs.add(i.toString()));
    ArrayNode outputs = to.putArray("outputs");
    s.outputs().forEach(o -> outputs.add(o.toString()));
    to.put("nodes", s.nodes());
    to.put("parameters", s.parameters());
    to.put("weightBytes", s.weightBytes());
    ObjectNode operators = to.putObject("operators");
    s.operators().forEach(o -> operators.put(o.operator(), o.count()));
  }

  private static void accuracy(ObjectNode to, AccuracyReport a) {
    to.put("original", a.original());
    to.put("compiled", a.compiled());
    to.put("tolerance", a.tolerance().name());
    ObjectNode limits = to.putObject("limits");
    a.tolerance().limits().forEach((m, v) -> number(limits, m.name(), v));
    to.put("passed", a.passed());
    ArrayNode violations = to.putArray("violations");
    a.violations().forEach(violations::add);
    ArrayNode outputs = to.putArray("outputs");
    for (OutputAccuracy o : a.outputs()) {
      ObjectNode node = outputs.addObject();
      node.put("output", o.output());
      node.put("samples", o.samples());
      node.put("elements", o.elements());
      ObjectNode metrics = node.putObject("metrics");
      o.metrics().forEach((m, v) -> number(metrics, m.name(), v));
      ObjectNode kept = node.putObject("limits");
      o.limits().forEach((m, v) -> number(kept, m.name(), v));
      ObjectNode worst = node.putObject("worstSamples");
      o.worst()
          .forEach(
              (m, w) -> {
                ObjectNode entry = worst.putObject(m.name());
                entry.put("sample", w.sample());
                number(entry, "value", w.value());
              });
      node.put("originalNan", o.originalNotFinite().nan());
      node.put("originalInfinite", o.originalNotFinite().infinite());
      node.put("compiledNan", o.compiledNotFinite().nan());
      node.put("compiledInfinite", o.compiledNotFinite().infinite());
      node.put("strayed", o.strayed());
      node.put("otherShapes", o.otherShapes());
    }
  }

  private static void benchmark(ObjectNode to, BenchmarkComparison b) {
    to.put("workload", b.workload());
    to.put("load", b.options().load().toString());
    to.put("rounds", b.options().rounds());
    to.put("roundMillis", b.options().round().toMillis());
    to.put("warmUpMillis", b.options().warmUp().toMillis());
    to.put("seed", b.options().seed());
    ObjectNode environment = to.putObject("environment");
    environment.put("cpu", b.environment().cpu());
    environment.put("processors", b.environment().processors());
    environment.put("os", b.environment().os());
    environment.put("jvm", b.environment().jvm());
    measurement(to.putObject("original"), b.original());
    measurement(to.putObject("compiled"), b.compiled());
    ratio(to.putObject("latencyRatio"), b.latencyRatio());
    ratio(to.putObject("throughputRatio"), b.throughputRatio());
    b.memory().peakResident().ifPresent(v -> to.put("peakResidentBytes", v));
    b.memory().residentBefore().ifPresent(v -> to.put("residentBeforeBytes", v));
    b.memory().residentAfter().ifPresent(v -> to.put("residentAfterBytes", v));
  }

  private static void measurement(ObjectNode to, Measurement m) {
    to.put("model", m.model());
    latency(to.putObject("latencyMillis"), m.latency());
    to.put("runsPerSecond", m.throughput());
    ArrayNode rounds = to.putArray("rounds");
    for (Measurement.Round r : m.rounds()) {
      ObjectNode round = rounds.addObject();
      latency(round, r.latency());
      round.put("runsPerSecond", r.throughput());
    }
  }

  private static void latency(ObjectNode to, LatencySummary l) {
    to.put("count", l.count());
    to.put("mean", l.mean());
    to.put("p50", l.p50());
    to.put("p95", l.p95());
    to.put("p99", l.p99());
    to.put("max", l.max());
  }

  private static void ratio(ObjectNode to, RatioInterval r) {
    to.put("ratio", r.ratio());
    to.put("low95", r.low());
    to.put("high95", r.high());
  }

  /** JSON has no infinity and no NaN. */
  static void number(ObjectNode to, String key, double value) {
    if (Double.isFinite(value)) {
      to.put(key, value);
    } else {
      to.put(key, Double.toString(value));
    }
  }
}
