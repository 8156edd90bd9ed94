package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Long texts on which careless patterns take the square of their length, or stack for each
 * character: openings that never end, repeated up to a megabyte.
 */
public final class HostileText {
  private static final int SHORTEST = 1 << 10;
  private static final int LONGEST = 1 << 20;

  /** Linear readers take 1 to 50 ms for the longest text; at the square it would be minutes. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final List<String> HEADS = List.of("", "Check '");

  private static final List<String> PIECES =
      List.of(
          "a",
          "/",
          "'",
          "\\a",
          "(",
          " ",
          "\n",
          "a\n",
          " \n",
          ":1",
          "x:1 ",
          "/onnxruntime/core/x",
          " /onnxruntime/core/x.cc:1 a",
          "[ONNXRuntimeError] : 1 ",
          "Check '",
          "Check 'a' failed at x:1: ",
          "Exception from ",
          "[ GENERAL_ERROR ] ",
          "[ONNX Layer: ",
          "[ONNX Layer: a]",
          "opset ",
          "Shape ",
          "lib",
          "lib.so",
          ".so.1",
          "lib: cannot open shared object file ",
          "<!---->",
          "<!--",
          "_token_1",
          "_nchwc",
          "/xFusion/",
          "Fusion/",
          "int8",
          "quantize",
          "reorder",
          "_i8",
          "instead of ");

  private static final List<String> TAILS = List.of("", "]", " failed at x", ")", "x", "/");

  private HostileText() {}

  /**
   * Fails if a reader takes long for such a text, or throws what is no exception of ours.
   *
   * @param reader reads a text to its end; what it makes of it does not matter
   */
  public static void assertReadQuickly(Consumer<String> reader) {
    for (String piece : PIECES) {
      for (String head : HEADS) {
        // From short to long, so that a careless reader fails early in place of running for hours.
        for (int length = SHORTEST; length <= LONGEST; length *= 8) {
          String middle = piece.repeat(length / piece.length());
          String tail = TAILS.get((piece.length() + head.length()) % TAILS.size());
          long start = System.nanoTime();
          reader.accept(head + middle + tail);
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          assertTrue(
              took.compareTo(LIMIT) < 0,
              took + " for " + length + " characters of '" + head + piece + "…" + tail + "'");
        }
      }
    }
  }
}
