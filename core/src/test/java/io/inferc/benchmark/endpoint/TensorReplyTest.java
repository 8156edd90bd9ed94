package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorReplyTest {
  private static final long MOST = 1 << 20;

  private static Map<String, Tensor> read(String json) throws RequestFailure {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return TensorReply.read(body, body.length, MOST);
  }

  private static String output(String type, String shape, String data) {
    return "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"%s\",\"shape\":%s,\"data\":%s}]}"
        .formatted(type, shape, data);
  }

  @Test
  void dataMayComeBeforeItsTypeAndBeNested() throws RequestFailure {
    try (Tensor y =
        read("{\"outputs\":[{\"data\":[[1,2.5],[3,4]],\"parameters\":null,\"shape\":[2,2],"
                + "\"datatype\":\"FP32\",\"name\":\"y\"}],\"id\":\"1\"}")
            .get("y")) {
      assertArrayEquals(new float[] {1, 2.5f, 3, 4}, y.toFloatArray());
      assertArrayEquals(new long[] {2, 2}, y.shape());
    }
  }

  @Test
  void dataBeforeTheirTypeAreFoundAgainWhereTheyStand() throws RequestFailure {
    String rest = "\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[2]}";
    String json =
        "\ufeff{\"größe\": 1,\n \"outputs\" : [{\"data\" :\n  [[1],[\"NaN\"]],"
            + rest.formatted("ö", "FP32")
            + ", {\"data\":[\"ä\",\"\"],"
            + rest.formatted("t", "BYTES")
            + "], \"id\": \"1\"} ";
    Map<String, Tensor> outputs = read(json);
    assertArrayEquals(new float[] {1, Float.NaN}, outputs.get("ö").toFloatArray());
    assertEquals(List.of("ä", ""), outputs.get("t").strings());
    outputs.values().forEach(Tensor::close);
  }

  @Test
  void dataBeforeTheirTypeAreNotKept() {
    String data = "[" + "1.5,".repeat(1 << 18) + "1]";
    byte[] body =
        "{\"outputs\":[{\"data\":%s,\"name\":\"y\"}]}"
            .formatted(data)
            .getBytes(StandardCharsets.UTF_8);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The first time, classes are loaded.
    assertThrows(RequestFailure.class, () -> TensorReply.read(body, body.length, MOST));
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThrows(RequestFailure.class, () -> TensorReply.read(body, body.length, MOST));
    long taken = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(taken < body.length, taken + " bytes for " + body.length);
  }

  @Test
  void floatsThatAreNoNumbersAreReadAsPythonWritesThem() throws RequestFailure {
    String words = "[NaN,Infinity,-Infinity,\"NaN\",1e0]";
    for (String type : new String[] {"FP16", "BF16", "FP32", "FP64"}) {
      try (Tensor y = read(output(type, "[5]", words)).get("y")) {
        assertArrayEquals(
            new double[] {Double.NaN, 1 / 0.0, -1 / 0.0, Double.NaN, 1}, y.toDoubleArray(), type);
      }
    }
  }

  @Test
  void aFloatIsTheOneNearestToItsDecimals() throws RequestFailure {
    // By way of a double it would be rounded up to the middle first, and then to even.
    String decimals = "1.00000017881393432617187499";
    try (Tensor y = read(output("FP32", "[1]", "[" + decimals + "]")).get("y")) {
      assertEquals(Float.parseFloat(decimals), y.toFloatArray()[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[300]",
        "[-1]",
        "[1.5]",
        "[1e2]",
        "[\"1\"]",
        "[null]",
        "[{}]",
        "[]",
        "[1,2]",
        "[[1],[2]]",
        "7",
        "{}",
        "[99999999999999999999]",
        "[NaN]"
      })
  void elementsThatTheirTypeDoesNotHoldAreBroken(String data) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> read(output("UINT8", "[1]", data)));
    assertEquals(Outcome.BROKEN, e.outcome());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[1e39]", "[-1e39]", "[INF]", "[-INF]", "[\"x\"]", "[true]", "[1e999999999]"})
  void numbersBeyondAFloatAreBroken(String data) {
    assertThrows(RequestFailure.class, () -> read(output("FP32", "[1]", data)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1000000000000]",
        "[-1]",
        "[4294967296,4294967296]",
        "[1.5]",
        "[\"1\"]",
        "null",
        "3",
        "[0,9223372036854775807,9223372036854775807]"
      })
  void shapesBeyondTheAnswerTakeNoMemory(String shape) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> read(output("FP64", shape, "[1]")));
    assertEquals(Outcome.BROKEN, e.outcome());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "{}",
        "{\"outputs\":[]}",
        "{\"outputs\":[7]}",
        "{\"outputs\":{}}",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1]}]}",
        "{\"outputs\":[{\"name\":\"y\",\"shape\":[1],\"data\":[1]}]}",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP8\",\"shape\":[1],\"data\":[1]}]}",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]} {}",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]},"
            + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}",
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],"
            + "\"parameters\":{\"binary_data_size\":4}}]}"
      })
  void answersThatAreNoneAreBroken(String json) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> read(json));
    assertEquals(Outcome.BROKEN, e.outcome());
  }

  @Test
  void anErrorWithAGoodStatusIsAFailure() {
    RequestFailure e = assertThrows(RequestFailure.class, () -> read("{\"error\":\"no memory\"}"));
    assertEquals(Outcome.FAILED, e.outcome());
    assertTrue(e.detail().contains("no memory"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FP32:[1]:3:abc", "FP32:[2]:4:abcd", "FP32:[1]:4:abcde", "FP32:[1]:99:abcd",
        "BOOL:[1]:1:a", "BYTES:[1]:3:abc", "BYTES:[1]:4:aaaa", "BYTES:[2]:4:\0\0\0\0"
      })
  void binaryTensorsThatDoNotFitTheirShapeAreBroken(String text) {
    String[] parts = text.split(":");
    String json =
        "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"%s\",\"shape\":%s,\"parameters\":{\"binary_data_size\":%s}}]}"
            .formatted((Object[]) parts);
    byte[] body = (json + parts[3]).getBytes(StandardCharsets.UTF_8);
    RequestFailure e =
        assertThrows(RequestFailure.class, () -> TensorReply.read(body, json.length(), MOST));
    assertEquals(Outcome.BROKEN, e.outcome());
  }

  @Test
  void moreTensorsThanAModelHasAreBroken() throws RequestFailure {
    read(outputs(OutputMemory.TENSORS)).values().forEach(Tensor::close);
    RequestFailure e =
        assertThrows(RequestFailure.class, () -> read(outputs(OutputMemory.TENSORS + 1)));
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains("more than 1000 tensors"), e.detail());
  }

  private static String outputs(int count) {
    return IntStream.range(0, count)
        .mapToObj("{\"name\":\"%d\",\"datatype\":\"FP32\",\"shape\":[0],\"data\":[]}"::formatted)
        .collect(Collectors.joining(",", "{\"outputs\":[", "]}"));
  }

  @Test
  void outputsThatTakeMoreMemoryThanIsAllowedAreBroken() throws RequestFailure {
    byte[] body =
        output("FP64", "[100]", "[0" + ",0".repeat(99) + "]").getBytes(StandardCharsets.UTF_8);
    TensorReply.read(body, body.length, 800).values().forEach(Tensor::close);
    RequestFailure e =
        assertThrows(RequestFailure.class, () -> TensorReply.read(body, body.length, 799));
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains("more than the 799 bytes"), e.detail());
  }
}
