package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtEnvironment;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class RuntimeVersionTest {
  @Test
  void theVersionIsThatOfTheEnvironment() {
    new OnnxRuntimeProvider().probe();
    String version = RuntimeVersion.find();
    assertEquals(OrtEnvironment.getEnvironment().getVersion(), version);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theLibraryTellsItWhereNoManifestDoes() {
    new OnnxRuntimeProvider().probe();
    assertEquals(
        Optional.of(OrtEnvironment.getEnvironment().getVersion()), RuntimeVersion.ofLibrary());
  }
}
