package io.inferc.report;

import j2html.TagCreator;
import j2html.tags.ContainerTag;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An element of SVG. */
final class SvgTag extends ContainerTag<SvgTag> {
  SvgTag(String name) {
    super(name);
  }

  /** A point in the units of the drawing. */
  record Point(double x, double y) {}

  /** Words at a place. */
  static SvgTag label(double x, double y, String words) {
    return new SvgTag("text").at("x", x).at("y", y).with(TagCreator.text(words));
  }

  /** A straight line from one point to another. */
  static SvgTag line(Point from, Point to) {
    return new SvgTag("line")
        .at("x1", from.x())
        .at("y1", from.y())
        .at("x2", to.x())
        .at("y2", to.y());
  }

  /** Sets a number, to a tenth of a unit. */
  SvgTag at(String attribute, double value) {
    return attr(attribute, number(value));
  }

  /** Sets the points of a polyline or polygon. */
  SvgTag through(List<Point> points) {
    return attr(
        "points",
        points.stream()
            .map(p -> number(p.x()) + "," + number(p.y()))
            .collect(Collectors.joining(" ")));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
