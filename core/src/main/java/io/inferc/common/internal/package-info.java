/**
 * What inferc's own modules share and users do not call: temporary folders, locks between
 * processes, processes of their own, files that are no pipes. Of core's internal packages it is the
 * only one that inferc's back ends see; the module descriptor exports it to them alone.
 *
 * <p>Start at {@link io.inferc.common.internal.TemporaryFolder}.
 *
 * <pre>{@code
 * try (TemporaryFolder folder = TemporaryFolder.create("model", Stage.IMPORT)) {
 *   model.save(folder.path().resolve("model.onnx"));
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.common.internal;

import org.jspecify.annotations.NullMarked;
