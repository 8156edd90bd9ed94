package io.inferc.backend.openvino;

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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others do to files and processes neither ends this one nor changes an answer. */
@Tag("share")
class SavedModelHarnessTest {
  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static List<String> options() {
    String library = System.getProperty(LibrarySearch.PROPERTY, "");
    return library.isBlank() ? List.of() : List.of("-D" + LibrarySearch.PROPERTY + "=" + library);
  }

  @Test
  void alteredSavedModelsAreRefusedOrGiveTheSameAnswers() throws IOException {
    AlteredSavedModels.tryOn(Target.openVino(), folder);
  }

  @Test
  void aKilledSaveLeavesTheOldModelOrTheNew() throws IOException {
    KilledSaves.tryOn(Target.OPENVINO, folder, options());
  }

  @Test
  void weightsThatAreChangedAfterCompilingChangeNothing() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(options(), ChangedData.class, Target.OPENVINO, folder.toString());
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("the answers stayed"), child.output());
  }
}
