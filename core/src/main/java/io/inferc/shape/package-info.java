/**
 * What is refused of shapes: a request outside the profiles, a profile that does not fit the model.
 */
@NullMarked
package io.inferc.shape;

import org.jspecify.annotations.NullMarked;
