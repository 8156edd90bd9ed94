package io.inferc.backend.onnxruntime;

import static io.inferc.backend.onnxruntime.PrecisionTest.WIDTH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.Cosine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Inputs and outputs that take the type of half precision, asked for through the facade. */
class InterfaceConversionTest {
  private static final int ROWS = 2;
  private static final float[] X = PrecisionTest.random(7, ROWS * WIDTH, 1);

  private static double[] expected() {
    try (CompiledModel model =
            PrecisionTest.compiler(Precision.fp32()).compile(PrecisionTest.network());
        Tensor x = Tensor.of(X, ROWS, WIDTH);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      return y.toDoubleArray();
    }
  }

  private static Tensor halves() {
    Tensor x = Tensor.allocate(DataType.FLOAT16, ROWS, WIDTH);
    for (int i = 0; i < X.length; i++) {
      x.shorts().put(i, Half.toFloat16(X[i]));
    }
    return x;
  }

  private static List<DataType> types(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::type).toList();
  }

  @Test
  void aCompiledModelTakesAndGivesHalfPrecision() {
    Precision converted = Precision.fp16().convertInputsAndOutputs(true);
    try (CompiledModel model = PrecisionTest.compiler(converted).compile(PrecisionTest.network());
        InferenceSession session = model.newSession();
        Tensor x = halves();
        Tensor y = model.run(Map.of("x", x)).get("y");
        Tensor wide = Tensor.of(X, ROWS, WIDTH)) {
      assertEquals(List.of(DataType.FLOAT16), types(model.inputs()));
      assertEquals(List.of(DataType.FLOAT16), types(model.outputs()));
      assertEquals(DataType.FLOAT16, y.type());
      double cosine = Cosine.of(expected(), y.toDoubleArray());
      assertTrue(cosine > 0.99999, () -> "cosine " + cosine);
      session.input("x", ROWS, WIDTH).copyFrom(x);
      session.run();
      assertArrayEquals(y.toDoubleArray(), session.output("y").toDoubleArray());
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> model.run(Map.of("x", wide)));
      assertTrue(e.getMessage().contains("FLOAT16"), e.getMessage());
      assertTrue(e.getMessage().contains("FLOAT32"), e.getMessage());
    }
  }

  @Test
  void theInterfaceOfAQuantizedModelFollowsItsRest() {
    Precision mixed =
        Precision.int8(PrecisionTest.samples(40, 0))
            .rest(DataType.FLOAT16)
            .convertInputsAndOutputs(true);
    try (CompiledModel model = PrecisionTest.compiler(mixed).compile(PrecisionTest.network());
        Tensor x = halves();
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertEquals(DataType.FLOAT16, y.type());
      double cosine = Cosine.of(expected(), y.toDoubleArray());
      assertTrue(cosine > 0.995, () -> "cosine " + cosine);
    }
  }

  @Test
  void withoutTheRequestTheInterfaceStaysAsItWas() {
    try (CompiledModel model =
        PrecisionTest.compiler(Precision.fp16()).compile(PrecisionTest.network())) {
      assertEquals(List.of(DataType.FLOAT32), types(model.inputs()));
      assertEquals(List.of(DataType.FLOAT32), types(model.outputs()));
    }
  }

  @Test
  void aCpuRefusesBfloat16AndSaysWhatItCanHave() {
    Precision converted = Precision.bf16().convertInputsAndOutputs(true);
    InfercException e =
        assertThrows(InfercException.class, () -> PrecisionTest.compiler(converted));
    assertTrue(e.getMessage().contains("at BF16"), e.getMessage());
    assertTrue(e.getMessage().contains("FP16, INT8"), e.getMessage());
  }

  @Test
  void singlePrecisionHasNothingToConvert() {
    for (Precision p : List.of(Precision.fp32(), Precision.int8Dynamic())) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> p.convertInputsAndOutputs(true));
      assertTrue(e.getMessage().contains("FLOAT32"), e.getMessage());
    }
  }
}
