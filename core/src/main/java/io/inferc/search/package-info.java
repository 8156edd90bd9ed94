/**
 * Finds out what reduced precision costs each layer of a model, and the mix of precisions that
 * keeps a tolerance at the lowest measured latency.
 *
 * <p>Start at {@link io.inferc.search.PrecisionSearch}:
 *
 * <pre>{@code
 * SearchResult result =
 *     PrecisionSearch.of(model, rewriter, candidates)
 *         .on(backend, choice, profiles)
 *         .samples(samples, Tolerance.embedding())
 *         .workload(workload)
 *         .budget(Duration.ofMinutes(10))
 *         .run();
 * OnnxModel best = result.model();
 * }</pre>
 *
 * <p>Where reduced precision does not pay, the best is the model as it was given, and the verdict
 * says so.
 */
@Experimental
@NullMarked
package io.inferc.search;

import io.inferc.common.Experimental;
import org.jspecify.annotations.NullMarked;
