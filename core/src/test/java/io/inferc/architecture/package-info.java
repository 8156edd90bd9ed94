/**
 * The package table of the design as rules that a test can check. Modules that build on core check
 * their own classes with the same rules, from core's test-jar.
 *
 * <p>Start at {@link io.inferc.architecture.ArchitectureRules}.
 *
 * <pre>{@code
 * JavaClasses classes = ArchitectureRules.mainClassesOf("io.inferc.backend.onnxruntime");
 * ArchitectureRules.ofInferc().packagesUseOnlyWhatTheirRowAllows().check(classes);
 * }</pre>
 */
@NullMarked
package io.inferc.architecture;

import org.jspecify.annotations.NullMarked;
