package io.inferc.shape.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SampleFolder;
import io.inferc.onnx.ValueInfo;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PyPiModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares what is proved with the shapes in the ONNX project's own data for its operators. */
class OperatorDataShapesTest {
  /** Only every so many cases, which are many. */
  private static final int EVERY = 4;

  /** What becomes of the inputs of a case. */
  private enum Inputs {
    AS_GIVEN,
    SYMBOLS,
    CONSTANTS_BUT_THE_FIRST
  }

  private int outputs;
  private int proved;

  @Test
  void shapesFollowFromTheInputs() throws IOException {
    assertTrue(share(Inputs.AS_GIVEN) > 0.75);
  }

  @Test
  void shapesFollowFromSymbols() throws IOException {
    assertTrue(share(Inputs.SYMBOLS) > 0.65);
  }

  @Test
  void shapesFollowFromInputsAndConstants() throws IOException {
    assertTrue(share(Inputs.CONSTANTS_BUT_THE_FIRST) > 0.85);
  }

  /** Returns the share of outputs all of whose sizes are proved. */
  private double share(Inputs kind) throws IOException {
    List<Path> cases;
    try (Stream<Path> all = Files.list(PyPiModels.onnxTestData().resolve("node"))) {
      cases = all.filter(c -> Files.exists(c.resolve("model.onnx"))).sorted().toList();
    }
    for (int i = 0; i < cases.size(); i += EVERY) {
      compare(cases.get(i), kind);
    }
    assertTrue(outputs > 100, "there are only " + outputs + " outputs");
    return (double) proved / outputs;
  }

  private void compare(Path folder, Inputs kind) throws IOException {
    OnnxModel model = OnnxModel.loadUnchecked(folder.resolve("model.onnx"));
    Map<String, Tensor> sample = new HashMap<>();
    try {
      SampleFolder.open(folder).forEach((i, s) -> sample.isEmpty() && keep(s, sample));
    } catch (InfercException e) {
      // Inputs that are no tensors.
      return;
    }
    Map<String, long[]> shapes = new HashMap<>();
    sample.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    ProvedShapes found = ProvedShapes.of(changed(model, sample, kind), List.of());
    List<ValueInfo> all = model.graph().outputs();
    for (int i = 0; i < all.size(); i++) {
      Path file = folder.resolve("test_data_set_0").resolve("output_" + i + ".pb");
      if (all.get(i).tensor().isPresent() && Files.exists(file)) {
        List<Long> actual = TensorProto.parseFrom(Files.readAllBytes(file)).getDimsList();
        compare(found, all.get(i).name(), shapes, actual, folder);
      }
    }
  }

  private static boolean keep(Map<String, Tensor> sample, Map<String, Tensor> kept) {
    sample.forEach(
        (name, tensor) ->
            kept.put(
                name,
                tensor.type() == DataType.STRING
                    ? Tensor.ofStrings(tensor.strings(), tensor.shape())
                    : Tensor.ofBytes(tensor.type(), bytes(tensor), tensor.shape())));
    return true;
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.byteSize()];
    tensor.bytes().get(bytes);
    return bytes;
  }

  private static OnnxModel changed(OnnxModel model, Map<String, Tensor> sample, Inputs kind) {
    if (kind == Inputs.AS_GIVEN) {
      return model;
    }
    GraphEditor editor = model.graph().edit();
    List<ValueInfo> inputs = model.graph().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      String name = inputs.get(i).name();
      Tensor tensor = sample.get(name);
      if (tensor == null || tensor.type() == DataType.STRING) {
        continue;
      }
      if (kind == Inputs.SYMBOLS) {
        List<Dimension> symbols = new ArrayList<>();
        for (int axis = 0; axis < tensor.shape().length; axis++) {
          symbols.add(Dimension.symbolic("s" + i + "_" + axis));
        }
        editor.removeInput(name);
        editor.addInput(new TensorSpec(name, tensor.type(), TensorShape.of(symbols)));
      } else if (i > 0) {
        editor.removeInput(name);
        editor.putInitializer(Initializer.of(name, tensor.type(), tensor.bytes(), tensor.shape()));
      }
    }
    return model.withGraph(editor.build());
  }

  private void compare(
      ProvedShapes found, String output, Map<String, long[]> shapes, List<Long> actual, Path of) {
    outputs++;
    List<OptionalLong> expected = found.expected(output, shapes).orElse(null);
    if (expected == null) {
      return;
    }
    String message = output + " of " + of.getFileName() + " is proved " + found.describe(output);
    assertEquals(actual.size(), expected.size(), message);
    boolean all = true;
    for (int i = 0; i < actual.size(); i++) {
      all &= expected.get(i).isPresent();
      assertEquals(actual.get(i), expected.get(i).orElse(actual.get(i)), message);
    }
    proved += all ? 1 : 0;
  }
}
