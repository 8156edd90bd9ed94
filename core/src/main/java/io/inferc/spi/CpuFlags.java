package io.inferc.spi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The instruction sets of this machine's processor that runtimes choose kernels and memory layouts
 * by. A graph optimized with one of them may be wrong or slow without it.
 *
 * <pre>{@code
 * boolean exact = CpuFlags.addsBytesIn32Bits(CpuFlags.describe());
 * }</pre>
 */
public final class CpuFlags {
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

  private static final Set<String> DOT_PRODUCTS =
      Set.of("aarch64", "arm64", "avx512_vnni", "avx_vnni", "amx_int8");

  private CpuFlags() {}

  /**
   * Names the processor's architecture and relevant flags.
   *
   * @return the architecture and the flags, sorted, with blanks between; the architecture alone
   *     where flags cannot be read
   */
  public static String describe() {
    return Described.HERE;
  }

  /** Read once, when first asked for: a process does not change its processor. */
  private static final class Described {
    static final String HERE = read();

    private Described() {}
  }

  private static String read() {
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

  /**
   * Tells whether products of bytes are added in 32 bits. Without VNNI, x86 adds pairs of them in
   * 16 bits, which overflow with full weights.
   *
   * @param flags what {@link #describe()} returned
   * @return false if pairs overflow, or if no flags are known of an x86 processor
   */
  public static boolean addsBytesIn32Bits(String flags) {
    return List.of(flags.split(" ")).stream().anyMatch(DOT_PRODUCTS::contains);
  }

  /**
   * Tells whether a processor has all that another has.
   *
   * @param flags what {@link #describe()} returned for the one
   * @param others what it returned for the other
   * @return true if the architecture is the same and no flag of the other's is missing
   */
  public static boolean includes(String flags, String others) {
    List<String> has = List.of(flags.split(" "));
    List<String> wanted = List.of(others.split(" "));
    return has.get(0).equals(wanted.get(0)) && has.containsAll(wanted);
  }
}
