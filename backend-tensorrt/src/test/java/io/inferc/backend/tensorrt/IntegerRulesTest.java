package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the dialect keeps from TensorRT's builder, without a device. */
class IntegerRulesTest {
  private record Shapes(Map<String, long[]> dims) implements OperatorUse.Facts {
    @Override
    public Optional<DataType> type(String tensor) {
      return Optional.of(DataType.FLOAT32);
    }

    @Override
    public Optional<List<Dimension>> dimensions(String tensor) {
      return Optional.ofNullable(dims.get(tensor))
          .map(
              sizes -> {
                List<Dimension> dimensions = new ArrayList<>();
                for (long size : sizes) {
                  dimensions.add(Dimension.fixed(size));
                }
                return dimensions;
              });
    }

    @Override
    public Optional<Initializer> constant(String tensor) {
      return Optional.empty();
    }
  }

  private static Optional<String> convolution(String type, long groups, long... weights) {
    Node node =
        Node.builder(type)
            .inputs("x", "w")
            .outputs("y")
            .attribute(Attribute.of("group", groups))
            .build();
    Shapes shapes = new Shapes(Map.of("x", new long[] {1, 8, 9, 9}, "w", weights));
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
    }
  }

  @Test
  void theDialectHasTheRules() {
    assertEquals(
        IntegerRules.kernels().toString(), TensorRtCapabilities.dialect().kernelRules().toString());
  }
}
