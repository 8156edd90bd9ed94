package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;

import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** A column for each variant and a row for each figure, which two variants fit a phone with. */
final class VariantTable {
  private final HtmlTable table;
  private final List<StudyFacts.Measured> variants;

  /**
   * Starts a table.
   *
   * @param label what it is about, for those who hear the page
   * @param unit what stands above the names of the rows, may be empty
   */
  VariantTable(String label, String unit, List<StudyFacts.Measured> variants) {
    this.variants = variants;
    table = new HtmlTable(label).text(unit);
    variants.forEach(v -> table.named(v.name()));
  }

  /** Adds a row of cells. */
  VariantTable cells(String what, Function<StudyFacts.Measured, TdTag> value) {
    List<TdTag> cells = new ArrayList<>();
    cells.add(cell(what));
    variants.forEach(v -> cells.add(value.apply(v)));
    table.row(cells.toArray(DomContent[]::new));
    return this;
  }

  VariantTable words(String what, Function<StudyFacts.Measured, String> value) {
    return cells(what, v -> figure(value.apply(v)));
  }

  VariantTable number(String what, ToDoubleFunction<StudyFacts.Measured> value) {
    return words(what, v -> Amounts.number(value.applyAsDouble(v)));
  }

  VariantTable count(String what, ToLongFunction<StudyFacts.Measured> value) {
    return words(what, v -> Amounts.count(value.applyAsLong(v)));
  }

  DivTag tag() {
    return table.tag();
  }
}
