package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.accuracy.LayerDiff;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes between layers stays off the heap, whatever its size, type and shape. */
@Tag("once")
class CalibrationMemoryTest {
  private static final int CHANNELS = 64;
  private static final int LAYERS = 2;
  private static final int SIZE = 640;

  @ParameterizedTest
  @ValueSource(strings = {"fixed", "open", "data-dependent", "half"})
  void activationsLargerThanTheHeapAreCalibrated(String kind) throws IOException {
    // Each activation has 105 MB, or 52 in half precision.
    ChildJvm.Result child =
        ChildJvm.run(
            List.of("-Xmx96m", "-XX:MaxDirectMemorySize=4g"), CalibrationMemoryTest.class, kind);
    System.out.print(child.output());
    assertEquals(0, child.exitCode(), child.output());
  }

  /** Compiles, and prints how much of the heap that took at once, and how long it took. */
  public static void main(String[] args) {
    OnnxModel model = model(args[0]);
    Dataset samples = Dataset.generated(2, i -> Map.of("x", pixels(i)));
    long started = System.nanoTime();
    try (CompiledModel compiled =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.int8(samples))
            .build()
            .compile(model)) {
      System.out.printf(
          "%s: %s in %.1f s, of the processor %.1f s, heap at most %d MB%n",
          args[0],
          compiled.name(),
          (System.nanoTime() - started) / 1e9,
          ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3,
          peakHeap() >> 20);
    }
    var opened = BackendRegistry.discover().open(Target.onnxRuntime());
    LayerDiff.between(model, model, opened.backend(), opened.choice())
        .tensorsAtOnce(1)
        .run(samples.limit(1));
    System.out.printf("%s: with its layers compared %d MB%n", args[0], peakHeap() >> 20);
  }

  private static long peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(p -> p.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(u -> u.getUsed())
        .sum();
  }

  private static Tensor pixels(long seed) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, 1, 3, SIZE, SIZE);
    Random random = new Random(seed);
    var values = tensor.floats();
    while (values.hasRemaining()) {
      values.put(random.nextFloat());
    }
    return tensor;
  }

  private static OnnxModel model(String kind) {
    boolean half = kind.equals("half");
    boolean chosen = kind.equals("data-dependent");
    String sizes = kind.equals("fixed") ? "1, 3, " + SIZE + ", " + SIZE : "1, 3, height, width";
    GraphBuilder graph = Graph.builder("pixels").input(TensorSpec.of("x", DataType.FLOAT32, sizes));
    String last = chosen ? chosenRows(graph) : "x";
    Random random = new Random(7);
    int inputs = 3;
    for (int l = 0; l < LAYERS; l++) {
      float[] weights = new float[CHANNELS * inputs];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) (random.nextGaussian() / Math.sqrt(inputs));
      }
      graph
          .initializer(Initializer.floats("w" + l, weights, CHANNELS, inputs, 1, 1))
          .node(Node.of("Conv", List.of(last, "w" + l), List.of("c" + l)))
          .node(Node.of("Relu", List.of("c" + l), List.of("r" + l)));
      last = "r" + l;
      inputs = CHANNELS;
    }
    if (half) {
      graph.node(
          Node.builder("Cast")
              .attribute(Attribute.of("to", DataType.FLOAT16.onnxCode()))
              .inputs(last)
              .outputs("h")
              .build());
      last = "h";
    }
    graph
        .node(Node.of("Neg", List.of(last), List.of("y")))
        .output(
            TensorSpec.of(
                "y", half ? DataType.FLOAT16 : DataType.FLOAT32, "1, " + CHANNELS + ", ?, ?"));
    return OnnxModel.of(graph.build(), 17);
  }

  /** All rows, which nobody can tell before the run. */
  private static String chosenRows(GraphBuilder graph) {
    graph
        .initializer(Initializer.longs("first", new long[] {0}, 1))
        .node(
            Node.builder("ReduceMax")
                .attribute(Attribute.ofInts("axes", 0, 1, 3))
                .attribute(Attribute.of("keepdims", 0))
                .inputs("x")
                .outputs("brightest")
                .build())
        .node(Node.of("NonZero", List.of("brightest"), List.of("places")))
        .node(Node.of("Squeeze", List.of("places", "first"), List.of("rows")))
        .node(
            Node.builder("Gather")
                .attribute(Attribute.of("axis", 2))
                .inputs("x", "rows")
                .outputs("chosen")
                .build());
    return "chosen";
  }
}
