package io.inferc.onnx;

import io.inferc.common.internal.ResourceLines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the standard operators take and return, by the opset that last changed it. */
final class OperatorSignatures {
  /** The newest default operator set that the signatures describe. */
  static final int NEWEST_OPSET = 27;

  private static final String RESOURCE = "operator-signatures.txt";

  // Of one model's operators, which are few.
  private final Map<String, Optional<Signature>> read = new HashMap<>();

  /**
   * What an operator takes and returns.
   *
   * @param inputs its inputs
   * @param outputs its outputs
   * @param attributes the kinds of its attributes by name
   * @param required the names of those that must be there
   */
  record Signature(
      Arity inputs, Arity outputs, Map<String, String> attributes, Set<String> required) {}

  /**
   * How many tensors there are.
   *
   * @param least the fewest
   * @param options for each s (must be there), o (optional) or, at the end, v (any number)
   */
  record Arity(int least, String options) {
    private static Arity of(String word) {
      int digits = 0;
      while (digits < word.length() && Character.isDigit(word.charAt(digits))) {
        digits++;
      }
      return new Arity(Integer.parseInt(word.substring(0, digits)), word.substring(digits));
    }

    private boolean isOpen() {
      return options.endsWith("v");
    }

    boolean allows(int count) {
      return count >= least && (isOpen() || count <= options.length());
    }

    boolean mustBeNamed(int index) {
      return index < options.length() && options.charAt(index) == 's';
    }

    @Override
    public String toString() {
      if (isOpen()) {
        return least + " or more";
      }
      return least == options.length() ? "" + least : least + " to " + options.length();
    }
  }

  /** Read once, since every model that is loaded is held to it. */
  private static final class Table {
    private static final Map<String, List<String>> LINES = lines();

    private static Map<String, List<String>> lines() {
      Map<String, List<String>> lines = new HashMap<>();
      for (String line : ResourceLines.of(OperatorSignatures.class, RESOURCE)) {
        int second = line.indexOf(' ', line.indexOf(' ') + 1);
        lines.computeIfAbsent(line.substring(0, second), k -> new ArrayList<>()).add(line);
      }
      return lines;
    }
  }

  /** Finds what an operator is like at an opset; empty if that is not known. */
  Optional<Signature> find(String domain, String opType, int opset) {
    String name = (domain.isEmpty() ? "ai.onnx" : domain) + " " + opType;
    return read.computeIfAbsent(name + " " + opset, k -> read(name, opset));
  }

  private Optional<Signature> read(String name, int opset) {
    Optional<Signature> newest = Optional.empty();
    for (String line : Table.LINES.getOrDefault(name, List.of())) {
      String[] words = line.split(" ", -1);
      if (Integer.parseInt(words[2]) <= opset) {
        newest = words[3].equals("withdrawn") ? Optional.empty() : Optional.of(signature(words));
      }
    }
    return newest;
  }

  private static Signature signature(String... words) {
    Map<String, String> attributes = new HashMap<>();
    Set<String> required = new HashSet<>();
    for (int i = 5; i < words.length; i++) {
      int colon = words[i].indexOf(':');
      String name = words[i].substring(0, colon);
      String kind = words[i].substring(colon + 1);
      if (kind.endsWith("!")) {
        required.add(name);
        kind = kind.substring(0, kind.length() - 1);
      }
      attributes.put(name, kind.equals("TYPE_PROTO") ? "TYPE" : kind);
    }
    return new Signature(Arity.of(words[3]), Arity.of(words[4]), attributes, required);
  }
}
