package io.inferc.testing;

import com.google.protobuf.ByteString;
import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TypeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.List;

/** Writes models as messages, with mistakes that builders do not let through. */
final class ProtoModels {
  static final String DOMAIN = "own";
  static final int OPSET = 17;

  private ProtoModels() {}

  /** A node; names are parted by blanks, and a dash is a name that is left out. */
  static NodeProto node(String op, String inputs, String outputs, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .addAllInput(names(inputs))
        .addAllOutput(names(outputs))
        .addAllAttribute(List.of(attributes))
        .build();
  }

  /** A call of a function. */
  static NodeProto call(String function, String inputs, String outputs, AttributeProto... more) {
    return node(function, inputs, outputs, more).toBuilder().setDomain(DOMAIN).build();
  }

  private static List<String> names(String names) {
    return names.isBlank()
        ? List.of()
        : Arrays.stream(names.split(" ")).map(n -> n.equals("-") ? "" : n).toList();
  }

  static AttributeProto a(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto as(String name, Long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(List.of(values))
        .build();
  }

  static AttributeProto a(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto a(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto a(String name, GraphProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(value)
        .build();
  }

  static AttributeProto a(String name, TensorProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.TENSOR)
        .setT(value)
        .build();
  }

  /** An attribute whose value a call gives. */
  static AttributeProto ref(String name, AttributeType type, String parameter) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(type)
        .setRefAttrName(parameter)
        .build();
  }

  static TensorProto longs(String name, Long... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(DataType.INT64.onnxCode())
        .addDims(values.length)
        .addAllInt64Data(List.of(values))
        .build();
  }

  static TensorProto scalar(String name, DataType type, int value) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.onnxCode());
    return type == DataType.INT64
        ? tensor.addInt64Data(value).build()
        : type == DataType.FLOAT32
            ? tensor.addFloatData(value).build()
            : tensor.addInt32Data(value).build();
  }

  static TypeProto type(DataType type, long... sizes) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type.onnxCode());
    tensor.getShapeBuilder();
    for (long size : sizes) {
      tensor.getShapeBuilder().addDimBuilder().setDimValue(size);
    }
    return TypeProto.newBuilder().setTensorType(tensor).build();
  }

  static TypeProto sequence(TypeProto of) {
    return TypeProto.newBuilder()
        .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(of))
        .build();
  }

  static TypeProto optional(TypeProto of) {
    return TypeProto.newBuilder()
        .setOptionalType(TypeProto.Optional.newBuilder().setElemType(of))
        .build();
  }

  static ValueInfoProto value(String name, TypeProto type) {
    return ValueInfoProto.newBuilder().setName(name).setType(type).build();
  }

  static ValueInfoProto value(String name, DataType type, long... sizes) {
    return value(name, type(type, sizes));
  }

  /** FLOAT32[2]. */
  static ValueInfoProto pair(String name) {
    return value(name, DataType.FLOAT32, 2);
  }

  static ValueInfoProto number(String name) {
    return value(name, DataType.INT64);
  }

  static ValueInfoProto flag(String name) {
    return value(name, DataType.BOOL);
  }

  /** A graph that reads what is around it. */
  static GraphProto body(String name, ValueInfoProto output, NodeProto... nodes) {
    return GraphProto.newBuilder()
        .setName(name)
        .addAllNode(List.of(nodes))
        .addOutput(output)
        .build();
  }

  /** An If of a flag c, whose branches are one graph each. */
  static NodeProto choice(GraphProto then, GraphProto otherwise, String output) {
    return node("If", "c", output, a("then_branch", then), a("else_branch", otherwise));
  }

  /** A graph of inputs c and x, and an output y that is a pair. */
  static GraphProto.Builder graph(NodeProto... nodes) {
    return GraphProto.newBuilder()
        .setName("g")
        .addInput(flag("c"))
        .addInput(pair("x"))
        .addAllNode(List.of(nodes))
        .addOutput(pair("y"));
  }

  static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  /** A function of c and x that returns y. */
  static FunctionProto.Builder function(String name, NodeProto... nodes) {
    return FunctionProto.newBuilder()
        .setDomain(DOMAIN)
        .setName(name)
        .addInput("c")
        .addInput("x")
        .addOutput("y")
        .addOpsetImport(opset("", OPSET))
        .addOpsetImport(opset(DOMAIN, 1))
        .addAllNode(List.of(nodes));
  }

  static ModelProto.Builder model(GraphProto.Builder graph, FunctionProto.Builder... functions) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(10)
            .addOpsetImport(opset("", OPSET))
            .addOpsetImport(opset(DOMAIN, 1))
            .setGraph(graph);
    Arrays.stream(functions).forEach(model::addFunctions);
    return model;
  }
}
