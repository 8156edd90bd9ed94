package io.inferc.examples;

import io.inferc.benchmark.study.StudyResult;
import io.inferc.report.LoadReport;
import java.nio.file.Path;

/**
 * Where the reports of a study go.
 *
 * @param html for people
 * @param json for programs
 * @param markdown for a pull request
 * @param junit for a build
 */
record StudyFiles(Path html, Path json, Path markdown, Path junit) {
  /** Four files of one name in a folder, none in the way of anything. */
  static StudyFiles in(Path folder, String name) {
    return new StudyFiles(
        CheckedPaths.writableFile(folder.resolve(name + ".html")),
        CheckedPaths.writableFile(folder.resolve(name + ".json")),
        CheckedPaths.writableFile(folder.resolve(name + ".md")),
        CheckedPaths.writableFile(folder.resolve(name + "-junit.xml")));
  }

  /** Writes all and says where the first is. */
  void write(StudyResult result) {
    LoadReport report = LoadReport.of(result);
    report.writeHtml(html);
    report.writeJson(json);
    report.writeMarkdown(markdown);
    report.writeJUnitXml(junit);
    System.out.println(html.toAbsolutePath());
  }
}
