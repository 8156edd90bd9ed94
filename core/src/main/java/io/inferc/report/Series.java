package io.inferc.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How one of several things is drawn: by a colour, dashes and a mark of its own, so that nobody
 * needs the colours.
 *
 * @param place from 0 on; the first is the baseline
 * @param name what it is called, from outside
 */
record Series(int place, String name) {
  private static final List<Palette> COLOURS =
      List.of(Palette.ORIGINAL, Palette.COMPILED, Palette.THIRD, Palette.FOURTH, Palette.FIFTH);
  private static final List<String> DASHES = List.of("7 5", "none", "2 4", "12 4 2 4");
  private static final double HALF = 4.5;
  private static final int WIDTH = 44;
  private static final int HEIGHT = 14;

  String colour() {
    return COLOURS.get(place % COLOURS.size()).css();
  }

  /** A line in its colour and dashes. */
  SvgTag line(List<SvgTag.Point> points, double width) {
    return new SvgTag("polyline")
        .attr("fill", "none")
        .at("stroke-width", width)
        .attr("stroke", colour())
        .attr("stroke-dasharray", DASHES.get(place % DASHES.size()))
        .through(points);
  }

  /** Its mark, full or only drawn around. */
  SvgTag mark(double x, double y, boolean isFull) {
    SvgTag mark =
        switch (place % DASHES.size()) {
          case 0 -> new SvgTag("circle").at("cx", x).at("cy", y).at("r", HALF);
          case 1 ->
              new SvgTag("rect")
                  .at("x", x - HALF)
                  .at("y", y - HALF)
                  .at("width", 2 * HALF)
                  .at("height", 2 * HALF);
          case 2 -> polygon(x, y, 0, -1.3, 1.3, 0, 0, 1.3, -1.3, 0);
          default -> polygon(x, y, 0, -1.2, 1.2, 1, -1.2, 1);
        };
    return mark.attr("fill", isFull ? colour() : Palette.PAGE.css())
        .attr("stroke", colour())
        .attr("stroke-width", "1.5");
  }

  /** A cross in its colour, for what is not where it is drawn. */
  SvgTag cross(double x, double y) {
    return new SvgTag("path")
        .attr("stroke", colour())
        .attr("stroke-width", "2")
        .attr("d", String.format(Locale.ROOT, "M%.1f %.1fl9 9m0 -9l-9 9", x - HALF, y - HALF));
  }

  /** The sample of a legend. */
  SvgTag sample() {
    return new SvgTag("svg")
        .attr("viewBox", "0 0 " + WIDTH + " " + HEIGHT)
        .attr("aria-hidden", "true")
        .with(
            line(
                List.of(new SvgTag.Point(0, HEIGHT / 2.0), new SvgTag.Point(WIDTH, HEIGHT / 2.0)),
                2),
            mark(WIDTH / 2.0, HEIGHT / 2.0, true));
  }

  private static SvgTag polygon(double x, double y, double... offsets) {
    List<SvgTag.Point> points = new ArrayList<>();
    for (int i = 0; i < offsets.length; i += 2) {
      points.add(new SvgTag.Point(x + HALF * offsets[i], y + HALF * offsets[i + 1]));
    }
    return new SvgTag("polygon").through(points);
  }
}
