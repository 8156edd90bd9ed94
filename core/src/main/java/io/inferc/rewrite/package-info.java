/**
 * What all rewrites of ONNX graphs have in common: the pass, the pipeline that applies passes in
 * order, and the log of what they did.
 *
 * <p>The passes themselves are in rooms of their own, which users reach by {@link
 * io.inferc.ModelRewriter}: clean-up, quantization and half precision. Which layer gets which
 * precision is said in {@link io.inferc.rewrite.layer}.
 */
@Experimental
@NullMarked
package io.inferc.rewrite;

import io.inferc.common.Experimental;
import org.jspecify.annotations.NullMarked;
