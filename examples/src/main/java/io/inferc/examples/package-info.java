/**
 * Whole programs on real models, each started by one command.
 *
 * <p>Start at {@link io.inferc.examples.OptimizeTextEmbeddings}; {@link
 * io.inferc.examples.OptimizeOcr} does the same for convolutional models of varying widths.
 *
 * <pre>{@code
 * mvn -q -ntp -pl examples -am compile exec:java
 * mvn -q -ntp -pl examples -am compile exec:java -Dexec.mainClass=io.inferc.examples.OptimizeOcr
 * }</pre>
 */
@NullMarked
package io.inferc.examples;

import org.jspecify.annotations.NullMarked;
