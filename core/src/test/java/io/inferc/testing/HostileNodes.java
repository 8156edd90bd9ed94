package io.inferc.testing;

import static io.inferc.testing.ProtoModels.a;
import static io.inferc.testing.ProtoModels.as;
import static io.inferc.testing.ProtoModels.body;
import static io.inferc.testing.ProtoModels.call;
import static io.inferc.testing.ProtoModels.choice;
import static io.inferc.testing.ProtoModels.function;
import static io.inferc.testing.ProtoModels.graph;
import static io.inferc.testing.ProtoModels.model;
import static io.inferc.testing.ProtoModels.node;
import static io.inferc.testing.ProtoModels.pair;
import static io.inferc.testing.ProtoModels.ref;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.function.Supplier;

/**
 * Files of models of one node with too few or too many inputs and outputs, and with attributes of
 * other kinds than its operator has: in the graph, in a function and in a branch.
 */
final class HostileNodes {
  private static final List<String> MORE =
      List.of("", "x", "x x", "x x x", "x - -", "- x", "x x x x x x x x x");

  /** Operators and one attribute or more of each. */
  private static final Map<String, List<String>> OPERATORS =
      Map.ofEntries(
          Map.entry("Add", List.of()),
          Map.entry("ArgMax", List.of("axis", "keepdims")),
          Map.entry("AveragePool", List.of("kernel_shape", "auto_pad")),
          Map.entry("BatchNormalization", List.of("epsilon", "training_mode")),
          Map.entry("Cast", List.of("to")),
          Map.entry("Clip", List.of()),
          Map.entry("Concat", List.of("axis")),
          Map.entry("Constant", List.of("value", "value_ints", "value_string")),
          Map.entry("ConstantOfShape", List.of("value")),
          Map.entry("Conv", List.of("kernel_shape", "pads", "group", "auto_pad")),
          Map.entry("DequantizeLinear", List.of("axis")),
          Map.entry("Einsum", List.of("equation")),
          Map.entry("Expand", List.of()),
          Map.entry("Flatten", List.of("axis")),
          Map.entry("Gather", List.of("axis")),
          Map.entry("Gemm", List.of("alpha", "transB")),
          Map.entry("If", List.of("then_branch", "else_branch")),
          Map.entry("LSTM", List.of("hidden_size", "direction", "activations")),
          Map.entry("LayerNormalization", List.of("axis", "epsilon")),
          Map.entry("Loop", List.of("body")),
          Map.entry("MatMul", List.of()),
          Map.entry("Optional", List.of("type")),
          Map.entry("Pad", List.of("mode")),
          Map.entry("QuantizeLinear", List.of("axis")),
          Map.entry("ReduceSum", List.of("keepdims")),
          Map.entry("Relu", List.of()),
          Map.entry("Reshape", List.of("allowzero")),
          Map.entry("Resize", List.of("mode", "cubic_coeff_a")),
          Map.entry("Scan", List.of("body", "num_scan_inputs")),
          Map.entry("SequenceMap", List.of("body")),
          Map.entry("Shape", List.of("start")),
          Map.entry("Slice", List.of()),
          Map.entry("Softmax", List.of("axis")),
          Map.entry("Split", List.of("axis")),
          Map.entry("Squeeze", List.of()),
          Map.entry("TopK", List.of("axis", "sorted")),
          Map.entry("Transpose", List.of("perm")),
          Map.entry("Unsqueeze", List.of()));

  private final Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();

  private HostileNodes() {}

  static Map<String, Supplier<byte[]>> all() {
    HostileNodes made = new HostileNodes();
    OPERATORS.entrySet().stream()
        .sorted(Entry.comparingByKey())
        .forEach(e -> made.operator(e.getKey(), e.getValue()));
    return made.models;
  }

  private void operator(String op, List<String> attributes) {
    for (String inputs : MORE) {
      everywhere(op + " of '" + inputs + "'", node(op, inputs, "y"));
    }
    everywhere(op + " that makes too much", node(op, "x", "y a b d e f g h i"));
    everywhere(op + " that makes nothing", node(op, "x", ""));
    everywhere(op + " with an unknown attribute", node(op, "x x", "y", a("unheard_of", 1)));
    for (String name : attributes) {
      for (AttributeProto odd : odd(name)) {
        String kind =
            odd.getType()
                + (odd.hasI() && odd.getType() != AttributeType.INT ? " that it is not" : "")
                + (odd.getRefAttrName().isEmpty() ? "" : " of a call");
        everywhere(op + " with " + name + " as " + kind, node(op, "x", "y", odd));
        everywhere(op + " of two with " + name + " as " + kind, node(op, "x x", "y", odd));
      }
    }
  }

  private static List<AttributeProto> odd(String name) {
    List<AttributeProto> odd = new ArrayList<>();
    odd.add(a(name, 1));
    odd.add(a(name, 1f));
    odd.add(a(name, "odd"));
    odd.add(as(name, 7L, -7L, Long.MIN_VALUE));
    odd.add(a(name, GraphProto.getDefaultInstance()));
    odd.add(a(name, ProtoModels.scalar("k", DataType.FLOAT32, 1)));
    odd.add(AttributeProto.newBuilder().setName(name).build());
    odd.add(a(name, 1).toBuilder().setType(AttributeType.FLOATS).build());
    odd.add(ref(name, AttributeType.INT, "missing"));
    odd.add(ref(name, AttributeType.STRINGS, "missing"));
    return odd;
  }

  private void everywhere(String name, NodeProto node) {
    put(name, model(graph(node)));
    put(name + ", in a function", model(graph(call("f", "c x", "y")), function("f", node)));
    GraphProto branch = body("t", pair("y"), node);
    put(name + ", in a branch", model(graph(choice(branch, branch, "y"))));
  }

  private void put(String name, ModelProto.Builder model) {
    models.put(name, () -> model.build().toByteArray());
  }
}
