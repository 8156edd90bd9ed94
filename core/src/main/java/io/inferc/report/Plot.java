package io.inferc.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.li;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import j2html.tags.specialized.FigureTag;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines, bands and marks between two axes, as an SVG that fits a phone as well as paper. What is
 * beyond an axis is drawn at its end.
 */
final class Plot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 340;
  private static final int LEFT = 78;
  private static final int RIGHT = 40;
  private static final int TOP = 34;
  private static final int BOTTOM = 70;
  private static final int LINE = 26;
  private static final double APART = 46;

  private final String id;
  private final String title;
  private final String description;
  private final Axis x;
  private final Axis y;
  private final List<SvgTag> under = new ArrayList<>();
  private final List<SvgTag> drawn = new ArrayList<>();

  /**
   * Starts a plot.
   *
   * @param id that no other plot of the page has
   * @param title what is plotted, for those who hear the page
   * @param description what can be seen, for them
   */
  Plot(String id, String title, String description, Axis x, Axis y) {
    this.id = id;
    this.title = title;
    this.description = description;
    this.x = x;
    this.y = y;
  }

  /** A value of each axis. */
  record Value(double x, double y) {}

  /** Draws a line through the values, which breaks where one is not finite. */
  void line(Series series, List<Value> values, double width) {
    List<Value> joined = new ArrayList<>();
    for (Value value : values) {
      if (Double.isFinite(value.y())) {
        joined.add(value);
      } else {
        segment(series, joined, width);
        joined.clear();
      }
    }
    segment(series, joined, width);
  }

  private void segment(Series series, List<Value> values, double width) {
    if (values.size() > 1) {
      drawn.add(series.line(points(values), width));
    }
  }

  /** Fills what is between two lines of as many values. */
  void band(Series series, List<Value> lower, List<Value> upper) {
    List<SvgTag.Point> around = new ArrayList<>();
    lower.forEach(v -> around.add(new SvgTag.Point(x(v.x()), y(v.y()))));
    for (int i = upper.size() - 1; i >= 0; i--) {
      around.add(new SvgTag.Point(x(upper.get(i).x()), y(upper.get(i).y())));
    }
    if (lower.size() > 1) {
      under.add(
          new SvgTag("polygon")
              .attr("fill", series.colour())
              .attr("fill-opacity", "0.16")
              .through(around));
    }
  }

  /** Draws the series' mark at a value; a cross at the upper edge if that is beyond. */
  void mark(Series series, Value value, boolean isFull) {
    drawn.add(
        value.y() > y.to()
            ? series.cross(x(value.x()), TOP)
            : series.mark(x(value.x()), y(value.y()), isFull));
  }

  /** Draws a line across at a value of the second axis. */
  void level(double value, String words) {
    drawn.add(
        SvgTag.line(new SvgTag.Point(LEFT, y(value)), new SvgTag.Point(WIDTH - RIGHT, y(value)))
            .attr("stroke", Palette.BAD.css())
            .attr("stroke-width", "1.5"));
    drawn.add(SvgTag.label(WIDTH - RIGHT, y(value) - 6, words).attr("text-anchor", "end"));
  }

  /** Draws a line upwards at a value of the first axis, and a band around it. */
  void upright(Series series, double value, double low, double high) {
    double left = x(low);
    under.add(
        new SvgTag("rect")
            .at("x", left)
            .at("y", TOP)
            .at("width", Math.max(0, x(high) - left))
            .at("height", (double) HEIGHT - TOP - BOTTOM)
            .attr("fill", series.colour())
            .attr("fill-opacity", "0.16"));
    under.add(
        series.line(
            List.of(new SvgTag.Point(x(value), TOP), new SvgTag.Point(x(value), HEIGHT - BOTTOM)),
            1.5));
  }

  /** The plot with a legend and a caption. */
  FigureTag tag(List<Series> legend, String caption) {
    SvgTag svg =
        new SvgTag("svg")
            .withClass("plot fit")
            .attr("viewBox", "0 0 " + WIDTH + " " + HEIGHT)
            .attr("role", "img")
            .attr("aria-labelledby", id + "-title " + id + "-desc")
            .with(
                new SvgTag("title").withId(id + "-title").with(text(title)),
                new SvgTag("desc").withId(id + "-desc").with(text(description)));
    axes(svg);
    under.forEach(svg::with);
    drawn.forEach(svg::with);
    return figure(
        ul(each(legend, s -> li(s.sample(), text(s.name())))).withClass("legend"),
        svg,
        figcaption(caption));
  }

  private void axes(SvgTag svg) {
    int bottom = HEIGHT - BOTTOM;
    for (Axis.Tick tick : y.ticks()) {
      svg.with(
          SvgTag.line(
                  new SvgTag.Point(LEFT, y(tick.value())),
                  new SvgTag.Point(WIDTH - RIGHT, y(tick.value())))
              .attr("stroke", Palette.LINE.css()),
          SvgTag.label(LEFT - 8, y(tick.value()) + 5, tick.name()).attr("text-anchor", "end"));
    }
    double last = Double.NEGATIVE_INFINITY;
    for (Axis.Tick tick : x.ticks()) {
      double at = x(tick.value());
      svg.with(
          SvgTag.line(new SvgTag.Point(at, bottom), new SvgTag.Point(at, bottom + 5))
              .attr("stroke", Palette.DIM.css()));
      if (at - last >= APART) {
        svg.with(SvgTag.label(at, bottom + LINE, tick.name()).attr("text-anchor", "middle"));
        last = at;
      }
    }
    svg.with(
        SvgTag.line(new SvgTag.Point(LEFT, bottom), new SvgTag.Point(WIDTH - RIGHT, bottom))
            .attr("stroke", Palette.DIM.css()),
        SvgTag.label(WIDTH - RIGHT, HEIGHT - 14, x.label()).attr("text-anchor", "end"),
        SvgTag.label(4, TOP - 16, y.label()));
  }

  private List<SvgTag.Point> points(List<Value> values) {
    return values.stream()
        .filter(v -> Double.isFinite(v.y()))
        .map(v -> new SvgTag.Point(x(v.x()), y(v.y())))
        .toList();
  }

  private double x(double value) {
    return LEFT + clamped(x.share(value)) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - clamped(y.share(value)) * (HEIGHT - TOP - BOTTOM);
  }

  private static double clamped(double share) {
    return Math.max(0, Math.min(1, share));
  }
}
