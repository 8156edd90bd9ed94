package io.inferc.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.runtime.KernelInfo;

/** The section on kernels of the report for programs. */
final class FusionJson {
  private FusionJson() {}

  static void write(ObjectNode to, FusionReport report) {
    to.put("nodes", report.nodes());
    ObjectNode precisions = to.putObject("kernelsByPrecision");
    report.kernelsByPrecision().forEach(precisions::put);
    ObjectNode types = to.putObject("kernelsByType");
    report.kernelsByType().forEach(types::put);
    if (report.timeMillis() > 0) {
      to.put("millis", report.timeMillis());
      ObjectNode times = to.putObject("millisByType");
      report.timeByType().forEach(times::put);
    }
    ArrayNode withoutKernel = to.putArray("nodesWithoutKernel");
    report.withoutKernel().forEach(withoutKernel::add);
    ArrayNode layers = to.putArray("layers");
    for (LayerPrecision l : report.layers()) {
      ObjectNode entry = layers.addObject();
      entry.put("node", l.node());
      entry.put("operator", l.operator());
      entry.put("asked", l.asked());
      l.got().forEach(entry.putArray("got")::add);
      l.kernels().forEach(entry.putArray("kernels")::add);
      entry.put("asAsked", l.isAsAsked());
    }
    ArrayNode unfused = to.putArray("unfusedQuantization");
    for (UnfusedQuantization u : report.unfused()) {
      ObjectNode entry = unfused.addObject();
      entry.put("node", u.node());
      entry.put("operator", u.operator());
      entry.put("tensor", u.tensor());
      entry.put("neighbour", u.neighbour());
      entry.put("reason", u.reason().name());
      entry.put("expected", u.reason().expected());
      entry.put("explanation", u.explanation());
      entry.put("remedy", u.reason().remedy());
    }
    ArrayNode blockers = to.putArray("blockers");
    for (FusionBlocker b : report.blockers()) {
      ObjectNode entry = blockers.addObject();
      entry.put("pattern", b.pattern().name());
      ArrayNode nodes = entry.putArray("nodes");
      b.nodes().forEach(nodes::add);
      entry.put("why", b.why());
      entry.put("remedy", b.remedy());
    }
    ArrayNode kernels = to.putArray("kernels");
    for (KernelInfo k : report.kernels()) {
      ObjectNode entry = kernels.addObject();
      entry.put("name", k.name());
      entry.put("type", k.type());
      k.precision().ifPresent(p -> entry.put("precision", p));
      ArrayNode nodes = entry.putArray("nodes");
      k.nodes().forEach(nodes::add);
      k.timeMillis().ifPresent(t -> entry.put("millis", t));
    }
  }
}
