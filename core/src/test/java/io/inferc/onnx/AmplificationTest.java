package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.ChildJvm;
import io.inferc.testing.SmallModels;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small files take little memory, whatever they say. */
class AmplificationTest {
  private static final int GRAPH = 7;
  private static final int NODE = 1;
  private static final int INITIALIZER = 5;
  private static final int ATTRIBUTE = 5;
  private static final int FUNCTION = 25;

  /** Writes a field of a message that has bytes. */
  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, number << 3 | 2);
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest > 0x7f) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  private static byte[] times(int count, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  private static List<byte[]> floods(int count) {
    byte[] nothing = new byte[0];
    byte[] attribute = field(ATTRIBUTE, nothing);
    return List.of(
        field(GRAPH, times(count, field(NODE, nothing))),
        field(GRAPH, times(count, field(INITIALIZER, nothing))),
        field(GRAPH, times(count / 400, field(NODE, times(400, attribute)))),
        field(GRAPH, field(NODE, times(count, attribute))),
        times(count, field(FUNCTION, nothing)));
  }

  /** Reads floods; ends with an error if the heap does. */
  static final class Reading {
    private Reading() {}

    public static void main(String[] args) {
      for (int count : new int[] {3_000_000, 450_000}) {
        for (byte[] flood : floods(count)) {
          try {
            OnnxModel.read(flood);
          } catch (ModelFormatException e) {
            System.out.println("refused");
          }
        }
      }
      System.out.println("alive");
    }
  }

  @Test
  void emptyMessagesDoNotFillTheHeap() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of("-Xmx512m"), Reading.class);
    assertTrue(result.output().contains("alive"), result.output());
    assertEquals(10, result.output().split("refused", -1).length - 1);
  }

  @Test
  void dimsThatClaimMoreThanThereIsTakeNoMemoryForADigest() {
    OnnxModel model = SmallModels.addConstant(3);
    var proto = model.toProto().toBuilder();
    proto.getGraphBuilder().getInitializerBuilder(0).clearRawData().clearDims();
    proto.getGraphBuilder().getInitializerBuilder(0).addDims(1L << 32);
    OnnxModel claiming = OnnxModel.of(proto.build(), model.files());
    ModelFormatException e = assertThrows(ModelFormatException.class, claiming::digest);
    assertTrue(e.getMessage().contains("4294967296"), e.getMessage());
  }
}
