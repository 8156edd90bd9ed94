package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.HostileModels;
import io.inferc.testing.HostilePlaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is refused in a graph is refused in a branch and in a function too. */
class RefusedPlacesTest {
  private static boolean isRefused(byte[] model) {
    try {
      OnnxModel.read(model);
      return false;
    } catch (ModelFormatException e) {
      return true;
    }
  }

  @Test
  void branchesAreHeldToWhatIsKnownAroundThem() {
    List<String> accepted = new ArrayList<>();
    int refused = 0;
    for (Map.Entry<String, OnnxModel> model : HostileModels.all().entrySet()) {
      if (isRefused(model.getValue().toBytes())) {
        refused++;
        if (!isRefused(HostilePlaces.inBranch(model.getValue()))
            || !isRefused(HostilePlaces.inBranchWithConstants(model.getValue()))) {
          accepted.add(model.getKey());
        }
      }
    }
    assertEquals(List.of(), accepted);
    assertTrue(refused > 50, refused + " are refused");
  }

  @Test
  void functionsAreHeldToWhatTheirCallsGive() {
    List<String> accepted = new ArrayList<>();
    for (Map.Entry<String, OnnxModel> model : HostileModels.all().entrySet()) {
      if (isRefused(model.getValue().toBytes())
          && !isRefused(HostilePlaces.inFunction(model.getValue()))) {
        accepted.add(model.getKey());
      }
    }
    assertEquals(List.of(), accepted);
  }
}
