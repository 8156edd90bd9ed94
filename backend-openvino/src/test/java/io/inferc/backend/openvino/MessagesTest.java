package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessagesTest {
  @Test
  void placesInOpenVinosSourceAreLeftOutOfMessages() {
    assertEquals(
        "Cannot compile it; OpenVINO does not support the following ONNX operations: a.Frobnicate",
        Calls.plain(
            "Exception from src/inference/src/cpp/core.cpp:90:\n"
                + "Check 'error_message.empty()' failed at src/frontends/onnx/frontend.cpp:309:\n"
                + "Cannot compile it\n\n"
                + "OpenVINO does not support the following ONNX operations: a.Frobnicate.\n"));
  }

  private static String remedy(String said) {
    return Errors.compile("model", "CPU", new CallException(said)).remedy();
  }

  @Test
  void aRefusalSaysWhatToDoAboutItsReason() {
    String operator = remedy("-- No conversion rule found for operations: ai.onnx.ml.Scaler");
    assertTrue(operator.contains("no such operator"), operator);
    String rank =
        remedy("CPU plug-in doesn't support Squeeze operation with dynamic rank. Name: 'squeeze'");
    assertTrue(rank.contains("profile"), rank);
  }

  @Test
  void longMessagesAreCutOff() {
    assertEquals(1202, Calls.plain("x".repeat(5000)).length());
  }

  @Test
  void theElementTypeOfAKernelIsTheLastWordOfItsName() {
    assertEquals(Optional.of("INT8"), Kernels.precision("brgemm_avx512_amx_i8"));
    assertEquals(Optional.of("INT8"), Kernels.precision("jit_avx512_I8"));
    assertEquals(Optional.of("INT8"), Kernels.precision("ref_u8"));
    assertEquals(Optional.of("FLOAT32"), Kernels.precision("jit_gemm_FP32"));
    assertEquals(Optional.of("BFLOAT16"), Kernels.precision("brgemm_avx512_bf16"));
    assertEquals(Optional.of("FLOAT16"), Kernels.precision("brgemm_avx512_f16"));
    assertEquals(Optional.of("INT64"), Kernels.precision("ref_i64"));
    assertEquals(Optional.empty(), Kernels.precision("undef"));
  }
}
