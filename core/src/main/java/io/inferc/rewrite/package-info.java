/**
 * Rewrites of ONNX graphs, one class each: clean-up that helps every back end fuse, and changes of
 * precision.
 *
 * <p>Start at {@link io.inferc.rewrite.CleanUp} for the usual passes, and at {@link
 * io.inferc.rewrite.PassPipeline} for others:
 *
 * <pre>{@code
 * RewriteLog log = new RewriteLog();
 * OnnxModel clean = CleanUp.passes(model.opset()).apply(model, log);
 * log.notes().forEach(System.out::println);
 * }</pre>
 */
@NullMarked
package io.inferc.rewrite;

import org.jspecify.annotations.NullMarked;
