package io.inferc.calibrate;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.execution.ExecutableModel;
import io.inferc.execution.ExecutionOptions;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The reference model with the observed tensors as its outputs, and one session of it. */
final class ReferenceRun implements AutoCloseable {
  private final ExecutableModel model;
  private final InferenceSession session;
  private final List<TensorSpec> inputs;
  private final Set<String> inputNames;

  private ReferenceRun(ExecutableModel model) {
    this.model = model;
    session = model.newSession();
    inputs = model.inputs();
    inputNames = new TreeSet<>();
    inputs.forEach(i -> inputNames.add(i.name()));
  }

  /**
   * Compiles the model for a run.
   *
   * @param outputs the tensors between nodes to return; if empty the model's own outputs stay
   */
  static ReferenceRun open(
      OnnxModel model, Backend backend, Target.Choice choice, List<String> outputs) {
    try (ModelSource source = ModelSource.of(model.withGraph(returning(model.graph(), outputs)))) {
      CompileRequest request = CompileRequest.of(source, model.graph().name(), choice);
      ExecutableModel executable =
          ExecutableModel.of(
              model.graph().name(),
              compile(backend, request),
              backend,
              choice,
              List.of(),
              new ExecutionOptions(1, Optional.empty()));
      try {
        checkTypes(executable.outputs());
        return new ReferenceRun(executable);
      } catch (RuntimeException e) {
        executable.close();
        throw e;
      }
    }
  }

  /**
   * The optimized graph is several times faster than the graph as it is, and keeps what is declared
   * an output; the latter is for models that the optimizer does not manage.
   */
  private static BackendModel compile(Backend backend, CompileRequest request) {
    try {
      return backend.compile(request);
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException optimized) {
      try {
        return backend.compile(request.asFaithful());
      } catch (InfercException faithful) {
        optimized.addSuppressed(faithful);
        throw optimized;
      }
    }
  }

  private static Graph returning(Graph graph, List<String> outputs) {
    if (outputs.isEmpty()) {
      return graph;
    }
    GraphEditor editor = graph.edit();
    for (String output : outputs) {
      if (!editor.isOutput(output)) {
        editor.addOutput(ValueInfo.untyped(output));
      }
    }
    for (ValueInfo output : graph.outputs()) {
      if (!outputs.contains(output.name())) {
        editor.removeOutput(output.name());
      }
    }
    return editor.build();
  }

  private static void checkTypes(List<TensorSpec> outputs) {
    List<String> wrong = new ArrayList<>();
    for (TensorSpec output : outputs) {
      if (!TensorObservation.canRead(output.type())) {
        wrong.add(output.toString());
      }
    }
    if (!wrong.isEmpty()) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to calibrate tensors that are no floating-point numbers: "
              + String.join(", ", wrong)
              + ".",
          "Leave them out; only FLOAT32, FLOAT16, BFLOAT16 and FLOAT64 have a range to quantize.");
    }
  }

  /**
   * Runs one sample.
   *
   * @param index the sample's number, for messages
   * @param sample its tensors by input name
   */
  void run(long index, Map<String, Tensor> sample) {
    checkNames(index, sample.keySet());
    try {
      for (Map.Entry<String, Tensor> e : sample.entrySet()) {
        Tensor given = e.getValue();
        TensorSpec spec = spec(e.getKey());
        if (given.type() != spec.type() || given.type() == DataType.STRING) {
          session.bindInput(e.getKey(), given);
        } else {
          // Binding anew would wrap every output again although most data sets have one shape.
          session.input(e.getKey(), given.shape()).copyFrom(given);
        }
      }
      session.run();
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException | IllegalArgumentException e) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to run the reference model on sample "
              + index
              + ", but it failed: "
              + e.getMessage(),
          "Correct the sample, or leave it out.",
          e);
    }
  }

  private void checkNames(long index, Set<String> given) {
    if (!given.equals(inputNames)) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to run the reference model on sample "
              + index
              + ", which has tensors for "
              + new TreeSet<>(given)
              + ", but the model's inputs are "
              + inputNames
              + ".",
          "Give each sample exactly one tensor for each input.");
    }
  }

  private TensorSpec spec(String input) {
    for (TensorSpec spec : inputs) {
      if (spec.name().equals(input)) {
        return spec;
      }
    }
    throw new IllegalStateException("the input " + input + " was checked before");
  }

  /** Returns a tensor of the last run, valid until the next. */
  Tensor output(String name) {
    return session.output(name);
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
