/**
 * Tensors and the memory they live in: element types, declared shapes, dense off-heap tensors, the
 * pool they are drawn from, and data sets as streams of named tensors.
 *
 * <p>Start at {@link io.inferc.tensor.Tensor}.
 *
 * <pre>{@code
 * try (Tensor ids = Tensor.of(new long[] {101, 7592, 102}, 1, 3)) {
 *   System.out.println(ids.type() + " " + Arrays.toString(ids.shape()));
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.tensor;

import org.jspecify.annotations.NullMarked;
