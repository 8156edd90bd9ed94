/**
 * Whole programs on real models, each started by one command.
 *
 * <p>Start at {@link io.inferc.examples.OptimizeTextEmbeddings}.
 *
 * <pre>{@code
 * mvn -q -ntp -pl examples -am compile exec:java
 * }</pre>
 */
@NullMarked
package io.inferc.examples;

import org.jspecify.annotations.NullMarked;
