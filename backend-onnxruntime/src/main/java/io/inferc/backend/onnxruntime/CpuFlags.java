package io.inferc.backend.onnxruntime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The instruction sets that ONNX Runtime chooses kernels and memory layouts by. A graph optimized
 * with one of them may be wrong or slow without it.
 */
final class CpuFlags {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Set<String> RELEVANT =
      Set.of(
          "sse4_1",
          "avx",
          "avx2",
          "fma",
          "avx512f",
          "avx512bw",
          "avx512dq",
          "avx512vl",
          "avx512_vnni",
          "avx_vnni",
          "avx512_bf16",
          "amx_tile",
          "amx_int8",
          "amx_bf16",
          "asimd",
          "asimddp",
          "i8mm",
          "bf16",
          "sve");

  private CpuFlags() {}

  /** Returns the relevant flags, sorted, or the architecture alone where they cannot be read. */
  static String describe() {
    String architecture = System.getProperty("os.arch", "unknown").toLowerCase(Locale.ROOT);
    Set<String> found = new TreeSet<>();
    try {
      for (String line : Files.readAllLines(CPUINFO, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("flags") || line.startsWith("Features")) {
          found.addAll(List.of(line.substring(line.indexOf(':') + 1).strip().split(" ")));
          break;
        }
      }
    } catch (IOException e) {
      return architecture;
    }
    found.retainAll(RELEVANT);
    return found.isEmpty() ? architecture : architecture + " " + String.join(" ", found);
  }
}
