package io.inferc.testing.conformance;

import com.google.protobuf.ByteString;
import io.inferc.onnx.TestTensors;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TypeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A case read into memory.
 *
 * @param model its model
 * @param inputs what goes in, by name in the model's order
 * @param outputs what must come out, by name; outputs that the data leaves out are not there
 */
record CaseData(ModelProto model, Map<String, CaseValue> inputs, Map<String, CaseValue> outputs) {
  /** Reads a case. */
  static CaseData read(SuiteCase from) throws IOException {
    ModelProto model = ModelProto.parseFrom(from.modelBytes());
    Map<String, CaseValue> inputs = new LinkedHashMap<>();
    Map<String, CaseValue> outputs = new LinkedHashMap<>();
    List<ValueInfoProto> required = requiredInputs(model);
    List<ValueInfoProto> declared = model.getGraph().getOutputList();
    if (from.data().isPresent()) {
      read(from.data().get(), "input_", required, inputs);
      read(from.data().get(), "output_", declared, outputs);
    } else {
      for (ValueInfoProto input : required) {
        inputs.put(input.getName(), ramp(input.getType().getTensorType()));
      }
      String file = from.model().getFileName().toString().replace(".onnx", "_output_");
      read(from.model().resolveSibling("."), file, declared, outputs);
    }
    return new CaseData(model, inputs, outputs);
  }

  /** The inputs without a constant of the same name. */
  static List<ValueInfoProto> requiredInputs(ModelProto model) {
    Set<String> constants =
        model.getGraph().getInitializerList().stream()
            .map(TensorProto::getName)
            .collect(Collectors.toSet());
    return model.getGraph().getInputList().stream()
        .filter(i -> !constants.contains(i.getName()))
        .toList();
  }

  /** Whether all inputs are tensors, which Java can give to a runtime. */
  boolean takesTensors() {
    return inputs.values().stream().allMatch(v -> v.kind() == CaseValue.Kind.TENSOR);
  }

  /** The inputs of a model made of this one, as tensors that the caller closes. */
  Map<String, Tensor> tensorsFor(ModelProto variant) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ValueInfoProto input : requiredInputs(variant)) {
      tensors.put(input.getName(), inputs.get(input.getName()).tensor().orElseThrow().copy());
    }
    return tensors;
  }

  /** The names of inputs that no longer have their values. */
  List<String> changed(Map<String, Tensor> tensors) {
    return tensors.keySet().stream()
        .filter(
            name ->
                new Allowance(0, List.of())
                    .complaint(inputs.get(name).tensor().orElseThrow(), tensors.get(name))
                    .isPresent())
        .toList();
  }

  private static void read(
      Path folder, String prefix, List<ValueInfoProto> declared, Map<String, CaseValue> into)
      throws IOException {
    for (int i = 0; i < declared.size(); i++) {
      Path file = folder.resolve(prefix + i + ".pb");
      if (Files.exists(file)) {
        ByteString message = ByteString.copyFrom(Files.readAllBytes(file));
        into.put(declared.get(i).getName(), CaseValue.of(message, declared.get(i).getType()));
      }
    }
  }

  /** What the ONNX project's runner feeds to light models: 0 to 1 in equal steps. */
  private static CaseValue ramp(TypeProto.Tensor type) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.getElemType());
    type.getShape().getDimList().forEach(d -> tensor.addDims(d.getDimValue()));
    long count = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
    List<Float> values = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      values.add((float) ((double) i / count));
    }
    TensorProto message = tensor.addAllFloatData(values).build();
    return new CaseValue(
        CaseValue.Kind.TENSOR, List.of(TestTensors.of(message)), message.toByteString());
  }
}
