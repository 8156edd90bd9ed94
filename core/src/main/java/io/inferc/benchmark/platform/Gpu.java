package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A GPU of this machine, whether or not a model runs on it.
 *
 * @param name what its driver calls it
 * @param driver the driver and its version
 * @param cuda the newest CUDA version that the driver runs, for NVIDIA's
 * @param memoryBytes its memory
 * @param usedBytes what all processes together have of it
 */
public record Gpu(
    String name,
    String driver,
    Optional<String> cuda,
    OptionalLong memoryBytes,
    OptionalLong usedBytes) {
  private static final String DRM = "sys/class/drm";

  /** Checks that nothing is missing. */
  public Gpu {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(driver, "driver");
    Objects.requireNonNull(cuda, "cuda");
    Objects.requireNonNull(memoryBytes, "memoryBytes");
    Objects.requireNonNull(usedBytes, "usedBytes");
  }

  /** Lists NVIDIA's by their tool, and AMD's by the kernel's files. */
  static List<Gpu> all(SystemFiles files) {
    List<List<String>> rows = NvidiaSmi.query(fields());
    Optional<String> cuda = rows.isEmpty() ? Optional.empty() : NvidiaSmi.cudaVersion();
    List<Gpu> all = new ArrayList<>(nvidia(rows, cuda));
    all.addAll(amd(files));
    return all;
  }

  static String[] fields() {
    return new String[] {"name", "driver_version", "memory.total", "memory.used"};
  }

  static List<Gpu> nvidia(List<List<String>> rows, Optional<String> cuda) {
    return rows.stream()
        .map(
            row ->
                new Gpu(
                    row.get(0),
                    "NVIDIA " + row.get(1),
                    cuda,
                    Numbers.scaled(Numbers.parseLong(row.get(2)), Numbers.MIB),
                    Numbers.scaled(Numbers.parseLong(row.get(3)), Numbers.MIB)))
        .toList();
  }

  static List<Gpu> amd(SystemFiles files) {
    List<Gpu> all = new ArrayList<>();
    for (String card : files.names(DRM, "card[0-9]*")) {
      String device = DRM + "/" + card + "/device/";
      OptionalLong memory = files.number(device + "mem_info_vram_total");
      if (memory.isPresent()) {
        String id = files.word(device + "device").orElse("unknown");
        all.add(
            new Gpu(
                files.word(device + "product_name").orElse("AMD GPU " + id),
                "amdgpu" + files.word("sys/module/amdgpu/version").map(v -> " " + v).orElse(""),
                Optional.empty(),
                memory,
                files.number(device + "mem_info_vram_used")));
      }
    }
    return all;
  }

  /** Returns text such as {@code NVIDIA H200 (144 GB), NVIDIA 580.159.04, CUDA 13.0}. */
  @Override
  public String toString() {
    return name
        + (memoryBytes.isPresent() ? " (" + Numbers.bytes(memoryBytes.getAsLong()) + ")" : "")
        + ", driver "
        + driver
        + cuda.map(version -> ", CUDA up to " + version).orElse("");
  }
}
