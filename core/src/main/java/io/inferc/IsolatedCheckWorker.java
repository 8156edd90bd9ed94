package io.inferc;

import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The main class of an {@link IsolatedCheck}: compiles a model and runs it once on zeros. */
final class IsolatedCheckWorker {
  static final String STARTED = "inferc-check started";
  static final String COMPILED = "inferc-check compiled";
  static final int ALIVE = 0;

  private IsolatedCheckWorker() {}

  /**
   * Tries a model, and ends with {@link #ALIVE} however that goes.
   *
   * @param args the file, the back end, its device or nothing, what a model may ask for, and sizes
   *     as {@code symbol=size}
   */
  public static void main(String[] args) {
    System.out.println(STARTED);
    try {
      run(args);
    } catch (RuntimeException e) {
      System.out.println(e);
    }
    System.out.flush();
    // Not exit, so that only the model's code can end this otherwise.
    Runtime.getRuntime().halt(ALIVE);
  }

  private static void run(String[] args) {
    Target target = Target.backend(args[1]);
    Map<String, Long> sizes = new HashMap<>();
    Arrays.stream(args)
        .skip(4)
        .forEach(
            a -> {
              int at = a.lastIndexOf('=');
              sizes.put(a.substring(0, at), Long.parseLong(a.substring(at + 1)));
            });
    Compiler compiler =
        Compiler.forTarget(args[2].isEmpty() ? target : target.device(args[2]))
            .limits(read(args[3]))
            .build();
    try (CompiledModel model = compile(compiler, Path.of(args[0]))) {
      System.out.println(COMPILED);
      Map<String, Tensor> request = new LinkedHashMap<>();
      model.inputs().forEach(i -> request.put(i.name(), zeros(i, sizes)));
      model.run(request).close();
    }
  }

  /** Writes limits as the worker reads them. */
  static String write(ModelLimits limits) {
    return limits.graphDepth()
        + ","
        + limits.functionDepth()
        + ","
        + limits.expandedNodes()
        + ","
        + limits.loopSteps()
        + ","
        + limits.tensorElements();
  }

  private static ModelLimits read(String limits) {
    long[] each = Arrays.stream(limits.split(",")).mapToLong(Long::parseLong).toArray();
    return new ModelLimits((int) each[0], (int) each[1], each[2], each[3], each[4]);
  }

  /** Not checked again: a model made in memory is tried as well where a check would refuse it. */
  private static CompiledModel compile(Compiler compiler, Path file) {
    return ForeignModel.recognize(file).isPresent()
        ? compiler.compile(file)
        : compiler.compile(OnnxModel.loadUnchecked(file));
  }

  private static Tensor zeros(TensorSpec input, Map<String, Long> sizes) {
    List<Dimension> dimensions = input.shape().dimensions().orElse(List.of());
    long[] shape =
        dimensions.stream()
            .mapToLong(
                d -> d.size().orElse(d.symbol().map(s -> sizes.getOrDefault(s, 1L)).orElse(1L)))
            .toArray();
    if (input.type() != DataType.STRING) {
      return Tensor.allocate(input.type(), shape);
    }
    int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.ofStrings(Collections.nCopies(count, ""), shape);
  }
}
