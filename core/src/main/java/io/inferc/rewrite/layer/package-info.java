/**
 * Which precision each layer gets: blocks, selectors and rules as users write them, and the plans
 * that come of them, with a reason for each decision.
 *
 * <pre>{@code
 * LayerPlan plan = compiler.rewriter(model).plan();
 * plan.decisions().forEach((node, decision) -> System.out.println(node + " " + decision));
 * }</pre>
 */
@Experimental
@NullMarked
package io.inferc.rewrite.layer;

import io.inferc.common.Experimental;
import org.jspecify.annotations.NullMarked;
