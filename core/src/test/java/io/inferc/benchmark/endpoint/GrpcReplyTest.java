package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Answers by gRPC that are right in unusual ways, and those that are wrong. */
class GrpcReplyTest {

  private static Message output(String name, String datatype, List<Long> shape, Object... more) {
    Object[] fields = {"name", name, "datatype", datatype, "shape", shape};
    Object[] all = Arrays.copyOf(fields, fields.length + more.length);
    System.arraycopy(more, 0, all, fields.length, more.length);
    return GrpcSchema.message("InferOutputTensor", all);
  }

  private static Message typed(String field, Object... elements) {
    return GrpcSchema.message("InferTensorContents", field, List.of(elements));
  }

  private static byte[] reply(List<Message> outputs, ByteString... raw) {
    return GrpcSchema.message(
            "ModelInferResponse", "outputs", outputs, "raw_output_contents", List.of(raw))
        .toByteArray();
  }

  private static void assertBroken(String detail, byte[] reply) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> GrpcReply.read(reply));
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains(detail), e.detail());
  }

  private static void assertBroken(String detail, Message output, ByteString... raw) {
    assertBroken(detail, reply(List.of(output), raw));
  }

  @Test
  void outputsKeepTheServersOrder() throws RequestFailure {
    Map<String, Tensor> outputs =
        GrpcReply.read(
            reply(
                List.of(output("z", "INT8", List.of(1L)), output("a", "INT8", List.of(2L))),
                ByteString.copyFrom(new byte[] {5}),
                ByteString.copyFrom(new byte[] {6, 7})));
    assertEquals(List.of("z", "a"), List.copyOf(outputs.keySet()));
    assertEquals(7, outputs.get("a").bytes().get(1));
    outputs.values().forEach(Tensor::close);
  }

  @Test
  void contentsOfNothingBesideRawBytesAreNone() throws RequestFailure {
    Message empty = GrpcSchema.message("InferTensorContents");
    Message output = output("y", "INT8", List.of(1L), "contents", empty);
    try (Tensor y =
        GrpcReply.read(reply(List.of(output), ByteString.copyFrom(new byte[] {5}))).get("y")) {
      assertEquals(5, y.bytes().get(0));
    }
  }

  /** Protobuf lets writers choose the order of fields, and whether numbers are packed. */
  @Test
  void numbersOfTheirOwnFieldsAndFieldsInAnyOrderAreRead() throws Exception {
    byte[] contents =
        written(
            to -> {
              to.writeInt64(3, 7);
              to.writeInt64(3, -1);
            });
    byte[] output =
        written(
            to -> {
              to.writeByteArray(5, contents);
              to.writeInt64(3, 1);
              to.writeInt64(3, 2);
              to.writeString(99, "unknown");
              to.writeString(2, "INT64");
              to.writeString(1, "y");
            });
    try (Tensor y = GrpcReply.read(written(to -> to.writeByteArray(5, output))).get("y")) {
      assertArrayEquals(new long[] {1, 2}, y.shape());
      assertArrayEquals(new long[] {7, -1}, y.toLongArray());
    }
  }

  private static byte[] written(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream to = CodedOutputStream.newInstance(bytes);
    writing.to(to);
    to.flush();
    return bytes.toByteArray();
  }

  private interface Writing {
    void to(CodedOutputStream to) throws IOException;
  }

  @Test
  void anAnswerThatDescribesNoTensorIsBroken() {
    assertBroken("no outputs", new byte[0]);
    assertBroken("no name", output("", "FP32", List.of(0L)));
    assertBroken("datatype", output("y", "FP8", List.of(0L)));
    assertBroken("something else than sizes", output("y", "FP32", List.of(-1L)));
    assertBroken("more than 64 sizes", output("y", "FP32", Collections.nCopies(65, 1L)));
    assertBroken(
        "one name",
        reply(List.of(output("y", "FP32", List.of(0L)), output("y", "FP32", List.of(0L)))));
  }

  @Test
  void rawContentsThatDoNotFitTheirOutputsAreBroken() {
    ByteString four = GrpcTestServer.bytes(4);
    assertBroken("number of bytes", output("y", "FP32", List.of(2L)), four);
    assertBroken("raw contents of 2 outputs", output("y", "FP32", List.of(1L)), four, four);
    assertBroken("more elements", output("y", "FP32", List.of(1L << 40)), four);
    assertBroken("more elements", output("y", "FP32", List.of(1L << 40, 1L << 40)), four);
    assertBroken(
        "twice", output("y", "FP32", List.of(1L), "contents", typed("fp32_contents", 1f)), four);
    assertBroken(
        "neither 0 nor 1", output("y", "BOOL", List.of(1L)), ByteString.copyFrom(new byte[] {2}));
    assertBroken("inside an element", output("y", "BYTES", List.of(1L)), GrpcTestServer.bytes(3));
  }

  @Test
  void typedElementsThatDoNotFitTheirOutputsAreBroken() {
    List<Long> one = List.of(1L);
    assertBroken("another number", output("y", "FP32", one));
    assertBroken(
        "another number", output("y", "FP32", one, "contents", typed("fp32_contents", 1f, 2f)));
    assertBroken("another type", output("y", "FP32", one, "contents", typed("fp64_contents", 1.0)));
    assertBroken("raw contents", output("y", "FP16", one, "contents", typed("fp32_contents", 1f)));
    assertBroken("does not hold", output("y", "INT8", one, "contents", typed("int_contents", 128)));
    assertBroken(
        "does not hold", output("y", "UINT16", one, "contents", typed("uint_contents", -1)));
    assertBroken(
        "UTF-8",
        output(
            "y",
            "BYTES",
            one,
            "contents",
            typed("bytes_contents", ByteString.copyFrom(new byte[] {(byte) 0xff}))));
  }

  /** Whatever bytes come, they are an answer or broken. */
  @Test
  void anAnswerThatIsCutOrAlteredIsReadOrBroken() {
    byte[] whole =
        reply(
            List.of(
                output("y", "FP32", List.of(2L), "contents", typed("fp32_contents", 1f, 2f)),
                output("t", "BYTES", List.of(1L), "contents", typed("bytes_contents", text()))));
    for (int length = 0; length < whole.length; length++) {
      read(Arrays.copyOf(whole, length));
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] altered = whole.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        altered[random.nextInt(altered.length)] = (byte) random.nextInt();
      }
      try {
        read(altered);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", answer " + i, e);
      }
    }
  }

  private static ByteString text() {
    return ByteString.copyFromUtf8("größer");
  }

  private static void read(byte[] reply) {
    try {
      GrpcReply.read(reply).values().forEach(Tensor::close);
    } catch (RequestFailure e) {
      assertEquals(Outcome.BROKEN, e.outcome());
    }
  }
}
