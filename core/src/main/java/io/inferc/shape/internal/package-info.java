/**
 * Which profile serves which request, and what is proved of the shape of every tensor inside a
 * model: an algebra of sizes, the values of small tensors, and one rule for each operator.
 *
 * <p>Start at {@link io.inferc.shape.internal.ProfileSelector} and {@link
 * io.inferc.shape.internal.ProvedShapes}, with {@link io.inferc.shape.internal.ShapeProver} inside.
 * What is not proved is unknown; an operator without a rule is a valid case.
 *
 * <pre>{@code
 * Map<String, List<Size>> shapes = new ShapeProver(model, inputs).prove();
 * }</pre>
 */
@NullMarked
package io.inferc.shape.internal;

import org.jspecify.annotations.NullMarked;
