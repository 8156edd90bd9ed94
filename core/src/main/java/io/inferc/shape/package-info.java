/**
 * Shapes: which profile serves which request, and what is proved of the shape of every tensor
 * inside a model.
 *
 * <p>Start at {@link io.inferc.shape.ProfileSelector} and {@link io.inferc.shape.ProvedShapes}.
 *
 * <pre>{@code
 * ProfileSelector selector = ProfileSelector.of(model.inputs(), profiles, DynamicShapes.ANY);
 * int profile = selector.select(new long[][] {{4, 128}, {4, 128}});
 * }</pre>
 */
@NullMarked
package io.inferc.shape;

import org.jspecify.annotations.NullMarked;
