package io.inferc.testing.conformance;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelProblem;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.runtime.Value;
import io.inferc.tensor.Tensor;
import io.inferc.testing.conformance.Answer.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Does to one case what a variant and a mode say. For one thread. */
final class CaseRunner {
  private static final int NEWEST_OPSET = 21;

  private final SuiteCase suiteCase;
  private final Target target;
  private final CaseData data;
  private final Map<Noise, List<Map<String, List<Tensor>>>> trials = new EnumMap<>(Noise.class);

  /**
   * Reads a case.
   *
   * @param suiteCase the case
   * @param target where models run
   */
  CaseRunner(SuiteCase suiteCase, Target target) throws IOException {
    this.suiteCase = suiteCase;
    this.target = target;
    data = CaseData.read(suiteCase);
  }

  /** Returns what becomes of the case, or nothing if the variant is the case as given. */
  Optional<Answer> run(Variant variant, Mode mode) {
    Optional<ModelProto> model = variant.apply(data);
    if (model.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (mode == Mode.SAVE) {
        return Optional.of(save(model.get()));
      }
      return Optional.of(compare(model.get(), mode));
    } catch (InfercException | IllegalArgumentException | UnsupportedOperationException e) {
      return Optional.of(new Answer(Verdict.REFUSED, String.valueOf(e.getMessage())));
    } catch (RuntimeException | Error e) {
      StackTraceElement[] trace = e.getStackTrace();
      return Optional.of(
          new Answer(Verdict.BROKE, e + (trace.length == 0 ? "" : " at " + trace[0])));
    }
  }

  private Answer save(ModelProto model) {
    OnnxModel loaded = OnnxModel.load(suiteCase.model());
    List<ModelProblem> problems = loaded.check();
    if (!problems.isEmpty()) {
      return new Answer(Verdict.REFUSED, "Checked: " + problems);
    }
    try {
      return ModelProto.parseFrom(loaded.toBytes()).equals(model)
          ? Answer.right()
          : new Answer(Verdict.WRONG, "the saved model is another");
    } catch (IOException e) {
      return new Answer(Verdict.WRONG, "the saved model cannot be read: " + e);
    }
  }

  private Answer compare(ModelProto variant, Mode mode) {
    OnnxModel model = OnnxModel.read(variant.toByteArray());
    if (!data.takesTensors()) {
      compiler(mode, Map.of()).compile(model).close();
      return new Answer(Verdict.REFUSED, "Compiled, but Java gives a runtime no such input.");
    }
    Map<String, Tensor> inputs = data.tensorsFor(variant);
    try {
      Answer answer = compare(model, mode, inputs);
      List<String> changed = data.changed(inputs);
      return changed.isEmpty()
          ? answer
          : new Answer(Verdict.WRONG, "the run changed its inputs " + changed);
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private Answer compare(OnnxModel model, Mode mode, Map<String, Tensor> inputs) {
    Compiler compiler = compiler(mode, inputs);
    OnnxModel changed =
        switch (mode) {
          case CLEAN_UP -> compiler.rewriter(model).cleaned();
          case UPGRADE -> model.opset() < NEWEST_OPSET ? model.upgradeOpset(NEWEST_OPSET) : model;
          default -> model;
        };
    try (CompiledModel compiled = compiler.compile(changed);
        InferenceSession session = compiled.newSession()) {
      return compare(run(session, inputs), mode.noise());
    }
  }

  private Answer compare(Map<String, List<Tensor>> outputs, Noise noise) {
    List<String> complaints = new ArrayList<>();
    data.outputs()
        .forEach(
            (name, expected) -> {
              List<Tensor> actual = outputs.getOrDefault(name, List.of());
              if (actual.size() != expected.tensors().size()) {
                complaints.add(
                    name + ": " + actual.size() + " for " + expected.tensors().size() + " tensors");
                return;
              }
              for (int i = 0; i < actual.size(); i++) {
                complaint(name, i, expected.tensors().get(i), actual.get(i), noise)
                    .ifPresent(c -> complaints.add(name + ": " + c));
              }
            });
    outputs.values().forEach(tensors -> tensors.forEach(Tensor::close));
    return complaints.isEmpty()
        ? Answer.right()
        : new Answer(Verdict.WRONG, String.join("; ", complaints));
  }

  private Optional<String> complaint(
      String output, int index, Tensor expected, Tensor actual, Noise noise) {
    Optional<String> exact = new Allowance(0, List.of()).complaint(expected, actual);
    if (exact.isEmpty() || noise == Noise.NONE) {
      return exact;
    }
    List<Tensor> trials =
        this.trials.computeIfAbsent(noise, this::disturb).stream()
            .map(t -> t.get(output))
            .filter(t -> index < t.size())
            .map(t -> t.get(index))
            .toList();
    return new Allowance(noise.share(), trials).complaint(expected, actual);
  }

  private static Map<String, List<Tensor>> run(
      InferenceSession session, Map<String, Tensor> inputs) {
    Map<String, List<Tensor>> outputs = new LinkedHashMap<>();
    session.runValues(inputs).forEach((name, value) -> outputs.put(name, tensors(value).toList()));
    return outputs;
  }

  private static Stream<Tensor> tensors(Value value) {
    if (value instanceof Value.Single single) {
      return Stream.of(single.tensor());
    }
    return value instanceof Value.Sequence sequence
        ? sequence.elements().stream().flatMap(CaseRunner::tensors)
        : Stream.of();
  }

  private List<Map<String, List<Tensor>>> disturb(Noise noise) {
    List<Map<String, List<Tensor>>> results = new ArrayList<>();
    OnnxModel original = OnnxModel.read(data.model().toByteArray());
    try (CompiledModel compiled = compiler(Mode.FP32, Map.of()).compile(original);
        InferenceSession session = compiled.newSession()) {
      Map<String, Tensor> exact = data.tensorsFor(data.model());
      for (Map<String, Tensor> inputs : noise.trials(exact)) {
        results.add(run(session, inputs));
        inputs.values().forEach(Tensor::close);
      }
      exact.values().forEach(Tensor::close);
    }
    return results;
  }

  private Compiler compiler(Mode mode, Map<String, Tensor> inputs) {
    Precision precision = mode.precision(inputs);
    return Compiler.forTarget(target).precision(precision).sessions(1).build();
  }
}
