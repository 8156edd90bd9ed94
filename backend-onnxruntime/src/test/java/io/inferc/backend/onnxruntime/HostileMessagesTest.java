package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.common.InfercException;
import io.inferc.testing.HostileText;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class HostileMessagesTest {
  @Test
  void messagesThatRepeatLongNamesAreReadQuicklyAndCut() {
    List<BiFunction<String, OrtException, InfercException>> readers =
        List.of(Errors::compile, Errors::run);
    for (BiFunction<String, OrtException, InfercException> reader : readers) {
      HostileText.assertReadQuickly(
          t ->
              assertTrue(
                  reader.apply("m", new OrtException(t)).getMessage().length() < 10_000,
                  "the message is not cut"));
    }
  }

  @Test
  void longNamesOfKernelsAreReadQuickly() {
    HostileText.assertReadQuickly(AppendedNames::of);
  }

  @Test
  void placesInTheSourceAreTakenOutOfWhatIsSaid() {
    assertEquals(
        "bad",
        Errors.plain("Error code - ORT_FAIL - message: Load model from m.onnx failed: bad."));
    assertEquals(
        "before after",
        Errors.plain("before /build/onnxruntime/core/graph/graph.cc:12 void f(int) after."));
  }

  @Test
  void whatTheOptimizerAppendsIsTakenOffOneByOne() {
    assertEquals(
        List.of("conv_token_12_nchwc/GeluFusion/", "conv_token_12_nchwc", "conv_token_12", "conv"),
        AppendedNames.of("conv_token_12_nchwc/GeluFusion/"));
    assertEquals(List.of("x/duplicated", "x"), AppendedNames.of("x/duplicated"));
    for (String whole : List.of("", "12", "_token_", "a/Fusion/", "Fusion/", "_token_12a", "a//")) {
      assertEquals(List.of(whole), AppendedNames.of(whole));
    }
  }
}
