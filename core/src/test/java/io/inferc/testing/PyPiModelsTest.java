package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PyPiModelsTest {
  @ParameterizedTest
  @EnumSource
  void everyModelIsThereAndLoads(PyPiModels model) {
    assertFalse(OnnxModel.load(model.path()).graph().outputs().isEmpty());
  }

  @Test
  void casesOfTheOnnxProjectHaveModelsAndExpectedOutputs() {
    Path data = PyPiModels.onnxTestData();
    assertTrue(Files.exists(data.resolve("node/test_abs/model.onnx")));
    assertTrue(Files.exists(data.resolve("node/test_abs/test_data_set_0/output_0.pb")));
    assertTrue(Files.exists(data.resolve("light/light_resnet50.onnx")));
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertEquals(Optional.empty(), PyPiPackages.find("onnx-0.0.0", "onnx"));
  }
}
