/** The ONNX model as an immutable graph. */
@NullMarked
package io.inferc.onnx;

import org.jspecify.annotations.NullMarked;
