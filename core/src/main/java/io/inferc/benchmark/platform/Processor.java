package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How the processor computes and is clocked.
 *
 * @param features the instruction sets that matter to inference, of those the system lists, such as
 *     {@code avx2}, {@code avx512_vnni}, {@code amx_int8}, {@code asimddp}
 * @param governor what sets the clock, such as {@code performance} or {@code powersave}; empty
 *     where the system does not tell, as in most virtual machines
 * @param turbo whether the clock may rise above its base, if known
 * @param lastLevelCacheBytes the size of one last-level cache, of which there may be several
 */
public record Processor(
    List<String> features,
    Optional<String> governor,
    Optional<Boolean> turbo,
    OptionalLong lastLevelCacheBytes) {
  private static final String CPU = "sys/devices/system/cpu/";

  private static final Set<String> OF_INTEREST =
      new LinkedHashSet<>(
          List.of(
              "sse4_2",
              "avx",
              "fma",
              "f16c",
              "avx2",
              "avx_vnni",
              "avx_vnni_int8",
              "avx512f",
              "avx512bw",
              "avx512vl",
              "avx512_vnni",
              "avx512_bf16",
              "avx512_fp16",
              "amx_tile",
              "amx_int8",
              "amx_bf16",
              "amx_fp16",
              "asimd",
              "asimdhp",
              "asimddp",
              "i8mm",
              "bf16",
              "sve",
              "sve2",
              "sme",
              "hypervisor"));

  /** Copies the list. */
  public Processor {
    features = List.copyOf(features);
    Objects.requireNonNull(governor, "governor");
    Objects.requireNonNull(turbo, "turbo");
    Objects.requireNonNull(lastLevelCacheBytes, "lastLevelCacheBytes");
  }

  static Processor of(SystemFiles files) {
    return new Processor(
        features(files.text("proc/cpuinfo").orElse("")),
        files.word(CPU + "cpu0/cpufreq/scaling_governor"),
        turbo(
            files.word(CPU + "intel_pstate/no_turbo").orElse(""),
            files.word(CPU + "cpufreq/boost").orElse("")),
        lastLevelCache(files));
  }

  /** Picks features out of the text of {@code /proc/cpuinfo}. */
  static List<String> features(String cpuInfo) {
    for (String line : cpuInfo.lines().toList()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("flags") || lower.startsWith("features")) {
        Set<String> all =
            new LinkedHashSet<>(
                Arrays.asList(lower.substring(lower.indexOf(':') + 1).strip().split("\\s+", -1)));
        List<String> found = new ArrayList<>(OF_INTEREST);
        found.retainAll(all);
        return found;
      }
    }
    return List.of();
  }

  static Optional<Boolean> turbo(String noTurbo, String boost) {
    if (noTurbo.equals("0") || noTurbo.equals("1")) {
      return Optional.of(noTurbo.equals("0"));
    }
    return boost.equals("0") || boost.equals("1")
        ? Optional.of(boost.equals("1"))
        : Optional.empty();
  }

  private static OptionalLong lastLevelCache(SystemFiles files) {
    String folder = CPU + "cpu0/cache";
    long level = 0;
    OptionalLong size = OptionalLong.empty();
    for (String index : files.names(folder, "index*")) {
      String at = folder + "/" + index + "/";
      OptionalLong itsLevel = files.number(at + "level");
      OptionalLong itsSize =
          files.word(at + "size").map(Numbers::parseSize).orElse(OptionalLong.empty());
      if (itsLevel.isPresent() && itsSize.isPresent() && itsLevel.getAsLong() > level) {
        level = itsLevel.getAsLong();
        size = itsSize;
      }
    }
    return size;
  }
}
