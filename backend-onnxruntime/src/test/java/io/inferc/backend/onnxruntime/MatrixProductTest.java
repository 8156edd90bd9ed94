package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.platform.ComputeRoof;
import io.inferc.benchmark.platform.MatrixProduct;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import org.junit.jupiter.api.Test;

class MatrixProductTest {
  private static final int SIZE = 128;
  private static final double ABSURD = 1e15;

  @Test
  void theBackEndShowsItsOwnRoofInThePrecisionOfTheModel() {
    for (Precision precision : new Precision[] {Precision.fp32(), Precision.int8Dynamic()}) {
      try (CompiledModel product = compile(precision)) {
        ComputeRoof roof = MatrixProduct.measure(product, SIZE, precision.toString());
        assertTrue(roof.multiplyAddsPerSecond() > 0, roof.toString());
        assertTrue(roof.multiplyAddsPerSecond() < ABSURD, roof.toString());
        assertEquals(precision.toString(), roof.precision());
        assertEquals("a product of matrices of 128 on onnxruntime", roof.source());
      }
    }
  }

  @Test
  void aModelOfAnotherSizeIsRefused() {
    try (CompiledModel product = compile(Precision.fp32())) {
      assertThrows(
          IllegalArgumentException.class, () -> MatrixProduct.measure(product, 2 * SIZE, "FP32"));
    }
  }

  @Test
  void theEnvironmentNamesTheRuntimesThatAreMeasured() {
    try (CompiledModel product = compile(Precision.fp32())) {
      Environment environment = new Environment("cpu", 2, "os", "jvm").withBackEnds(product);
      assertTrue(
          environment.lines().contains("onnxruntime " + product.backendVersion()),
          environment.lines().toString());
    }
  }

  private static CompiledModel compile(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime())
        .precision(precision)
        .build()
        .compile(MatrixProduct.model(SIZE), "product");
  }
}
