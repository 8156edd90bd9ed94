package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import java.util.Optional;

/**
 * The best way to compile a model that a search found.
 *
 * @param best what to compile
 * @param model the same, compiled; owned by the caller
 * @param accuracy the model against the original, on samples that nothing was chosen by; empty if
 *     it is the original
 * @param report all that was tried
 */
public record CandidateResult(
    Candidate best,
    CompiledModel model,
    Optional<AccuracyReport> accuracy,
    CompilationReport report) {}
