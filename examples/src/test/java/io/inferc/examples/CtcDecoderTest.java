package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class CtcDecoderTest {
  private final CtcDecoder decoder = new CtcDecoder(List.of("a", "b", " "));

  /** Scores whose best class at each step is the given one. */
  private static Tensor scores(int[]... lines) {
    int steps = lines[0].length;
    float[] values = new float[lines.length * steps * 4];
    for (int line = 0; line < lines.length; line++) {
      for (int step = 0; step < steps; step++) {
        values[(line * steps + step) * 4 + lines[line][step]] = 0.7f;
      }
    }
    return Tensor.of(values, lines.length, steps, 4);
  }

  private List<String> decode(int[]... lines) {
    try (Tensor scores = scores(lines)) {
      return decoder.decode(scores);
    }
  }

  @Test
  void blanksAreDropped() {
    assertEquals(List.of("ab"), decode(new int[] {0, 1, 0, 0, 2, 0}));
    assertEquals(List.of(""), decode(new int[] {0, 0, 0}));
  }

  @Test
  void repeatsAreOneCharacter() {
    assertEquals(List.of("aba"), decode(new int[] {1, 1, 1, 2, 2, 1}));
  }

  @Test
  void repeatsWithABlankBetweenAreTwoCharacters() {
    assertEquals(List.of("aab"), decode(new int[] {1, 0, 1, 1, 2, 0}));
  }

  @Test
  void theSpaceIsACharacterLikeAnyOther() {
    assertEquals(List.of("a b"), decode(new int[] {1, 3, 3, 2}));
  }

  @Test
  void theLinesOfABatchDoNotReachIntoEachOther() {
    assertEquals(List.of("ab", "ba"), decode(new int[] {1, 1, 2}, new int[] {2, 0, 1}));
  }

  @Test
  void scoresOfAnotherDictionaryAreRefused() {
    try (Tensor scores = Tensor.allocate(DataType.FLOAT32, 1, 2, 5)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> decoder.decode(scores));
      assertTrue(e.getMessage().contains("4"), e.getMessage());
    }
  }

  @Test
  void theDictionaryComesFromTheModelsMetadata() {
    TensorSpec x = new TensorSpec("x", DataType.FLOAT32, TensorShape.of(1, 3, 4));
    Graph graph =
        Graph.builder("tiny")
            .input(x)
            .node(Node.builder("Relu").inputs("x").outputs("y").build())
            .output(ValueInfo.untyped("y"))
            .build();
    OnnxModel model = OnnxModel.of(graph, 13);
    CtcDecoder own = CtcDecoder.of(model.withMetadata("character", "a\nb\n"));
    assertEquals(4, own.classes());
    try (Tensor scores = scores(new int[] {1, 2, 3, 1})) {
      assertEquals(List.of("ab a"), own.decode(scores));
    }
    InfercException e = assertThrows(InfercException.class, () -> CtcDecoder.of(model));
    assertTrue(e.getMessage().contains("'character'"), e.getMessage());
  }
}
