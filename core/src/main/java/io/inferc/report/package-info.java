/**
 * Reports of what was compiled, how accurate it is and what it gained, and of what a study under
 * load found: for people (HTML), programs (JSON), pull requests (Markdown) and build servers
 * (JUnit's XML).
 *
 * <p>Start at {@link io.inferc.report.OptimizationReport}, or for a study at {@link
 * io.inferc.report.LoadReport}; {@link io.inferc.report.FusionReport} says which nodes became which
 * kernels, and what keeps the others apart.
 *
 * <pre>{@code
 * OptimizationReport report = OptimizationReport.builder("all-MiniLM-L6-v2")
 *     .summary(model.summary()).accuracy(accuracy).benchmark(benchmark).build();
 * report.writeHtml(folder.resolve("report.html"));
 * report.writeJson(folder.resolve("report.json"));
 * }</pre>
 */
@NullMarked
package io.inferc.report;

import org.jspecify.annotations.NullMarked;
