package io.inferc.backend.onnxruntime;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.SequenceInfo;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Value;
import io.inferc.runtime.ValueSpec;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copies what ONNX Runtime returns, tensors and others, out of its memory. */
final class OtherValues {
  private OtherValues() {}

  /** Finds the outputs that are sequences and maps. */
  static List<ValueSpec> specs(Map<String, NodeInfo> outputs) {
    List<ValueSpec> specs = new ArrayList<>();
    outputs.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof SequenceInfo s) {
            String element =
                s.isSequenceOfMaps() ? map(s.mapInfo) : "tensor(" + s.sequenceType + ")";
            specs.add(new ValueSpec(name, "sequence(" + element + ")"));
          } else if (node.getInfo() instanceof MapInfo m) {
            specs.add(new ValueSpec(name, map(m)));
          }
        });
    return List.copyOf(specs);
  }

  private static String map(MapInfo info) {
    return "map(" + info.keyType + ", " + info.valueType + ")";
  }

  /** Returns the outputs but these. */
  static Map<String, NodeInfo> without(Map<String, NodeInfo> outputs, List<ValueSpec> others) {
    Map<String, NodeInfo> left = new LinkedHashMap<>(outputs);
    others.forEach(o -> left.remove(o.name()));
    return left;
  }

  /** Copies a value of any kind. */
  static Value copy(OnnxValue value, NativeCopies copies) throws OrtException {
    if (value instanceof OnnxTensor tensor) {
      DataType type = Types.dataType(tensor.getInfo()).orElseThrow(() -> unknown(tensor));
      return new Value.Single(copy(type, tensor, copies));
    }
    if (value instanceof OnnxMap map) {
      return new Value.Dictionary(new LinkedHashMap<>(map.getValue()));
    }
    if (value instanceof OnnxSequence sequence) {
      return sequence(sequence, copies);
    }
    throw unknown(value);
  }

  private static Value sequence(OnnxSequence sequence, NativeCopies nativeCopies)
      throws OrtException {
    List<? extends OnnxValue> elements = sequence.getValue();
    List<Value> copies = new ArrayList<>();
    boolean complete = false;
    try {
      for (OnnxValue element : elements) {
        copies.add(copy(element, nativeCopies));
      }
      complete = true;
      return new Value.Sequence(copies);
    } finally {
      OnnxValue.close(elements);
      if (!complete) {
        copies.forEach(Value::close);
      }
    }
  }

  private static InfercException unknown(OnnxValue value) {
    return new InfercException(
        Stage.RUN,
        "Tried to take an output of ONNX Runtime, but it is " + value + ", which has no form here.",
        "Change the model so that it returns tensors, or sequences of tensors.");
  }

  /** Copies a tensor. */
  static Tensor copy(DataType type, OnnxTensor value, NativeCopies copies) throws OrtException {
    long[] shape = value.getInfo().getShape();
    if (type == DataType.STRING) {
      List<String> strings = new ArrayList<>();
      flatten(value.getValue(), strings);
      return Tensor.ofStrings(strings, shape);
    }
    Tensor copy = Tensor.allocate(type, shape);
    boolean complete = false;
    try {
      copies.copy(value, copy);
      complete = true;
      return copy;
    } finally {
      if (!complete) {
        copy.close();
      }
    }
  }

  private static void flatten(Object value, List<String> strings) {
    if (value instanceof Object[] array) {
      for (Object element : array) {
        flatten(element, strings);
      }
    } else {
      strings.add((String) value);
    }
  }
}
