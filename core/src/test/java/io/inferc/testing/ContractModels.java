package io.inferc.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorShapeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;

/** Small models whose results are known exactly. */
public final class ContractModels {
  /** An opset that every supported runtime reads. */
  public static final int OPSET = 17;

  private ContractModels() {}

  /** y = x, of any type, over one open dimension. */
  public static OnnxModel identity(DataType type) {
    return OnnxModel.of(
        Graph.builder("identity")
            .input(TensorSpec.of("x", type, "n"))
            .node(Node.of("Identity", List.of("x"), List.of("y")))
            .output(TensorSpec.of("y", type, "n"))
            .build(),
        OPSET);
  }

  /** sum = a + b, difference = a - b, over [batch, 4]. */
  public static OnnxModel sumAndDifference() {
    return OnnxModel.of(
        Graph.builder("sum-and-difference")
            .input(TensorSpec.of("a", DataType.FLOAT32, "batch, 4"))
            .input(TensorSpec.of("b", DataType.FLOAT32, "batch, 4"))
            .node(Node.of("Add", List.of("a", "b"), List.of("sum")))
            .node(Node.of("Sub", List.of("a", "b"), List.of("difference")))
            .output(TensorSpec.of("sum", DataType.FLOAT32, "batch, 4"))
            .output(TensorSpec.of("difference", DataType.FLOAT32, "batch, 4"))
            .build(),
        OPSET);
  }

  /** y = Relu(x W + c) over [rows, 3], with W of 3 x 2 and a row of 2 added. */
  public static OnnxModel dense() {
    return OnnxModel.of(
        Graph.builder("dense")
            .input(TensorSpec.of("x", DataType.FLOAT32, "rows, 3"))
            .initializer(Initializer.floats("w", new float[] {1, -1, 2, 0.5f, -3, 4}, 3, 2))
            .initializer(Initializer.floats("c", new float[] {0.25f, -0.5f}, 2))
            .node(Node.of("MatMul", List.of("x", "w"), List.of("xw")))
            .node(Node.of("Add", List.of("xw", "c"), List.of("xwc")))
            .node(Node.of("Relu", List.of("xwc"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, "rows, 2"))
            .build(),
        OPSET);
  }

  /** What {@link #dense()} computes. */
  public static float[] denseReference(float[] x) {
    float[] w = {1, -1, 2, 0.5f, -3, 4};
    float[] c = {0.25f, -0.5f};
    int rows = x.length / 3;
    float[] y = new float[rows * 2];
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < 2; o++) {
        float sum = 0;
        for (int i = 0; i < 3; i++) {
          sum += x[r * 3 + i] * w[i * 2 + o];
        }
        y[r * 2 + o] = Math.max(0, sum + c[o]);
      }
    }
    return y;
  }

  /** where = the coordinates of the elements of x that are not zero: a size only the data tells. */
  public static OnnxModel nonZero() {
    return OnnxModel.of(
        Graph.builder("non-zero")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
            .node(Node.of("NonZero", List.of("x"), List.of("where")))
            .output(TensorSpec.of("where", DataType.INT64, "1, found"))
            .build(),
        OPSET);
  }

  /** A matrix product of fixed size, heavy enough that runs overlap: y = x W W W W over [1, n]. */
  public static OnnxModel heavy(int n) {
    float[] w = new float[n * n];
    for (int i = 0; i < n; i++) {
      w[i * n + (i + 1) % n] = 1;
    }
    var graph =
        Graph.builder("heavy")
            .input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + n))
            .initializer(Initializer.floats("w", w, n, n));
    String last = "x";
    for (int i = 0; i < 4; i++) {
      String next = i == 3 ? "y" : "h" + i;
      graph.node(Node.of("MatMul", List.of(last, "w"), List.of(next)));
      last = next;
    }
    return OnnxModel.of(
        graph.output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + n)).build(), OPSET);
  }

  /** y = Relu(x) over two sizes that an exporter did not know, and calls "?" both. */
  public static OnnxModel questionMarks() {
    OnnxModel named =
        OnnxModel.of(
            Graph.builder("question-marks")
                .input(TensorSpec.of("x", DataType.FLOAT32, "rows, columns"))
                .node(Node.of("Relu", List.of("x"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, "rows, columns"))
                .build(),
            OPSET);
    try {
      // Written past TensorSpec, which takes that name from them.
      ModelProto.Builder model = ModelProto.parseFrom(named.toBytes()).toBuilder();
      for (ValueInfoProto.Builder value :
          List.of(
              model.getGraphBuilder().getInputBuilder(0),
              model.getGraphBuilder().getOutputBuilder(0))) {
        TensorShapeProto.Builder shape =
            value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        shape.getDimBuilderList().forEach(d -> d.setDimParam("?"));
      }
      return OnnxModel.read(model.build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** A node of an operator that nobody has. */
  public static OnnxModel unknownOperator() {
    return OnnxModel.of(
        Graph.builder("unknown")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1))
            .node(
                Node.builder("Frobnicate")
                    .name("odd-one")
                    .inputs("x")
                    .outputs("y")
                    .attribute(Attribute.of("strength", 3))
                    .build())
            .output(TensorSpec.of("y", DataType.FLOAT32, 1))
            .build(),
        OPSET);
  }
}
