package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the dialect keeps from TensorRT's builder, without a device. */
class IntegerRulesTest {
  private static final class Facts implements OperatorUse.Facts {
    private final Map<String, long[]> dims;
    private final Map<String, Initializer> constants = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    Facts(Map<String, long[]> dims) {
      this.dims = dims;
    }

    @Override
    public Optional<DataType> type(String tensor) {
      return Optional.of(DataType.FLOAT32);
    }

    @Override
    public Optional<List<Dimension>> dimensions(String tensor) {
      return Optional.ofNullable(dims.get(tensor))
          .map(sizes -> Arrays.stream(sizes).mapToObj(Dimension::fixed).toList());
    }

    @Override
    public Optional<Initializer> constant(String tensor) {
      return Optional.ofNullable(constants.get(tensor));
    }

    @Override
    public Optional<Node> producer(String tensor) {
      return nodes.stream().filter(n -> n.outputs().contains(tensor)).findFirst();
    }

    @Override
    public List<Node> consumers(String tensor) {
      return nodes.stream().filter(n -> n.inputs().contains(tensor)).toList();
    }
  }

  private static Optional<String> convolution(String type, long groups, long... weights) {
    Node node =
        Node.builder(type)
            .inputs("x", "w")
            .outputs("y")
            .attribute(Attribute.of("group", groups))
            .build();
    Facts shapes = new Facts(Map.of("x", new long[] {1, 8, 9, 9}, "w", weights));
    return IntegerRules.kernels().refusal(new OperatorUse(node, 17, shapes));
  }

  @Test
  void convolutionsInGroupsTakeFourChannelsOrOne() {
    for (String type : List.of("Conv", "ConvTranspose")) {
      assertTrue(convolution(type, 4, 8, 2, 3, 3).orElseThrow().contains("2 and 2 channels"));
      assertTrue(convolution(type, 2, 12, 4, 3, 3).isPresent());
      assertTrue(convolution(type, 8, 16, 1, 3, 3).isPresent());
      assertEquals(Optional.empty(), convolution(type, 1, 6, 3, 3, 3));
      assertEquals(Optional.empty(), convolution(type, 2, 8, 4, 3, 3));
      assertEquals(Optional.empty(), convolution(type, 8, 8, 1, 3, 3));
      assertTrue(convolution(type, 2, 8, 4, 2, 2, 2).orElseThrow().contains("volumes"));
      assertEquals(Optional.empty(), convolution(type, 1, 8, 8, 2, 2, 2));
    }
  }

  /** Whether a layer behind some nodes, each of which reads the one before, is in integers. */
  private static boolean isBuilt(Facts facts, String type, Node... before) {
    for (Node node : before) {
      facts.nodes.add(node);
    }
    Node layer = Node.of(type, List.of("y", "w"), List.of("z"));
    return IntegerRules.kernels().refusal(new OperatorUse(layer, 17, facts)).isEmpty();
  }

  private static Facts volumes(int rank) {
    long[] dims = {1, 8, 4, 5, 6};
    return new Facts(Map.of("x", Arrays.copyOf(dims, rank), "y", Arrays.copyOf(dims, rank)));
  }

  private static Node pass(String type, String from, String to) {
    return Node.of(type, List.of(from), List.of(to));
  }

  @Test
  void layersBehindTheLargestOrNearestOfVolumesStayInFloatingPoint() {
    for (String type : List.of("MaxPool", "GlobalMaxPool", "Resize")) {
      for (String layer : List.of("Conv", "ConvTranspose")) {
        assertFalse(isBuilt(volumes(5), layer, pass(type, "x", "y")));
        assertTrue(isBuilt(volumes(4), layer, pass(type, "x", "y")));
        assertFalse(isBuilt(volumes(5), layer, pass(type, "x", "m"), pass("Relu", "m", "y")));
        assertTrue(isBuilt(volumes(5), layer, pass(type, "x", "m"), pass("Sigmoid", "m", "y")));
      }
    }
    Node linear = pass("Resize", "x", "y");
    Node resize = linear.toBuilder().attribute(Attribute.of("mode", "linear")).build();
    assertTrue(isBuilt(volumes(5), "Conv", resize));
    assertTrue(isBuilt(volumes(5), "Conv", pass("AveragePool", "x", "y")));
  }

  @Test
  void layersAroundTwoBoundsStayInFloatingPoint() {
    assertTrue(isClippedInIntegers(0, 6));
    assertTrue(isClippedInIntegers(Float.NEGATIVE_INFINITY, 0.4f));
    assertTrue(isClippedInIntegers(0.2f, Float.MAX_VALUE));
    assertFalse(isClippedInIntegers(-0.6f, 0.9f));
    assertFalse(isClippedInIntegers(0.2f, 0.9f));
    assertFalse(isClippedInIntegers(0, 1));
    assertFalse(isClippedInIntegers(Float.NaN, 6));
  }

  /** A bound that is no number stands for one that is not known. */
  private static boolean isClippedInIntegers(float low, float high) {
    boolean[] built = new boolean[2];
    for (int i = 0; i < 2; i++) {
      Facts facts = volumes(4);
      for (Map.Entry<String, Float> bound : Map.of("low", low, "high", high).entrySet()) {
        if (!bound.getValue().isNaN()) {
          float[] value = {bound.getValue()};
          facts.constants.put(bound.getKey(), Initializer.floats(bound.getKey(), value));
        }
      }
      boolean behind = i == 0;
      List<String> inputs = List.of(behind ? "x" : "z", "low", "high");
      built[i] = isBuilt(facts, "Conv", Node.of("Clip", inputs, List.of(behind ? "y" : "o")));
    }
    assertEquals(built[0], built[1]);
    return built[0];
  }

  @Test
  void longChainsAreNotFollowedToTheirEnd() {
    Facts facts = volumes(4);
    Node[] chain = new Node[1500];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = pass("Relu", i == chain.length - 1 ? "x" : "t" + (i + 1), i == 0 ? "y" : "t" + i);
    }
    assertFalse(isBuilt(facts, "Conv", chain));
  }

  @Test
  void theDialectHasTheRules() {
    assertEquals(
        IntegerRules.kernels().toString(),
        TensorRtCapabilities.dialect().kernels().kernelRules().toString());
  }
}
