package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Target;
import io.inferc.testing.AlteredSavedModels;
import io.inferc.testing.ChangedData;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.KilledSaves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others do to files and processes neither ends this one nor changes an answer. */
@Tag("share")
class SavedModelHarnessTest {
  @TempDir Path folder;

  @Test
  void alteredSavedModelsAreRefusedOrGiveTheSameAnswers() throws IOException {
    AlteredSavedModels.tryOn(Target.onnxRuntime(), folder);
  }

  @Test
  void aKilledSaveLeavesTheOldModelOrTheNew() throws IOException {
    KilledSaves.tryOn(Target.ONNX_RUNTIME, folder, List.of());
  }

  @Test
  void weightsThatAreChangedAfterCompilingChangeNothing() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(List.of(), ChangedData.class, Target.ONNX_RUNTIME, folder.toString());
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("the answers stayed"), child.output());
  }
}
