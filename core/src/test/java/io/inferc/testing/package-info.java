/**
 * What the tests of several modules share: the real models on the class path, small models made in
 * memory, and a second JVM. It travels in core's test-jar.
 *
 * <p>Start at {@link io.inferc.testing.RealModels}.
 *
 * <pre>{@code
 * OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
 * }</pre>
 */
@NullMarked
package io.inferc.testing;

import org.jspecify.annotations.NullMarked;
