package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadCountTest {
  private static final int WARM = 100;
  private static final int MODELS = 700;

  /** What the JVM itself may start meanwhile, such as another compiler thread. */
  private static final int OTHERS = 8;

  @TempDir Path folder;

  @Test
  void theNumberOfThreadsDoesNotGrowWithTheNumberOfModels() throws InterruptedException {
    Path file = folder.resolve("small.onnx");
    SmallModels.addConstant(4).save(file);
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).sessions(2).build();
    use(compiler, file, WARM);
    List<String> before = threads();
    use(compiler, file, MODELS);
    List<String> after = threads();
    assertTrue(after.size() <= before.size() + OTHERS, () -> before + "\n" + after);
    assertTrue(
        after.stream().filter(n -> n.startsWith("inferc-")).count() <= OTHERS, after.toString());
  }

  private static void use(Compiler compiler, Path file, int models) {
    try (Tensor x = Tensor.of(new float[4], 4)) {
      for (int i = 0; i < models; i++) {
        try (CompiledModel model = compiler.compile(file)) {
          Map<String, Tensor> request = Map.of(model.inputs().get(0).name(), x);
          model.run(request).close();
          model.runAsync(request).join().close();
        }
      }
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).sorted().toList();
  }
}
