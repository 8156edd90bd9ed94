package io.inferc.testing.conformance;

import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TensorShapeProto;
import io.inferc.onnx.internal.proto.TensorShapeProto.Dimension;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import java.util.Map;
import java.util.Optional;

/** How a case's model says its inputs; the answers stay the same. */
enum Variant {
  /** As the case has it: nearly always with all sizes fixed. */
  GIVEN {
    @Override
    Optional<ModelProto> apply(CaseData data) {
      return Optional.of(data.model());
    }
  },
  /** Every size of an input is a symbol of its own, and no other shape is declared. */
  SYMBOLS {
    @Override
    Optional<ModelProto> apply(CaseData data) {
      boolean sized =
          CaseData.requiredInputs(data.model()).stream()
              .anyMatch(i -> i.getType().getTensorType().getShape().getDimCount() > 0);
      return sized ? Optional.of(withSymbols(data.model())) : Optional.empty();
    }
  },
  /** All inputs but the first that are tensors are constants with the case's values. */
  CONSTANTS {
    @Override
    Optional<ModelProto> apply(CaseData data) {
      return data.inputs().size() > 1 ? withConstants(data) : Optional.empty();
    }
  };

  // Before this version of the format a constant had to be declared as an input too.
  private static final int CONSTANTS_ALONE = 4;

  /**
   * Rewrites the model of a case.
   *
   * @return the model, or empty if it would be as given
   */
  abstract Optional<ModelProto> apply(CaseData data);

  private static ModelProto withSymbols(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    var required = CaseData.requiredInputs(model);
    for (int i = 0; i < graph.getInputCount(); i++) {
      ValueInfoProto input = graph.getInput(i);
      if (required.contains(input) && input.getType().getTensorType().hasShape()) {
        ValueInfoProto.Builder symbolic = input.toBuilder();
        TensorShapeProto.Builder shape =
            symbolic.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        for (int d = 0; d < shape.getDimCount(); d++) {
          shape.setDim(d, Dimension.newBuilder().setDimParam("d" + i + "_" + d));
        }
        graph.setInput(i, symbolic);
      }
    }
    for (int i = 0; i < graph.getOutputCount(); i++) {
      if (graph.getOutput(i).getType().hasTensorType()) {
        ValueInfoProto.Builder output = graph.getOutput(i).toBuilder();
        output.getTypeBuilder().getTensorTypeBuilder().clearShape();
        graph.setOutput(i, output);
      }
    }
    return model.toBuilder().setGraph(graph.clearValueInfo()).build();
  }

  private static Optional<ModelProto> withConstants(CaseData data) {
    ModelProto model = data.model();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    boolean first = true;
    int constants = 0;
    for (Map.Entry<String, CaseValue> input : data.inputs().entrySet()) {
      if (!first && input.getValue().tensor().isPresent()) {
        graph.addInitializer(constant(input.getKey(), input.getValue()));
        constants++;
        if (model.getIrVersion() >= CONSTANTS_ALONE) {
          removeInput(graph, input.getKey());
        }
      }
      first = false;
    }
    return constants == 0
        ? Optional.empty()
        : Optional.of(model.toBuilder().setGraph(graph).build());
  }

  private static TensorProto constant(String name, CaseValue value) {
    try {
      return TensorProto.parseFrom(value.message()).toBuilder().setName(name).build();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void removeInput(GraphProto.Builder graph, String name) {
    for (int i = 0; i < graph.getInputCount(); i++) {
      if (graph.getInput(i).getName().equals(name)) {
        graph.removeInput(i);
        return;
      }
    }
  }
}
