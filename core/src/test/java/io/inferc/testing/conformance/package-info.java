/**
 * The ONNX project's own test cases, run through everything that inferc does to a model. Start at
 * {@link io.inferc.testing.conformance.Conformance}, which says how to run one case.
 */
@NullMarked
package io.inferc.testing.conformance;

import org.jspecify.annotations.NullMarked;
