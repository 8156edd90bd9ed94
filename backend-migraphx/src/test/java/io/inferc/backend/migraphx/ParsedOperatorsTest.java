package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The list of operators that C++ code hands out, laid out here by hand. */
class ParsedOperatorsTest {
  private static final int STRING_BYTES = 32;

  // Texts that the vector points to, as long as it is read.
  private final List<Memory> texts = new ArrayList<>();

  private Set<String> read(String... names) {
    Memory vector = new Memory((long) STRING_BYTES * names.length);
    for (int i = 0; i < names.length; i++) {
      byte[] bytes = names[i].getBytes(StandardCharsets.UTF_8);
      Memory text = new Memory(bytes.length + 1L);
      text.write(0, bytes, 0, bytes.length);
      texts.add(text);
      vector.setPointer((long) STRING_BYTES * i, text);
      vector.setLong((long) STRING_BYTES * i + Long.BYTES, bytes.length);
    }
    return ParsedOperators.read(vector, vector.share(vector.size(), 0));
  }

  @Test
  void theFunctionIsNamedByTheVersion() {
    assertEquals(
        Optional.of("_ZN8migraphx14version_2_14_018get_onnx_operatorsB5cxx11Ev"),
        ParsedOperators.symbol("2.14.0+20250101"));
    assertEquals(
        Optional.of("_ZN8migraphx13version_3_1_218get_onnx_operatorsB5cxx11Ev"),
        ParsedOperators.symbol("3.1.2"));
    assertEquals(Optional.empty(), ParsedOperators.symbol("unknown"));
  }

  @Test
  void operatorsAreRead() {
    assertEquals(Set.of("Conv", "Relu", "Abs"), read("Abs", "Conv", "Relu"));
  }

  @Test
  void whatIsNoListOfOperatorsTellsNothing() {
    assertEquals(Set.of(), read("Abs", "Sub"));
    assertEquals(Set.of(), read("Conv", "Relu", "no name"));
    assertEquals(Set.of(), read("Conv", "Relu", "x".repeat(1000)));
    Memory some = new Memory(STRING_BYTES);
    assertEquals(Set.of(), ParsedOperators.read(some, some));
    assertEquals(Set.of(), ParsedOperators.read(some, some.share(STRING_BYTES / 2)));
  }

  /** On the library itself; its version 2.14 has 170 and more. */
  @Test
  void theLibraryTellsItsOperators() {
    Set<String> operators = RealLibrary.orSkip().operators();
    assertTrue(operators.size() > 100, operators::toString);
    assertTrue(operators.containsAll(Set.of("Conv", "If", "Loop", "MatMul", "QuantizeLinear")));
  }
}
