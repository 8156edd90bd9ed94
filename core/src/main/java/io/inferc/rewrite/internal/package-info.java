/** Views of graphs, matchers, and small computations that passes of several rooms share. */
@NullMarked
package io.inferc.rewrite.internal;

import org.jspecify.annotations.NullMarked;
