package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The element types that TensorRT passes in and out as they are. */
final class Types {
  private static final int FIRST_WITH_BF16 = 8;
  private static final Set<DataType> ALL =
      Collections.unmodifiableSet(
          EnumSet.of(
              DataType.FLOAT32,
              DataType.FLOAT16,
              DataType.BFLOAT16,
              DataType.INT32,
              DataType.INT64,
              DataType.BOOL));

  private Types() {}

  /** The types that a GPU has. UINT8 and INT8 are left out: TensorRT only converts them. */
  static Set<DataType> of(GpuInfo gpu) {
    EnumSet<DataType> types = EnumSet.copyOf(ALL);
    if (gpu.major() < FIRST_WITH_BF16) {
      types.remove(DataType.BFLOAT16);
    }
    return types;
  }

  /** The tensors that a model takes, each of a type that can be passed. */
  static List<TensorSpec> inputs(String model, Graph graph, GpuInfo gpu) {
    return specs(model, "input", graph.requiredInputs(), gpu);
  }

  /** The tensors that a model returns, each of a type that can be passed. */
  static List<TensorSpec> outputs(String model, Graph graph, GpuInfo gpu) {
    return specs(model, "output", graph.outputs(), gpu);
  }

  private static List<TensorSpec> specs(
      String model, String kind, List<ValueInfo> values, GpuInfo gpu) {
    Set<DataType> types = of(gpu);
    List<TensorSpec> specs = new ArrayList<>();
    for (ValueInfo value : values) {
      TensorSpec spec = value.tensor().filter(s -> types.contains(s.type())).orElse(null);
      if (spec == null) {
        throw new InfercException(
            Stage.COMPILE,
            "Tried to compile the model "
                + model
                + " for TensorRT, but its "
                + kind
                + " "
                + value
                + " is of a type that TensorRT does not pass on "
                + gpu.name()
                + ".",
            "Change the model so that it takes and returns tensors of " + types + ".");
      }
      specs.add(spec);
    }
    return List.copyOf(specs);
  }
}
