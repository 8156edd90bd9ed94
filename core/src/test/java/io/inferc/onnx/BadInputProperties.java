package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.common.InfercException;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BadInputProperties {
  private final byte[] perceptron = SmallModels.perceptron(3, 4, 2, 7).toBytes();
  private final byte[] branches = SmallModels.branches().toBytes();

  @Property(tries = 3000)
  void randomBytesAreNeverTakenForAModel(@ForAll @Size(max = 600) byte[] bytes) {
    assertThrows(ModelFormatException.class, () -> OnnxModel.read(bytes));
  }

  @Property(tries = 2000)
  void randomBytesAfterTheStartOfAModelAreNeverTakenForAModel(
      @ForAll @IntRange(min = 0, max = 200) int kept,
      @ForAll @Size(min = 8, max = 200) byte[] rest) {
    byte[] bytes = Arrays.copyOf(perceptron, kept + rest.length);
    System.arraycopy(rest, 0, bytes, kept, rest.length);

    refusedOrUsable(bytes);
  }

  @Property(tries = 3000)
  void aModelWithChangedBytesIsRefusedClearlyOrIsUsable(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int changes, @ForAll boolean nested) {
    byte[] bytes = (nested ? branches : perceptron).clone();
    Random random = new Random(seed);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }

    refusedOrUsable(bytes);
  }

  /** What was accepted must hold up: every question about it has an answer or a clear refusal. */
  private static void refusedOrUsable(byte[] bytes) {
    OnnxModel model;
    try {
      model = OnnxModel.read(bytes);
    } catch (ModelFormatException e) {
      uncheckedIsUsableToo(bytes);
      return;
    }
    use(model);
  }

  private static void uncheckedIsUsableToo(byte[] bytes) {
    try {
      ModelProto proto = ModelProto.parseFrom(bytes);
      OnnxModel.of(proto, ExternalFiles.NONE).check();
    } catch (IOException notProtobuf) {
      // Nothing to check.
    }
  }

  private static void use(OnnxModel model) {
    model.check();
    org.junit.jupiter.api.Assertions.assertNotNull(model.toString());
    org.junit.jupiter.api.Assertions.assertNotNull(model.graph().toString());
    model.toBytes();
    try {
      org.junit.jupiter.api.Assertions.assertNotNull(model.summary().toString());
      model.digest();
      model.graph().edit().build();
      model.graph().initializers().forEach(i -> i.elementCount());
    } catch (InfercException clear) {
      // A clear refusal is an answer.
    }
    try {
      model.upgradeOpset(21);
    } catch (InfercException | IllegalArgumentException clear) {
      // So is this one.
    }
  }
}
