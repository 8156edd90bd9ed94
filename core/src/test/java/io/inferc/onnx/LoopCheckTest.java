package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoopCheckTest {
  private static final long MANY = 1L << 40;
  private static final Node PASSED_ON = node("Identity", "go", "on");
  private static final Node COMPUTED = node("IsNaN", "go", "v");
  private static final Node ALWAYS =
      Node.builder("Constant").outputs("go").attribute(Attribute.of("value", bool("t", 1))).build();

  @Test
  void aConstantNumberOfStepsIsLimited() {
    says(model(MANY, loop("n", "", PASSED_ON)), "takes 1099511627776 steps", "limit is 1000000");
    says(model(MANY, loop("n", "yes", PASSED_ON)), "takes 1099511627776 steps");
    says(model(MANY, loop("n", "", ALWAYS)), "takes 1099511627776 steps");
    accepts(model(1_000_000, loop("n", "", PASSED_ON)));
    accepts(model(-5, loop("n", "", PASSED_ON)));
  }

  @Test
  void aLoopWithoutCountAndWithoutEndIsRefused() {
    says(model(1, loop("", "yes", PASSED_ON)), "never ends");
    says(model(1, loop("", "yes", ALWAYS)), "never ends");
    accepts(model(1, loop("", "no", PASSED_ON)));
    accepts(model(1, loop("", "yes", COMPUTED)));
  }

  /** Exporters write the largest number where only the condition ends a loop. */
  @Test
  void aConditionThatIsComputedMayEndTheLoop() {
    accepts(model(Long.MAX_VALUE, loop("n", "yes", COMPUTED)));
  }

  @Test
  void stepsOfLoopsInEachOtherAreMultiplied() {
    Node inner =
        Node.builder("Loop")
            .inputs("n", "", "v")
            .outputs("w")
            .attribute(Attribute.of("body", body("2", node("Identity", "go2", "on2"))))
            .build();
    accepts(model(1000, loop("n", "", PASSED_ON, inner)));
    says(model(1001, loop("n", "", PASSED_ON, inner)), "takes 1002001 steps");
  }

  @Test
  void aCountIsFollowedThroughIdentityAndNoFarther() {
    Node count = node("Identity", "count", "n");
    says(model(MANY, count, loop("count", "", PASSED_ON)), "takes 1099511627776 steps");
    accepts(model(MANY, node("Abs", "count", "n"), loop("count", "", PASSED_ON)));
  }

  @Test
  void theLimitCanBeRaised(@TempDir Path folder) {
    Path file = folder.resolve("m.onnx");
    model(5_000_000, loop("n", "", PASSED_ON)).save(file);
    ModelLimits limits = ModelLimits.defaults();
    assertThrows(
        ModelFormatException.class, () -> OnnxModel.load(file, limits.withLoopSteps(4_999_999)));
    assertDoesNotThrow(() -> OnnxModel.load(file, limits.withLoopSteps(5_000_000)));
    assertThrows(IllegalArgumentException.class, () -> limits.withLoopSteps(0));
  }

  private static void says(OnnxModel model, String... words) {
    String message =
        assertThrows(ModelFormatException.class, () -> OnnxModel.read(model.toBytes()))
            .getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
    assertTrue(message.contains("withLoopSteps"), message);
  }

  private static void accepts(OnnxModel model) {
    assertDoesNotThrow(() -> OnnxModel.read(model.toBytes()));
  }

  private static OnnxModel model(long count, Node... nodes) {
    GraphBuilder graph =
        Graph.builder("g")
            .input(floats("x"))
            .initializer(Initializer.longs("n", new long[] {count}))
            .initializer(bool("yes", 1))
            .initializer(bool("no", 0));
    List.of(nodes).forEach(graph::node);
    return OnnxModel.of(graph.output(floats("y")).build(), 17);
  }

  private static Node loop(String count, String condition, Node... nodes) {
    return Node.builder("Loop")
        .inputs(count, condition, "x")
        .outputs("y")
        .attribute(Attribute.of("body", body("", nodes)))
        .build();
  }

  private static Graph body(String suffix, Node... nodes) {
    GraphBuilder body =
        Graph.builder("body" + suffix)
            .input(TensorSpec.of("i" + suffix, DataType.INT64, ""))
            .input(TensorSpec.of("on" + suffix, DataType.BOOL, ""))
            .input(floats("v" + suffix))
            .node(node("Relu", "r" + suffix, "v" + suffix));
    List.of(nodes).forEach(body::node);
    return body.output(TensorSpec.of("go" + suffix, DataType.BOOL, ""))
        .output(floats("r" + suffix))
        .build();
  }

  private static Node node(String operator, String output, String input) {
    return Node.builder(operator).inputs(input).outputs(output).build();
  }

  private static TensorSpec floats(String name) {
    return TensorSpec.of(name, DataType.FLOAT32, "");
  }

  private static Initializer bool(String name, int value) {
    return Initializer.of(name, DataType.BOOL, ByteBuffer.wrap(new byte[] {(byte) value}));
  }
}
