package io.inferc.backend.migraphx;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.testing.ContractModels;
import io.inferc.testing.ProcessMemory;
import java.util.Locale;
import java.util.function.Supplier;
import org.hipparchus.stat.regression.SimpleRegression;

/**
 * Compiles and closes a model 1,000 times and prints, as a Markdown table, the process's resident
 * memory on the way. Run it with a heap of fixed size ({@code -Xms} and {@code -Xmx} alike).
 */
final class LeakCheck {
  private static final int CYCLES = 1000;
  private static final int STEP = 100;

  private LeakCheck() {}

  /** Takes {@code dense} for a tiny model that also runs in each cycle, or a name of a case. */
  public static void main(String... names) {
    for (String name : names) {
      if (name.equals("dense")) {
        check(name, LeakCheck::dense);
      } else {
        RealCase c = RealCase.valueOf(name);
        OnnxModel model = c.onnx();
        Compiler compiler = c.compiler(RealCase.TARGET, Precision.fp32());
        check(name, () -> compiler.compile(model));
      }
    }
  }

  private static CompiledModel dense() {
    CompiledModel model =
        Compiler.forTarget(RealCase.TARGET)
            .profile(ShapeProfile.named("p").range("rows", 1, 2, 4))
            .build()
            .compile(ContractModels.dense());
    try (var session = model.newSession()) {
      session.input("x", 2, 3).floats().put(0, new float[6]);
      session.run();
    }
    return model;
  }

  private static void check(String name, Supplier<CompiledModel> compile) {
    System.out.println("| model | cycles | resident memory |");
    System.out.println("|---|---|---|");
    SimpleRegression slope = new SimpleRegression();
    for (int cycle = 1; cycle <= CYCLES; cycle++) {
      compile.get().close();
      if (cycle % STEP == 0) {
        System.gc();
        double kib = ProcessMemory.residentBytes() / 1024.0;
        System.out.printf(Locale.ROOT, "| %s | %,d | %.1f MiB |%n", name, cycle, kib / 1024.0);
        // The first cycles fill caches of the JVM and of the C library's allocator.
        if (cycle > 2 * STEP) {
          slope.addData(cycle, kib);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%n%s: %.2f KiB a cycle after the first %d (standard error %.2f).%n%n",
        name,
        slope.getSlope(),
        2 * STEP,
        slope.getSlopeStdErr());
  }
}
