package io.inferc.backend.openvino;

import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out which kernels a compiled model has. OpenVINO's C API does not show the execution graph;
 * what it tells is what each kernel of a run was and how long it took.
 */
final class Kernels {
  // The implementation's last word, as in brgemm_avx512_amx_i8 or jit_avx512_FP32.
  private static final Pattern PRECISION =
      Pattern.compile("(?i)_(i4|u4|i8|u8|i16|u16|f16|fp16|bf16|f32|fp32|f64|i32|u32|i64)$");

  /** Signed and unsigned take the same instructions, and OpenVINO says i8 of both. */
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("f32", "FLOAT32"),
          Map.entry("f16", "FLOAT16"),
          Map.entry("bf16", "BFLOAT16"),
          Map.entry("f64", "FLOAT64"),
          Map.entry("i4", "INT4"),
          Map.entry("u4", "INT4"),
          Map.entry("i8", "INT8"),
          Map.entry("u8", "INT8"),
          Map.entry("i16", "INT16"),
          Map.entry("u16", "UINT16"),
          Map.entry("i32", "INT32"),
          Map.entry("u32", "UINT32"),
          Map.entry("i64", "INT64"));

  private Kernels() {}

  /**
   * Runs a model some times and lists its kernels.
   *
   * @param shape a compiled model that measures
   * @param tensors the inputs
   * @param runs how many times, 1 or more
   * @param names the names of the source model's nodes and tensors; empty if it is not known
   */
  static List<KernelInfo> list(
      String model,
      ElementTypes types,
      InputPorts inputs,
      List<TensorSpec> outputs,
      CompiledShape shape,
      List<Tensor> tensors,
      int runs,
      Set<String> names) {
    OpenVinoSession session =
        new OpenVinoSession(model, types, inputs, outputs, shape, closed -> {});
    try {
      for (int i = 0; i < tensors.size(); i++) {
        session.bindInput(i, tensors.get(i));
      }
      List<List<Profiling.Entry>> measured = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        session.run();
        measured.add(session.profile());
      }
      return kernels(measured, names);
    } finally {
      session.close();
    }
  }

  /**
   * Lists the kernels of runs that were measured, with the mean time of each.
   *
   * @param runs what each run measured, of one compiled model
   * @param names the names of the source model's nodes and tensors; empty if it is not known
   */
  static List<KernelInfo> kernels(List<List<Profiling.Entry>> runs, Set<String> names) {
    Map<String, Profiling.Entry> first = new LinkedHashMap<>();
    Map<String, DoubleSummaryStatistics> times = new HashMap<>();
    for (List<Profiling.Entry> run : runs) {
      Map<String, Integer> seen = new HashMap<>();
      for (Profiling.Entry e : run) {
        int count = seen.merge(e.name(), 1, Integer::sum);
        String name = count == 1 ? e.name() : e.name() + "#" + count;
        first.putIfAbsent(name, e);
        times.computeIfAbsent(name, n -> new DoubleSummaryStatistics()).accept(e.micros() / 1e3);
      }
    }
    List<KernelInfo> kernels = new ArrayList<>();
    first.forEach(
        (name, e) ->
            kernels.add(
                new KernelInfo(
                    name,
                    e.type().isEmpty() ? e.kernel() : e.type() + " " + e.kernel(),
                    precision(e.kernel()),
                    names.contains(e.name()) ? List.of(e.name()) : List.of(),
                    Optional.of(Objects.requireNonNull(times.get(name)).getAverage()))));
    return List.copyOf(kernels);
  }

  /** The element type in the name of an implementation. */
  static Optional<String> precision(String kernel) {
    Matcher found = PRECISION.matcher(kernel);
    if (!found.find()) {
      return Optional.empty();
    }
    String word = found.group(1).toLowerCase(Locale.ROOT).replace("fp", "f");
    return Optional.of(WORDS.getOrDefault(word, word.toUpperCase(Locale.ROOT)));
  }
}
