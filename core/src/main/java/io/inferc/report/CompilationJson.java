package io.inferc.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.runtime.CompilationReport;

/** All ways to compile a model that were tried, as JSON. */
final class CompilationJson {
  private CompilationJson() {}

  static void write(ObjectNode to, CompilationReport report) {
    to.put("verdict", report.verdict());
    to.put("seconds", report.took().toMillis() / 1e3);
    to.put("complete", report.complete());
    ArrayNode notes = to.putArray("notes");
    report.notes().forEach(notes::add);
    ArrayNode candidates = to.putArray("candidates");
    for (CompilationReport.Candidate c : report.candidates()) {
      ObjectNode one = candidates.addObject();
      one.put("outcome", c.outcome().name());
      one.put("target", c.target().toString());
      one.put("precision", c.precision());
      c.gain().ifPresent(g -> gain(one.putObject("gain"), g));
      one.put("accuracy", c.accuracy());
      one.put("reason", c.reason());
    }
    ArrayNode regions = to.putArray("regions");
    for (CompilationReport.Region r : report.regions()) {
      ObjectNode one = regions.addObject();
      one.put("kind", r.name());
      ArrayNode layers = one.putArray("layers");
      r.layers().forEach(layers::add);
      gain(one.putObject("gain"), r.gain());
      one.put("kept", r.kept());
      one.put("reason", r.reason());
    }
  }

  private static void gain(ObjectNode to, CompilationReport.Gain gain) {
    to.put("ratio", gain.ratio());
    to.put("low", gain.low());
    to.put("high", gain.high());
  }
}
