package io.inferc.rewrite.internal;

import io.inferc.common.internal.ResourceLines;
import io.inferc.tensor.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Which element types the standard operators take and give at each opset. */
public final class OperatorTypes {
  private static final String RESOURCE = "operator-types.txt";

  /** The types of an operator; a slot is a type variable, or the name of an element type. */
  public record Signature(
      List<String> inputs, List<String> outputs, Map<String, String> variables) {
    public Optional<String> input(int index) {
      return slot(inputs, index);
    }

    public Optional<String> output(int index) {
      return slot(outputs, index);
    }

    private static Optional<String> slot(List<String> slots, int index) {
      if (slots.isEmpty()) {
        return Optional.empty();
      }
      String slot = slots.get(Math.min(index, slots.size() - 1));
      boolean repeats = slot.endsWith("*");
      if (index >= slots.size() && !repeats) {
        return Optional.empty();
      }
      return Optional.of(repeats ? slot.substring(0, slot.length() - 1) : slot);
    }

    boolean isVariable(String slot) {
      return variables.containsKey(slot);
    }

    /** Tells whether a type variable admits a floating-point type. */
    public boolean admits(String variable, DataType type) {
      String letters = variables.getOrDefault(variable, "");
      return switch (type) {
        case FLOAT32 -> letters.indexOf('s') >= 0;
        case FLOAT16 -> letters.indexOf('h') >= 0;
        case BFLOAT16 -> letters.indexOf('b') >= 0;
        default -> false;
      };
    }

    /** The element type of a slot that has one and the same always. */
    Optional<DataType> fixed(String slot) {
      if (isVariable(slot)) {
        return Optional.empty();
      }
      return switch (slot) {
        case "float" -> Optional.of(DataType.FLOAT32);
        case "double" -> Optional.of(DataType.FLOAT64);
        case "int64", "int32", "bool", "string", "uint8", "int8" ->
            Optional.of(DataType.valueOf(slot.toUpperCase(Locale.ROOT)));
        default -> Optional.empty();
      };
    }
  }

  /** Read once, when first asked for; nobody writes to it after that. */
  private static final class Table {
    static final Map<String, NavigableMap<Integer, Signature>> OPERATORS = read();

    private Table() {}

    private static Map<String, NavigableMap<Integer, Signature>> read() {
      Map<String, NavigableMap<Integer, Signature>> operators = new HashMap<>();
      ResourceLines.of(OperatorTypes.class, RESOURCE)
          .forEach(line -> add(operators, line.split(" ", -1)));
      return operators;
    }
  }

  private final Map<String, NavigableMap<Integer, Signature>> operators = Table.OPERATORS;

  private final Map<Integer, Map<String, Optional<Signature>>> found = new HashMap<>();

  private static void add(Map<String, NavigableMap<Integer, Signature>> operators, String[] words) {
    Map<String, String> variables = new HashMap<>();
    for (String variable : list(words[4])) {
      int equals = variable.indexOf('=');
      variables.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    operators
        .computeIfAbsent(words[0], k -> new TreeMap<>())
        .put(Integer.parseInt(words[1]), new Signature(list(words[2]), list(words[3]), variables));
  }

  private static List<String> list(String word) {
    return word.equals(".") ? List.of() : List.of(word.split(",", -1));
  }

  /** Returns the types of an operator of the default domain at an opset. */
  public Optional<Signature> of(String opType, int opset) {
    // Asked of every node of a graph, whose operators are few.
    return found
        .computeIfAbsent(opset, o -> new HashMap<>())
        .computeIfAbsent(
            opType,
            o ->
                Optional.ofNullable(operators.get(o))
                    .map(versions -> versions.floorEntry(opset))
                    .map(Map.Entry::getValue));
  }

  /** Returns the first opset above the given one whose first output, or input, admits a type. */
  public Optional<Integer> firstAdmitting(String opType, boolean output, DataType type, int above) {
    NavigableMap<Integer, Signature> versions = operators.getOrDefault(opType, new TreeMap<>());
    return versions.tailMap(above, false).entrySet().stream()
        .filter(e -> admits(e.getValue(), output, type))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean admits(Signature signature, boolean output, DataType type) {
    Optional<String> slot = output ? signature.output(0) : signature.input(0);
    return slot.filter(s -> signature.admits(s, type)).isPresent();
  }
}
