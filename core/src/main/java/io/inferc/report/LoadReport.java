package io.inferc.report;

import io.inferc.benchmark.study.StudyResult;
import io.inferc.common.InfercException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What a study of variants under load found, for people, for programs, for a pull request and for a
 * build.
 *
 * <pre>{@code
 * LoadReport report = LoadReport.of(study.run(variants, requests));
 * report.writeHtml(folder.resolve("load.html"));
 * report.writeJson(folder.resolve("load.json"));
 * report.writeMarkdown(folder.resolve("load.md"));
 * report.writeJUnitXml(folder.resolve("TEST-load.xml"));
 * }</pre>
 *
 * <p>Each format begins with what makes a measurement void, where there is such a thing. Immutable
 * and safe for use by several threads.
 */
public final class LoadReport {
  private static final String SCHEMA = "load-report.schema.json";

  private final StudyFacts facts;

  private LoadReport(StudyFacts facts) {
    this.facts = facts;
  }

  /**
   * Makes the report of a study.
   *
   * @param result what the study found, be it void
   * @return the report
   */
  public static LoadReport of(StudyResult result) {
    return new LoadReport(StudyFacts.of(Objects.requireNonNull(result, "result")));
  }

  /**
   * Returns what the documents of {@link #toJson} hold to.
   *
   * @return a JSON schema of draft 2020-12, which says what each field means and in which unit it
   *     is
   */
  public static String jsonSchema() {
    try (InputStream in = LoadReport.class.getResourceAsStream(SCHEMA)) {
      if (in == null) {
        throw new IllegalStateException(
            "Tried to read "
                + SCHEMA
                + ", but it is missing beside the class LoadReport; take the"
                + " whole jar.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the report as one page that refers to no other file and needs no scripts: the verdict
   * first, then latencies, loads, costs, and how it was measured.
   *
   * @return HTML
   */
  public String toHtml() {
    return LoadHtml.of(facts);
  }

  /**
   * Writes what {@link #toHtml} returns.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeHtml(Path file) {
    ReportFile.write(file, toHtml());
  }

  /**
   * Returns all figures, each with its unit in its name, as the {@link #jsonSchema} says. What is
   * infinite, or not known, is null.
   *
   * @return JSON
   */
  public String toJson() {
    return LoadJson.of(facts);
  }

  /**
   * Writes what {@link #toJson} returns.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeJson(Path file) {
    ReportFile.write(file, toJson());
  }

  /**
   * Returns the verdict, the gates and the percentiles, short enough for a pull request.
   *
   * @return Markdown as GitHub has it
   */
  public String toMarkdown() {
    return LoadMarkdown.of(facts);
  }

  /**
   * Writes what {@link #toMarkdown} returns.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeMarkdown(Path file) {
    ReportFile.write(file, toMarkdown());
  }

  /**
   * Returns the gates as test cases, as build servers read them: one for each gate and variant. A
   * gate that failed is a failure of the type {@code FAILED}; one that was not shown to hold does
   * not pass either, and is a failure of the type {@code NOT_SHOWN}, or an error of the type {@code
   * VOID} where the measurement cannot be trusted.
   *
   * @return XML as JUnit writes it
   */
  public String toJUnitXml() {
    return LoadJUnit.of(facts);
  }

  /**
   * Writes what {@link #toJUnitXml} returns.
   *
   * @param file the file to write; an existing one is replaced
   * @throws InfercException if it cannot be written; then nothing was changed
   */
  public void writeJUnitXml(Path file) {
    ReportFile.write(file, toJUnitXml());
  }

  /** Returns the title of the study. */
  @Override
  public String toString() {
    return "load report of " + facts.result().title();
  }
}
