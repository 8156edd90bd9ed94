package io.inferc.examples;

import io.inferc.report.OptimizationReport;
import java.nio.file.Path;

/**
 * Where an example's report goes.
 *
 * @param html for people
 * @param json for programs
 */
record ReportFiles(Path html, Path json) {
  /** Two files of one name in a folder, neither in the way of anything. */
  static ReportFiles in(Path folder, String name) {
    return new ReportFiles(
        CheckedPaths.writableFile(folder.resolve(name + ".html")),
        CheckedPaths.writableFile(folder.resolve(name + ".json")));
  }

  /** Writes both and says where. */
  void write(OptimizationReport report) {
    report.writeHtml(html);
    report.writeJson(json);
    System.out.println(html.toAbsolutePath());
    System.out.println(json.toAbsolutePath());
  }
}
