/**
 * OpenVINO as a back end: its C API, called through JNA from the library that is on the machine.
 * Nothing native is built or shipped here.
 *
 * <p>Start at {@link io.inferc.backend.openvino.OpenVinoOptions}.
 *
 * <pre>{@code
 * Target target = Target.openVino().options(
 *     OpenVinoOptions.builder().performanceHint(PerformanceHint.LATENCY).threads(2).build());
 * }</pre>
 *
 * <p>The library {@code libopenvino_c}, version 2024.0 or newer, is looked for in this order, and
 * the first one found is used by the whole process:
 *
 * <ol>
 *   <li>where the system property {@code inferc.openvino.library} points, a file or a folder, and
 *       then nowhere else;
 *   <li>below the folders that {@code OPENVINO_INSTALL_DIR}, then {@code INTEL_OPENVINO_DIR} name;
 *   <li>in {@code site-packages/openvino/libs} or {@code dist-packages/openvino/libs} of the Python
 *       environment that {@code VIRTUAL_ENV} names, then {@code CONDA_PREFIX}, of the user's own
 *       packages, of each {@code python3} on the {@code PATH}, of pyenv's versions ({@code
 *       PYENV_ROOT}), and of the system's below {@code /usr/local/lib} and {@code /usr/lib};
 *   <li>below {@code /opt/intel/openvino*}, the newest first;
 *   <li>in the folders of {@code LD_LIBRARY_PATH}, then in {@code /usr/local/lib}, {@code
 *       /usr/local/lib64}, {@code /usr/lib/x86_64-linux-gnu}, {@code /usr/lib/aarch64-linux-gnu},
 *       {@code /usr/lib64} and {@code /usr/lib}.
 * </ol>
 */
@NullMarked
package io.inferc.backend.openvino;

import org.jspecify.annotations.NullMarked;
