package io.inferc.report;

import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.Measurement;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The median latency of every round as an SVG: how steady the machine was while measuring. The
 * original is a dashed line through rings, the compiled model a full one through squares, and each
 * has its name at its end, so that nobody needs the colours.
 */
final class LatencyPlot {
  private static final int WIDTH = 880;
  private static final int HEIGHT = 220;
  private static final int LEFT = 80;
  private static final int RIGHT = 90;
  private static final int BOTTOM = 30;
  private static final int TOP = 12;
  private static final int MARK = 4;
  private static final int APART = 16;

  private LatencyPlot() {}

  static ContainerTag<?> of(BenchmarkComparison b) {
    double top = 1.1 * Math.max(highest(b.original()), highest(b.compiled()));
    SvgTag svg =
        new SvgTag("svg")
            .withClass("plot")
            .attr("viewBox", "0 0 " + WIDTH + " " + HEIGHT)
            .attr("role", "img")
            .attr("aria-label", "median latency of each round, original and compiled");
    for (int i = 0; i <= 2; i++) {
      double value = top * i / 2;
      double y = y(value, top);
      svg.with(
          new SvgTag("line")
              .at("x1", LEFT)
              .at("y1", y)
              .at("x2", WIDTH - RIGHT)
              .at("y2", y)
              .attr("stroke", Palette.LINE.css()),
          // Beyond three digits the general format would turn to exponents.
          SvgTag.label(
                  LEFT - 8,
                  y + 4,
                  String.format(Locale.ROOT, top < 1000 ? "%.3g ms" : "%.0f ms", value))
              .attr("text-anchor", "end"));
    }
    List<SvgTag.Point> original = points(b.original(), top);
    List<SvgTag.Point> compiled = points(b.compiled(), top);
    line(svg, original, Palette.ORIGINAL).attr("stroke-dasharray", "7 5");
    original.forEach(
        p ->
            svg.with(
                new SvgTag("circle")
                    .at("cx", p.x())
                    .at("cy", p.y())
                    .at("r", MARK)
                    .attr("fill", Palette.PAGE.css())
                    .attr("stroke-width", "2")
                    .attr("stroke", Palette.ORIGINAL.css())));
    line(svg, compiled, Palette.COMPILED);
    compiled.forEach(
        p ->
            svg.with(
                new SvgTag("rect")
                    .at("x", p.x() - MARK)
                    .at("y", p.y() - MARK)
                    .at("width", 2 * MARK)
                    .at("height", 2 * MARK)
                    .attr("fill", Palette.COMPILED.css())));
    names(svg, original, compiled);
    svg.with(
        SvgTag.label(
            LEFT, HEIGHT - 6, "median latency of each round, in the order they were measured"));
    return svg;
  }

  private static double highest(Measurement m) {
    return m.rounds().stream().mapToDouble(r -> r.latency().p50()).max().orElse(0);
  }

  private static List<SvgTag.Point> points(Measurement m, double top) {
    List<SvgTag.Point> points = new ArrayList<>();
    int n = m.rounds().size();
    for (int i = 0; i < n; i++) {
      points.add(
          new SvgTag.Point(
              LEFT + (WIDTH - LEFT - RIGHT) * (i + 0.5) / n,
              y(m.rounds().get(i).latency().p50(), top)));
    }
    return points;
  }

  private static SvgTag line(SvgTag svg, List<SvgTag.Point> points, Palette colour) {
    SvgTag line =
        new SvgTag("polyline")
            .attr("fill", "none")
            .attr("stroke-width", "2")
            .attr("stroke", colour.css())
            .through(points);
    svg.with(line);
    return line;
  }

  /** Writes each name at the end of its line, apart from the other. */
  private static void names(SvgTag svg, List<SvgTag.Point> original, List<SvgTag.Point> compiled) {
    if (original.isEmpty() || compiled.isEmpty()) {
      return;
    }
    double one = original.get(original.size() - 1).y();
    double two = compiled.get(compiled.size() - 1).y();
    double push = Math.max(0, (APART - Math.abs(one - two)) / 2);
    double up = one <= two ? -push : push;
    svg.with(
        SvgTag.label(WIDTH - RIGHT + 8, one + up + 4, "original"),
        SvgTag.label(WIDTH - RIGHT + 8, two - up + 4, "compiled"));
  }

  private static double y(double value, double top) {
    double span = HEIGHT - BOTTOM - TOP;
    return top == 0 ? HEIGHT - BOTTOM : TOP + span * (1 - value / top);
  }
}
