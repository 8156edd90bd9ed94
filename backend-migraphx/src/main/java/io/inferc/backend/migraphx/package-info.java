/**
 * AMD MIGraphX as a back end: a library found on the machine, called through its C interface. One
 * program is compiled for each combination of input sizes that is asked for, or one for a whole
 * profile where {@link io.inferc.backend.migraphx.MigraphxOptions} ask for open dimensions.
 *
 * <p>Applications ask for it with {@code Target.migraphx()}; {@link
 * io.inferc.backend.migraphx.MigraphxProvider} finds the library, {@link
 * io.inferc.backend.migraphx.MigraphxOptions} sets how it compiles.
 *
 * <pre>{@code
 * Target gpu = Target.migraphx().device("gpu")
 *     .options(MigraphxOptions.builder().fastMath(false).build());
 * Target anywhere = Target.migraphx().device("ref");
 * }</pre>
 */
@NullMarked
package io.inferc.backend.migraphx;

import org.jspecify.annotations.NullMarked;
