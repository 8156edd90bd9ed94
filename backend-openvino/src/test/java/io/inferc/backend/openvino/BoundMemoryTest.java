package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.ModelSource;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CompileRequest;
import io.inferc.testing.SmallModels;
import io.inferc.testing.WatchedMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request reads and writes at addresses, whatever becomes of the tensors that they are of. */
class BoundMemoryTest {
  @BeforeEach
  void requireTheLibrary() {
    TestLibrary.require();
  }

  @Test
  void memoryStaysAsLongAsARequestMayUseIt() throws InterruptedException {
    Target.Choice choice = Target.openVino().choices().get(0);
    try (ModelSource source = ModelSource.of(SmallModels.addConstant(4));
        BackendModel model =
            new OpenVinoProvider().open().compile(CompileRequest.of(source, "bound", choice))) {
      BackendSession session = model.newSession(-1);
      WatchedMemory input = WatchedMemory.ofClosed(x -> session.bindInput(0, x), 4);
      WatchedMemory output = WatchedMemory.ofClosed(y -> session.bindOutput(0, y), 4);
      assertTrue(input.isKept(), "the input's memory was freed");
      assertTrue(output.isKept(), "the output's memory was freed");

      WatchedMemory another = WatchedMemory.ofClosed(x -> session.bindInput(0, x), 4);
      assertTrue(input.isFreed(), "the memory of a former input stays");
      session.unbindOutput(0);
      assertTrue(output.isFreed(), "the memory of a former output stays");
      assertTrue(another.isKept(), "the input's memory was freed");
      session.close();
    }
  }
}
