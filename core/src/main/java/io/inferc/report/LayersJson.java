package io.inferc.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.LayerDrift;
import io.inferc.search.LayerCost;
import io.inferc.search.SearchResult;
import io.inferc.search.SearchStep;

/** The sections on single layers of the report for programs. */
final class LayersJson {
  private LayersJson() {}

  static void write(ArrayNode to, PrecisionReport report) {
    for (PrecisionReport.Layer l : report.layers()) {
      ObjectNode entry = to.addObject();
      entry.put("node", l.node());
      entry.put("operator", l.opType());
      entry.put("precision", l.precision().name());
      entry.put("reason", l.reason());
    }
  }

  static void write(ObjectNode to, SearchResult search) {
    to.put("verdict", search.verdict());
    to.put("asGiven", search.asGiven());
    to.put("trials", search.trials());
    to.put("complete", search.complete());
    ArrayNode steps = to.putArray("steps");
    for (SearchStep s : search.steps()) {
      steps
          .addObject()
          .put("seconds", s.seconds())
          .put("what", s.what())
          .put("speedup", s.speedup());
    }
    ArrayNode layers = to.putArray("layers");
    for (LayerCost l : search.layers()) {
      ObjectNode entry = layers.addObject();
      entry.put("node", l.node());
      entry.put("operator", l.opType());
      entry.put("precision", l.precision().name());
      JsonDocument.number(entry, "sqnrDb", l.sqnrDb());
      JsonDocument.number(entry, "meanCosine", l.cosine());
      l.gainMillis().ifPresent(g -> entry.put("gainMillis", g));
      entry.put("chosen", l.chosen());
    }
  }

  static void write(ObjectNode to, LayerDiffReport diff) {
    JsonDocument.number(to, "minSqnrDb", diff.minSqnrDb());
    JsonDocument.number(to, "minMeanCosine", diff.minCosine());
    to.put("samples", diff.samples());
    diff.firstDrift().ifPresent(d -> to.put("firstDrift", d.node()));
    ArrayNode layers = to.putArray("layers");
    for (LayerDrift d : diff.layers()) {
      ObjectNode entry = layers.addObject();
      entry.put("node", d.node());
      entry.put("operator", d.operator());
      entry.put("tensor", d.tensor());
      JsonDocument.number(entry, "sqnrDb", d.sqnrDb());
      JsonDocument.number(entry, "meanCosine", d.meanCosine());
      JsonDocument.number(entry, "lossDb", d.lossDb());
    }
  }
}
