package io.inferc.report;

import static j2html.TagCreator.br;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;

import io.inferc.onnx.ModelSummary;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is in the model. */
final class ModelHtml {
  private ModelHtml() {}

  static DomContent of(OptimizationReport report) {
    return report.summary().map(ModelHtml::of).orElseGet(() -> each());
  }

  private static DomContent of(ModelSummary s) {
    HtmlTable table = new HtmlTable("the model");
    table.fact("graph", text(s.name()));
    table.fact("producer", text(s.producer()));
    String opsets =
        s.opsets().entrySet().stream()
            .map(e -> (e.getKey().isEmpty() ? "ai.onnx" : e.getKey()) + " " + e.getValue())
            .sorted()
            .collect(Collectors.joining(", "));
    table.fact("format", text("IR " + s.irVersion() + ", opset " + opsets));
    table.fact("inputs", lines(s.inputs()));
    table.fact("outputs", lines(s.outputs()));
    table.fact(
        "size",
        text(
            String.format(
                Locale.ROOT,
                "%,d nodes, %,d parameters, %.1f MB of weights",
                s.nodes(),
                s.parameters(),
                s.weightBytes() / 1e6)));
    table.fact(
        "operators",
        text(
            s.operators().stream()
                .map(o -> o.operator() + "\u00a0" + o.count())
                .collect(Collectors.joining(", "))));
    return section(h2("Model, as it was imported"), table.tag());
  }

  private static DomContent lines(List<?> things) {
    return each(things, t -> each(text(String.valueOf(t)), br()));
  }
}
