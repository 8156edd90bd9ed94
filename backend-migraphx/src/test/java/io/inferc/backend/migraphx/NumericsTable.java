package io.inferc.backend.migraphx;

import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Prints, as a Markdown table, how far MIGraphX's reference target agrees with ONNX Runtime in
 * single precision, and of the same form of the model. A program, since it takes minutes; the test
 * of the same name without the table holds the limits.
 */
final class NumericsTable {
  private NumericsTable() {}

  /** Takes the names of cases, or none for all. */
  public static void main(String... names) {
    System.out.println(
        "| model | input | precision | lowest cosine | of the same model | compile | run |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (RealCase c : RealCase.values()) {
      if (names.length == 0 || List.of(names).contains(c.name())) {
        rows(c);
      }
    }
  }

  private static void rows(RealCase c) {
    row(c, "FP32", Precision.fp32(), c.onnx());
    row(c, "FP16", Precision.fp16(), c.onnx());
    row(c, "BF16", Precision.bf16(), c.onnx());
    OnnxModel quantized = c.quantized();
    long count =
        quantized.graph().nodes().stream().filter(n -> n.opType().equals("QuantizeLinear")).count();
    row(c, "INT8, " + count + " tensors quantized at run time", Precision.fp32(), quantized);
  }

  private static void row(RealCase c, String name, Precision precision, OnnxModel model) {
    long start = System.nanoTime();
    CompiledModel compiled = c.compiler(RealCase.TARGET, precision).compile(model);
    long ready = System.nanoTime();
    Map<String, Tensor> found = c.run(compiled);
    long done = System.nanoTime();
    Map<String, Tensor> again = new HashMap<>();
    found.forEach((output, tensor) -> again.put(output, tensor.copy()));
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %.6f | %.6f | %.1f s | %.1f s |%n",
        c,
        c.describe(),
        name,
        Agreement.leastCosine(c.expected(), found),
        Agreement.leastCosine(c.expected(model), again),
        (ready - start) / 1e9,
        (done - ready) / 1e9);
  }
}
