/**
 * What a back end implements: discovery, capabilities, compiling, running and saving. Everything a
 * user may get wrong is checked before a call arrives here, so an implementation is thin.
 *
 * <p>Start at {@link io.inferc.spi.BackendProvider}; a back end works when it passes {@code
 * BackendContractTest} of core's test jar.
 *
 * <pre>{@code
 * public final class MyProvider implements BackendProvider {
 *   public String name() { return "mine"; }
 *   public Availability probe() { return new Availability.Available("1.0", devices); }
 *   public Backend open() { return new MyBackend(); }
 *   ...
 * }
 * }</pre>
 */
@Experimental
@NullMarked
package io.inferc.spi;

import io.inferc.common.Experimental;
import org.jspecify.annotations.NullMarked;
