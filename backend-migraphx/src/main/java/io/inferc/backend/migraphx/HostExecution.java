package io.inferc.backend.migraphx;

import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program that takes its inputs from host memory and leaves its outputs there: on a CPU, or
 * on a GPU for which MIGraphX was told to copy by itself.
 */
final class HostExecution implements Execution {
  private final ElementTypes types;
  private final List<TensorSpec> inputs;
  private final Arguments returned;
  private @Nullable Program program;
  private @Nullable Parameters parameters;

  HostExecution(String model, ElementTypes types, List<TensorSpec> inputs) {
    this.types = types;
    this.inputs = inputs;
    returned = new Arguments(model);
  }

  @Override
  public void bind(Program next, Tensor[] tensors) throws MigraphxCallException {
    closeParameters();
    program = next;
    parameters = Parameters.of(types, inputs, next, tensors);
  }

  @Override
  public void run(Results results) throws MigraphxCallException {
    Program ready = program;
    Parameters given = parameters;
    if (ready == null || given == null) {
      throw new IllegalStateException("a run without a program");
    }
    ready.running().lock();
    try {
      returned.take(
          MigraphxApi.migraphx_program_run(
              returned.address(), ready.handle().handle(), given.handle()),
          "migraphx_program_run",
          ready.outputs().size());
      // Outputs may lie in memory of the program, which its next run overwrites.
      for (int i = 0; i < ready.outputs().size(); i++) {
        returned.at(i);
        results.take(i, returned.shape(), returned.buffer());
      }
    } finally {
      returned.release();
      ready.running().unlock();
    }
  }

  private void closeParameters() {
    Parameters given = parameters;
    parameters = null;
    program = null;
    if (given != null) {
      given.close();
    }
  }

  @Override
  public void close() {
    closeParameters();
    returned.close();
  }
}
