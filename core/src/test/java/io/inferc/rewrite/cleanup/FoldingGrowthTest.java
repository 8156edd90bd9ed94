package io.inferc.rewrite.cleanup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What many nodes make of small constants stays small. */
class FoldingGrowthTest {
  @Test
  void manyNodesThatEachMakeALittleMoreAreNotAllFolded() {
    int nodes = 4000;
    GraphBuilder graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 8000))
            .initializer(Initializer.longs("n", new long[] {8000}, 1));
    String sum = "x";
    for (int i = 0; i < nodes; i++) {
      graph.node(Node.of("ConstantOfShape", List.of("n"), List.of("c" + i)));
      graph.node(Node.of("Add", List.of(sum, "c" + i), List.of("s" + i)));
      sum = "s" + i;
    }
    graph.output(TensorSpec.of(sum, DataType.FLOAT32, 8000));

    RewriteLog log = new RewriteLog();
    OnnxModel folded = new ConstantFolding().apply(OnnxModel.of(graph.build(), 17), log);

    long bytes = folded.graph().initializers().stream().mapToLong(Initializer::byteSize).sum();
    assertTrue(bytes > 0 && bytes <= ConstantFolding.GROWTH_BYTES + 16, bytes + " bytes");
    long left =
        folded.graph().nodes().stream().filter(n -> n.opType().equals("ConstantOfShape")).count();
    assertTrue(left > 0 && left < nodes, left + " nodes are left");
    assertTrue(log.notes().stream().anyMatch(n -> n.text().contains("too large together")));
  }
}
