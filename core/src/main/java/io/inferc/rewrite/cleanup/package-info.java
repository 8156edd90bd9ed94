/**
 * Passes that leave what a model computes as it is: folding, fusing, removing, naming, declaring.
 *
 * <p>Core's own: users get the result as {@link io.inferc.ModelRewriter#cleaned()}.
 */
@NullMarked
package io.inferc.rewrite.cleanup;

import org.jspecify.annotations.NullMarked;
