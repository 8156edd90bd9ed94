package io.inferc.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes branches that lie in each other, as deep as one likes, without any recursion. */
final class DeepIf {
  private static final int OUTERMOST = 7;

  private DeepIf() {}

  /** A model of nested If nodes, each in a branch of the one around it. */
  static byte[] model(int depth) {
    List<byte[]> before = new ArrayList<>();
    List<byte[]> behind = new ArrayList<>();
    int length = 0;
    byte[] inner = field(1, node("Relu", "x", "y" + depth));
    byte[] output = field(12, value("y" + depth));
    before.add(inner);
    behind.add(output);
    length += inner.length + output.length;
    for (int i = depth - 1; i >= 0; i--) {
      // attribute then_branch { name, type, g }, in a node, in a graph
      byte[] name = bytes(text(1, "then_branch"), number(20, 5));
      byte[] other =
          field(
              5,
              bytes(
                  text(1, "else_branch"),
                  number(20, 5),
                  field(
                      6,
                      bytes(
                          field(1, node("Relu", "x", "z")), text(2, "e"), field(12, value("z"))))));
      byte[] graph = bytes(new byte[] {6 << 3 | 2}, varint(length));
      int attribute = name.length + graph.length + length;
      byte[] start =
          bytes(text(1, "c"), text(2, "y" + i), text(4, "If"), other, tag(5), varint(attribute));
      int node = start.length + attribute;
      before.add(bytes(tag(1), varint(node), start, name, graph));
      byte[] end = bytes(text(2, "g"), field(12, value("y" + i)));
      behind.add(end);
      length = before.get(before.size() - 1).length + length + end.length;
    }
    byte[] inputs = bytes(field(11, flag()), field(11, value("x")));
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.writeBytes(bytes(number(1, 8), field(8, number(2, 17))));
    model.writeBytes(bytes(tag(OUTERMOST), varint(length + inputs.length)));
    for (int i = before.size() - 1; i >= 0; i--) {
      model.writeBytes(before.get(i));
    }
    behind.forEach(model::writeBytes);
    model.writeBytes(inputs);
    return model.toByteArray();
  }

  private static byte[] node(String op, String input, String output) {
    return bytes(text(1, input), text(2, output), text(4, op));
  }

  private static byte[] value(String name) {
    byte[] shape = field(2, field(1, number(1, 2)));
    return bytes(text(1, name), field(2, field(1, bytes(number(1, 1), shape))));
  }

  private static byte[] flag() {
    return bytes(text(1, "c"), field(2, field(1, bytes(number(1, 9), field(2)))));
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] number(int number, int value) {
    return bytes(varint(number << 3), varint(value));
  }

  private static byte[] tag(int number) {
    return varint(number << 3 | 2);
  }

  private static byte[] field(int number, byte... content) {
    return bytes(tag(number), varint(content.length), content);
  }

  private static byte[] varint(int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int left = value;
    while (left > 127) {
      out.write(left & 127 | 128);
      left >>>= 7;
    }
    out.write(left);
    return out.toByteArray();
  }

  private static byte[] bytes(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
