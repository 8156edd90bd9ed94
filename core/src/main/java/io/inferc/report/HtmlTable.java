package io.inferc.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.TagCreator;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.TdTag;
import j2html.tags.specialized.ThTag;
import j2html.tags.specialized.TrTag;
import java.util.ArrayList;
import java.util.List;

/** A table that scrolls by itself where it is wider than the screen. */
final class HtmlTable {
  private final String label;
  private final List<ThTag> heads = new ArrayList<>();
  private final List<TrTag> rows = new ArrayList<>();

  /**
   * Starts a table.
   *
   * @param label what it is about, for those who hear the page
   */
  HtmlTable(String label) {
    this.label = label;
  }

  /** Adds a column of text. */
  HtmlTable text(String head) {
    return head(TagCreator.text(head));
  }

  /** Adds a column of text under a head of several parts. */
  HtmlTable head(DomContent... parts) {
    heads.add(th(parts).attr("scope", "col"));
    return this;
  }

  /** Adds a column of numbers. */
  HtmlTable number(String head) {
    heads.add(th(head).withClass("n").attr("scope", "col"));
    return this;
  }

  /** Adds a column of numbers under a name, which may be long and break anywhere. */
  HtmlTable named(String name) {
    heads.add(th(name).withClass("n named").attr("scope", "col"));
    return this;
  }

  /** Adds a row with as many cells as there are columns. */
  HtmlTable row(DomContent... cells) {
    rows.add(tr(cells));
    return this;
  }

  /** Adds a row of a label and a value, for tables without heads. */
  HtmlTable fact(String name, DomContent... value) {
    return row(th(name).attr("scope", "row"), td(value));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  DivTag tag() {
    DivTag scroll =
        div()
            .withClass("scroll")
            .attr("role", "region")
            .attr("aria-label", label)
            .attr("tabindex", "0");
    return scroll.with(
        heads.isEmpty()
            ? table(tbody(rows.toArray(TrTag[]::new)))
            : table(thead(tr(heads.toArray(ThTag[]::new))), tbody(rows.toArray(TrTag[]::new))));
  }

  static TdTag cell(String words) {
    return td(words);
  }

  /** A cell of a word or two that stay on one line. */
  static TdTag word(String word) {
    return td(word).withClass("short");
  }

  /** A cell of sentences. */
  static TdTag why(DomContent... parts) {
    return td(parts).withClass("why");
  }

  /** A number with what bounds it, and more if need be, below. */
  static TdTag figure(String number, String... below) {
    return td(
            TagCreator.text(number),
            TagCreator.each(List.of(below), line -> TagCreator.span(line).withClass("interval")))
        .withClass("n");
  }

  /** A cell of names, which may be long and break anywhere. */
  static TdTag names(String names) {
    return td(names).withClass("names");
  }
}
