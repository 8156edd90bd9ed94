package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Availability;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every precision that the back end declares, through the facade, on a device. */
@Timeout(600)
class TensorRtPrecisionDeviceTest {
  private static final int WIDTH = 64;
  private static final int ROWS = 8;
  private static final int SHIFT = 4;

  @BeforeEach
  void skipWithoutADevice() {
    Availability found = new TensorRtProvider().probe();
    if (found instanceof Availability.Unavailable u) {
      Assumptions.abort("TensorRT is not available here: " + u.reason() + " " + u.remedy());
    }
  }

  private static Tensor sample(long seed) {
    float[] x = new float[ROWS * WIDTH];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 7 + seed * 3) % 17 / 8f - 1;
    }
    return Tensor.of(x, ROWS, WIDTH);
  }

  /** Compiles products with a matrix that moves columns, and checks that they were moved. */
  private static List<String> compiled(Precision precision, double tolerance) {
    try (CompiledModel model =
            Compiler.forTarget(Targets.quick(2))
                .precision(precision)
                .sessions(1)
                .profile(ShapeProfile.named("rows").range("rows", 1, ROWS, ROWS))
                .build()
                .compile(ContractModels.heavy(WIDTH));
        Tensor x = sample(0);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < WIDTH; i++) {
          assertEquals(
              x.floats().get(row * WIDTH + i),
              y.floats().get(row * WIDTH + (i + SHIFT) % WIDTH),
              tolerance);
        }
      }
      return model.kernels().stream().map(KernelInfo::precision).map(p -> p.orElse("-")).toList();
    }
  }

  private static Precision int8() {
    return Precision.int8(Dataset.generated(4, i -> Map.of("x", sample(i))));
  }

  @Test
  void singlePrecisionIsExactAndTf32Nearly() {
    assertTrue(compiled(Precision.fp32(), 1e-6).contains("FP32"));
    compiled(Precision.tf32(), 1e-2);
  }

  @Test
  void halfPrecisionIsInTheEngine() {
    List<String> half = compiled(Precision.fp16(), 1e-2);
    assertTrue(half.contains("FP16"), half::toString);
    List<String> brain = compiled(Precision.bf16(), 5e-2);
    assertTrue(brain.contains("BF16"), brain::toString);
  }

  @Test
  void integersAreInTheEngineBetweenEitherPrecision() {
    List<String> single = compiled(int8(), 5e-2);
    assertTrue(single.contains("INT8"), single::toString);
    List<String> half = compiled(int8().rest(DataType.FLOAT16), 5e-2);
    assertTrue(half.contains("INT8"), half::toString);
  }
}
