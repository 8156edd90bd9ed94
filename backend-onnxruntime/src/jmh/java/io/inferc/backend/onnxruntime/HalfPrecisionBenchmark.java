package io.inferc.backend.onnxruntime;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.benchmark.Environment;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What FP16 costs on ONNX Runtime's CPU: FP32, FP16 arithmetic, and FP16 weights with FP32
 * arithmetic as {@link Precision#fp16()} writes them, in turns. Prints Markdown.
 */
public final class HalfPrecisionBenchmark {
  private static final int ROUNDS = 15;

  private HalfPrecisionBenchmark() {}

  /**
   * Runs everything, under a minute.
   *
   * @param arguments the file to write the figures to, and models of fixed shapes to measure, too;
   *     none to print those of the generated models only
   */
  public static void main(String... arguments) throws Exception {
    List<String> report = new ArrayList<>();
    report.add("# FP16 on ONNX Runtime's CPU provider");
    report.add("");
    report.add(Environment.current().describe());
    report.add("");
    report.add("Median of " + ROUNDS + " runs of each in turns, one thread; bytes of the file.");
    report.add("");
    report.add(
        "| model | FP32 | FP16 arithmetic | FP16 weights | FP32 file | FP16 weights' file |");
    report.add("|---|---|---|---|---|---|");
    for (String operators : List.of("Gemm", "MatMul Add", "MatMul", "Clip", "Max", "Round")) {
      report.add(row("4 × " + operators, chain(operators)));
    }
    for (int i = 1; i < arguments.length; i++) {
      Path file = Path.of(arguments[i]);
      report.add(row(String.valueOf(file.getFileName()), OnnxModel.load(file)));
    }
    report.forEach(System.out::println);
    if (arguments.length > 0) {
      Files.write(Path.of(arguments[0]), report);
    }
  }

  private static String row(String name, OnnxModel model) {
    ModelRewriter rewriter = compiler(Precision.fp16()).rewriter(model);
    OnnxModel stored = rewriter.rewrite(rewriter.plan());
    OnnxModel half = HalfPrecision.fp16().build().apply(rewriter.cleaned(), new RewriteLog());
    double[] medians = medians(List.of(model, half, stored));
    return String.format(
        Locale.ROOT,
        "| %s | %.3f ms | %.3f ms | %.3f ms | %,d | %,d |",
        name,
        medians[0],
        medians[1],
        medians[2],
        model.toBytes().length,
        stored.toBytes().length);
  }

  private static Compiler compiler(Precision precision) {
    Target target =
        Target.onnxRuntime().options(OnnxRuntimeOptions.builder().intraOpThreads(1).build());
    return Compiler.forTarget(target).precision(precision).build();
  }

  private static double[] medians(List<OnnxModel> models) {
    List<CompiledModel> compiled = new ArrayList<>();
    List<InferenceSession> sessions = new ArrayList<>();
    double[][] millis = new double[models.size()][ROUNDS];
    try {
      for (OnnxModel model : models) {
        compiled.add(compiler(Precision.fp32()).compile(model));
        sessions.add(compiled.get(compiled.size() - 1).newSession());
      }
      for (InferenceSession session : sessions) {
        session.run();
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (int m = 0; m < sessions.size(); m++) {
          long start = System.nanoTime();
          sessions.get(m).run();
          millis[m][round] = (System.nanoTime() - start) / 1e6;
        }
      }
    } finally {
      sessions.forEach(InferenceSession::close);
      compiled.forEach(CompiledModel::close);
    }
    return Arrays.stream(millis)
        .mapToDouble(m -> Arrays.stream(m).sorted().toArray()[ROUNDS / 2])
        .toArray();
  }

  /** Four times the operators, on 32 rows of 256. */
  private static OnnxModel chain(String operators) {
    Random random = new Random(1);
    GraphBuilder graph =
        Graph.builder("chain").input(TensorSpec.of("x0", DataType.FLOAT32, 32, 256));
    String at = "x0";
    int made = 0;
    for (int i = 0; i < 4; i++) {
      for (String operator : operators.split(" ")) {
        String next = "x" + ++made;
        List<String> inputs = new ArrayList<>(List.of(at));
        if (operator.equals("Gemm") || operator.equals("MatMul")) {
          inputs.add("w" + made);
          graph.initializer(Initializer.floats("w" + made, random(random, 256 * 256), 256, 256));
        } else if (operator.equals("Add") || operator.equals("Max")) {
          inputs.add("b" + made);
          graph.initializer(Initializer.floats("b" + made, random(random, 256), 256));
        }
        graph.node(Node.of(operator, inputs, List.of(next)));
        at = next;
      }
    }
    return OnnxModel.of(graph.output(TensorSpec.of(at, DataType.FLOAT32, 32, 256)).build(), 17);
  }

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() / 16);
    }
    return values;
  }
}
