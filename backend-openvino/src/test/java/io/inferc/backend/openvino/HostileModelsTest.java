package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.OnnxModel;
import io.inferc.testing.HostileModels;
import io.inferc.testing.HostileWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sizes that no memory holds are refused before OpenVINO computes constants of them. */
@EnabledOnOs(OS.LINUX)
class HostileModelsTest {
  private static final int MOST_SECONDS = 30;

  @TempDir Path folder;

  @Test
  void constantsThatNoMemoryHoldsNeitherHangNorEndTheProcess() throws IOException {
    Map<String, OnnxModel> all = HostileModels.all();
    List<String> files = new ArrayList<>();
    for (String name :
        List.of(
            "Tile 2^62 times",
            "ConstantOfShape of 2^40",
            "ConstantOfShape beyond 2^64",
            "Expand to 2^40",
            "Expand beyond 2^64",
            "Range of 2^62")) {
      String file = name.replaceAll("[^A-Za-z0-9^.,-]+", "_") + ".onnx";
      all.get(name).save(folder.resolve(file));
      files.add(file);
    }
    TestLibrary.require();
    List<String> options = new ArrayList<>();
    String library = System.getProperty(LibrarySearch.PROPERTY, "");
    if (!library.isBlank()) {
      options.add("-D" + LibrarySearch.PROPERTY + "=" + library);
    }
    Map<String, String> outcomes =
        HostileWorker.outcomes("openvino", folder, files, MOST_SECONDS, options);
    System.out.println("HostileModelsTest: " + outcomes);
    assertEquals(files.size(), outcomes.size());
    outcomes.values().removeIf(o -> o.equals("ran") || o.equals("failed") || o.equals("refused"));
    assertEquals(Map.of(), outcomes);
  }
}
