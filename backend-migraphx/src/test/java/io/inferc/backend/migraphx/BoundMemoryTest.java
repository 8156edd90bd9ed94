package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import io.inferc.testing.WatchedMemory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Outputs are copied to addresses, whatever becomes of the tensors that they are of. */
class BoundMemoryTest {
  private static final class NoExecution implements Execution {
    @Override
    public void bind(Program program, Tensor[] inputs) {
      throw new IllegalStateException("nothing runs here");
    }

    @Override
    public void run(Results results) {
      throw new IllegalStateException("nothing runs here");
    }

    @Override
    public void close() {
      // There is nothing to free.
    }
  }

  @Test
  void memoryStaysAsLongAsOutputsAreCopiedThere() throws InterruptedException {
    OnnxModel model = SmallModels.addConstant(4);
    List<TensorSpec> inputs =
        model.graph().inputs().stream().map(ValueInfo::tensor).map(t -> t.orElseThrow()).toList();
    List<TensorSpec> outputs =
        model.graph().outputs().stream().map(ValueInfo::tensor).map(t -> t.orElseThrow()).toList();
    MigraphxOptions options = MigraphxOptions.defaults();
    // Neither the library nor a target is asked for anything before the first run.
    ProgramCompiler compiler =
        new ProgramCompiler(
            null,
            "bound",
            null,
            options,
            model,
            inputs,
            ProfileSizes.of("bound", inputs, List.of(), options.defaultRange()));
    ProgramCache<Program> programs = new ProgramCache<>(1, compiler::compile, Program::free);
    MigraphxSession session =
        new MigraphxSession(programs, compiler, outputs, ProfileSizes.NONE, new NoExecution());
    WatchedMemory first = WatchedMemory.ofClosed(y -> session.bindOutput(0, y), 4);
    assertTrue(first.isKept(), "the output's memory was freed");

    WatchedMemory second = WatchedMemory.ofClosed(y -> session.bindOutput(0, y), 4);
    assertTrue(first.isFreed(), "the memory of a former output stays");
    assertTrue(second.isKept(), "the output's memory was freed");
    session.unbindOutput(0);
    assertTrue(second.isFreed(), "the memory of a former output stays");
    session.close();
    programs.close();
  }
}
