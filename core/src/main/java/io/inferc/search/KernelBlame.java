package io.inferc.search;

import io.inferc.runtime.KernelInfo;
import io.inferc.spi.CpuFlags;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** Says by which kernels quantized layers gain or lose, as the runtime timed them. */
final class KernelBlame {
  /** What only changes types, scales or layouts, by parts of the kernels' names. */
  private static final List<String> CONVERSIONS =
      List.of("QuantizeLinear", "DequantizeLinear", "Reorder", "Convert", "Cast", "Requant");

  private static final double MILLIS = 1e3;
  private static final double GIGA = 1e9;
  private static final int SHOWN = 3;

  private final List<KernelInfo> integers;
  private final List<KernelInfo> floats;
  private final Map<String, Long> work;
  private final OptionalDouble roof;
  private final boolean onCpu;

  /**
   * Prepares explanations.
   *
   * @param integers the kernels of the quantized model, with times where the runtime tells them
   * @param floats those of the same model without integers
   * @param work multiply-adds of a run, by layer
   * @param roof multiply-adds a second that a large product reaches in FP32, if that was measured
   * @param onCpu whether it is this processor that computes
   */
  KernelBlame(
      List<KernelInfo> integers,
      List<KernelInfo> floats,
      Map<String, Long> work,
      OptionalDouble roof,
      boolean onCpu) {
    this.integers = integers;
    this.floats = floats;
    this.work = work;
    this.roof = roof;
    this.onCpu = onCpu;
  }

  /** Explains layers, in one or two sentences. */
  String of(List<String> layers, boolean pays) {
    double now = millis(own(integers, layers));
    double before = millis(own(floats, layers));
    if (now <= 0 || before <= 0) {
      return pays
          ? "The runtime tells no times of its kernels."
          : "The runtime tells no times of its kernels, so what is to blame is not known."
              + instructions();
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%.2f ms (%s) in place of %.2f ms (%s)%s.",
            now,
            names(own(integers, layers)),
            before,
            names(own(floats, layers)),
            share(layers, now)));
    double conversions = conversions(integers) - conversions(floats);
    if (!pays && conversions > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              " Conversions for all integers (%s) take %.2f ms more than without.",
              names(integers.stream().filter(KernelBlame::converts).toList()),
              conversions));
    }
    if (!pays) {
      text.append(instructions());
    }
    return text.toString();
  }

  private String instructions() {
    return onCpu && !CpuFlags.addsBytesIn32Bits(CpuFlags.describe())
        ? " This processor has no instruction for products of bytes that are added in 32 bits"
            + " (VNNI, AMX or dot products), so integers gain little."
        : "";
  }

  private String share(List<String> layers, double millis) {
    long all = layers.stream().mapToLong(l -> work.getOrDefault(l, 0L)).sum();
    if (roof.isEmpty() || all == 0) {
      return "";
    }
    double rate = all / millis * MILLIS;
    return String.format(
        Locale.ROOT,
        ", at %.0f %% of the %.0f G multiply-adds/s that a large product reaches here in FP32",
        100 * rate / roof.getAsDouble(),
        roof.getAsDouble() / GIGA);
  }

  private static List<KernelInfo> own(List<KernelInfo> kernels, List<String> layers) {
    Set<String> names = new HashSet<>(layers);
    return kernels.stream().filter(k -> k.nodes().stream().anyMatch(names::contains)).toList();
  }

  private static double millis(List<KernelInfo> kernels) {
    return kernels.stream().mapToDouble(k -> k.timeMillis().orElse(0.0)).sum();
  }

  private static boolean converts(KernelInfo kernel) {
    return CONVERSIONS.stream().anyMatch(kernel.type()::contains)
        && !kernel.type().contains("MatMul");
  }

  private static double conversions(List<KernelInfo> kernels) {
    return millis(kernels.stream().filter(KernelBlame::converts).toList());
  }

  /** Returns for example {@code DynamicQuantizeMatMul at UINT8}. */
  private static String names(List<KernelInfo> kernels) {
    Map<String, Double> times = new LinkedHashMap<>();
    kernels.forEach(
        k ->
            times.merge(
                k.type() + k.precision().map(p -> " at " + p).orElse(""),
                k.timeMillis().orElse(0.0),
                Double::sum));
    return times.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(", "));
  }
}
