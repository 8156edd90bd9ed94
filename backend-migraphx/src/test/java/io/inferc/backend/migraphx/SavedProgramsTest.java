package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.ModelLimits;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedProgramsTest {
  @TempDir Path folder;

  @Test
  void theModelIsHeldToTheLimitsOfTheRequest() throws IOException {
    SmallModels.adding(2_000_000).save(folder.resolve(SavedPrograms.MODEL));
    Files.writeString(folder.resolve("program-0.mxr"), "a program");
    Map<String, Object> index =
        Map.of(
            "programs", List.of(Map.of("file", "program-0.mxr", "sizes", List.of(List.of()))),
            "digests", Digests.ofFiles(folder));
    new ObjectMapper().writeValue(folder.resolve(SavedPrograms.INDEX).toFile(), index);

    SavedPrograms saved = SavedPrograms.read(folder, "adding");
    ModelLimits limits = ModelLimits.defaults();
    assertThrows(ModelFormatException.class, () -> saved.model(limits));
    assertEquals(1, saved.model(limits.withLoopSteps(2_000_000)).graph().nodes().size());
  }
}
