/**
 * What stands between a user and a back end: every check of a request, the choice of profile, the
 * binding of buffers, the pool of sessions, saving and loading.
 *
 * <p>Start at {@link io.inferc.execution.internal.ExecutableModel}.
 *
 * <pre>{@code
 * CompiledModel model =
 *     ExecutableModel.of(backend.compile(request), backend, request, ExecutionOptions.defaults());
 * }</pre>
 */
@NullMarked
package io.inferc.execution.internal;

import org.jspecify.annotations.NullMarked;
