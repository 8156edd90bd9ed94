package io.inferc.calibrate;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reference model with the observed tensors as its outputs, and one session of it. */
final class ReferenceRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReferenceRun.class);

  private final OnnxModel source;
  private final List<String> observed;
  private final Backend backend;
  private final Target.Choice choice;
  private final OutputBuffers buffers = new OutputBuffers();
  private final List<String> inputNames;
  private Map<String, Tensor> owned = Map.of();
  private Map<String, Tensor> results = Map.of();
  private boolean shapesFollowFromInputs = true;
  private boolean faithful;
  private @Nullable String warning;
  private ExecutableModel model;
  private InferenceSession session;

  private ReferenceRun(
      OnnxModel source, List<String> observed, Backend backend, Target.Choice choice) {
    this.source = source;
    this.observed = observed;
    this.backend = backend;
    this.choice = choice;
    model = compile();
    session = model.newSession();
    inputNames = model.inputs().stream().map(TensorSpec::name).toList();
  }

  /**
   * Compiles the model for a run.
   *
   * @param outputs the tensors between nodes to return; if empty the model's own outputs stay
   */
  static ReferenceRun open(
      OnnxModel model, Backend backend, Target.Choice choice, List<String> outputs) {
    return new ReferenceRun(
        model.withGraph(returning(model.graph(), outputs)), outputs, backend, choice);
  }

  private ExecutableModel compile() {
    String name = source.graph().name();
    try (ModelSource file = ModelSource.of(source)) {
      ExecutableModel executable =
          ExecutableModel.of(
              name,
              compile(CompileRequest.of(file, name, choice)),
              backend,
              choice,
              List.of(),
              new ExecutionOptions(1, Optional.empty()));
      try {
        checkTypes(executable.outputs());
        return executable;
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
  private BackendModel compile(CompileRequest request) {
    if (faithful) {
      return backend.compile(request.asFaithful());
    }
    try {
      return backend.compile(request);
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException optimized) {
      faithful = true;
      try {
        return backend.compile(request.asFaithful());
      } catch (InfercException e) {
        optimized.addSuppressed(e);
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

  /** The model's own outputs, which stay where only inputs are observed, may have any type. */
  private void checkTypes(List<TensorSpec> outputs) {
    List<String> wrong = new ArrayList<>();
    for (TensorSpec output : outputs) {
      if (observed.contains(output.name()) && !TensorObservation.canRead(output.type())) {
        wrong.add(output.toString());
      }
    }
    if (!wrong.isEmpty()) {
      throw ObservedTensors.noFloats(String.join(", ", wrong));
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
    closeOwned();
    try {
      try {
        runOnce(sample);
      } catch (CancelledException e) {
        throw e;
      } catch (InfercException e) {
        if (faithful) {
          throw e;
        }
        runAsItIs(index, sample, e);
      }
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

  private void runOnce(Map<String, Tensor> sample) {
    OutputBuffers.InputShapes shapes = OutputBuffers.InputShapes.of(sample, inputNames);
    if (!runBound(shapes, sample)) {
      owned = session.run(sample);
      results = owned;
      buffers.learn(shapes, owned);
    }
  }

  /** Some models fail only when optimized: where they declare shapes that they do not keep to. */
  private void runAsItIs(long index, Map<String, Tensor> sample, InfercException optimized) {
    session.close();
    model.close();
    faithful = true;
    shapesFollowFromInputs &= buffers.forget();
    model = compile();
    session = model.newSession();
    runOnce(sample);
    warning =
        "Calibration goes on without the optimizer of "
            + backend.name()
            + ", since the optimized model failed on sample "
            + index
            + ": "
            + optimized.problem();
    LOG.warn(warning);
  }

  /** What a user should know of the runs so far. */
  Optional<String> warning() {
    return Optional.ofNullable(warning);
  }

  private boolean runBound(OutputBuffers.InputShapes shapes, Map<String, Tensor> sample) {
    if (shapesFollowFromInputs) {
      try {
        if (!buffers.bind(shapes, session)) {
          return false;
        }
        sample.forEach(this::setInput);
        session.run();
        results = buffers.tensors();
        return true;
      } catch (CancelledException e) {
        throw e;
      } catch (InfercException | IllegalArgumentException e) {
        // Some shape depends on the values. If it is something else, the run that follows says so.
        LOG.debug("Outputs of {} cannot be written in place.", model.name(), e);
        shapesFollowFromInputs = buffers.forget();
      }
    }
    return false;
  }

  private void setInput(String name, Tensor given) {
    if (given.type() == DataType.STRING) {
      session.bindInput(name, given);
    } else {
      // Binding anew would wrap every output again although most data sets have one shape.
      session.input(name, given.shape()).copyFrom(given);
    }
  }

  private void closeOwned() {
    owned.values().forEach(Tensor::close);
    owned = Map.of();
    results = Map.of();
  }

  private void checkNames(long index, Set<String> given) {
    if (!given.equals(Set.copyOf(inputNames))) {
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

  /** Returns a tensor of the last run, valid until the next. */
  Tensor output(String name) {
    Tensor tensor = results.get(name);
    if (tensor == null) {
      throw new IllegalStateException("the last run did not return '" + name + "'");
    }
    return tensor;
  }

  @Override
  public void close() {
    closeOwned();
    session.close();
    buffers.close();
    model.close();
  }
}
