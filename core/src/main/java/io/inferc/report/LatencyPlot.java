package io.inferc.report;

import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.Measurement;
import java.util.List;
import java.util.Locale;

/** The median latency of every round as an SVG: how steady the machine was while measuring. */
final class LatencyPlot {
  private static final int WIDTH = 880;
  private static final int HEIGHT = 180;
  private static final int LEFT = 60;
  private static final int BOTTOM = 24;
  private static final int TOP = 10;

  private LatencyPlot() {}

  static String of(BenchmarkComparison b) {
    double top = 0;
    for (Measurement m : List.of(b.original(), b.compiled())) {
      for (Measurement.Round r : m.rounds()) {
        top = Math.max(top, r.latency().p50());
      }
    }
    top *= 1.1;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"median latency of each round\">",
            WIDTH,
            HEIGHT));
    for (int i = 0; i <= 2; i++) {
      double y = y(top * i / 2, top);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"var(--line)\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s ms</text>",
              LEFT,
              y,
              WIDTH,
              y,
              LEFT - 6,
              y + 4,
              // Beyond three digits the general format would turn to exponents.
              String.format(Locale.ROOT, top < 1000 ? "%.3g" : "%.0f", top * i / 2)));
    }
    svg.append(line(b.original(), top, "var(--one)"));
    svg.append(line(b.compiled(), top, "var(--two)"));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\">median of each round: <tspan fill=\"var(--one)\">original"
                + "</tspan>, <tspan fill=\"var(--two)\">compiled</tspan></text></svg>",
            LEFT,
            HEIGHT - 6));
    return svg.toString();
  }

  private static String line(Measurement m, double top, String color) {
    StringBuilder points = new StringBuilder();
    int n = m.rounds().size();
    for (int i = 0; i < n; i++) {
      double x = LEFT + (WIDTH - LEFT - 10.0) * (i + 0.5) / n;
      points.append(
          String.format(Locale.ROOT, "%.1f,%.1f ", x, y(m.rounds().get(i).latency().p50(), top)));
    }
    return "<polyline fill=\"none\" stroke-width=\"2\" stroke=\""
        + color
        + "\" points=\""
        + points.toString().strip()
        + "\"/>";
  }

  private static double y(double value, double top) {
    double span = HEIGHT - BOTTOM - TOP;
    return top == 0 ? HEIGHT - BOTTOM : TOP + span * (1 - value / top);
  }
}
