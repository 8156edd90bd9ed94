package io.inferc.onnx;

import io.inferc.onnx.AttributeRules.Objection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Holds the graphs inside If, Loop, Scan and SequenceMap to what their nodes give and take. */
final class BodyRules {
  private static final int SCAN_WITHOUT_LENGTHS = 9;

  private BodyRules() {}

  /** Says what is wrong with a node whose attributes are of the right kinds. */
  static Optional<Objection> objection(Node node, int opset) {
    int given = node.inputs().size();
    int made = node.outputs().size();
    return switch (node.opType()) {
      case "If" -> body(node, "then_branch", 0, made).or(() -> body(node, "else_branch", 0, made));
      // The body makes the condition too, and each value that is carried on.
      case "Loop" ->
          body(node, "body", given, made + 1)
              .or(() -> least(node, made, given - 2, "values that it is given and carries on"));
      case "SequenceMap" -> body(node, "body", given, made);
      case "Scan" -> {
        int tensors = opset < SCAN_WITHOUT_LENGTHS ? given - 1 : given;
        yield scanned(node, tensors)
            .or(() -> body(node, "body", tensors, made))
            .or(() -> scan(node, tensors, made));
      }
      default -> Optional.empty();
    };
  }

  private static Optional<Objection> body(Node node, String name, int inputs, int outputs) {
    Optional<Graph> body =
        AttributeValues.written(node, name, Attribute.Kind.GRAPH).map(Attribute::asGraph);
    return body.flatMap(b -> count(name, "inputs", b.inputs().size(), inputs))
        .or(() -> body.flatMap(b -> count(name, "outputs", b.outputs().size(), outputs)));
  }

  private static Optional<Objection> count(String name, String what, int found, int wanted) {
    return found == wanted
        ? Optional.empty()
        : Optional.of(
            new Objection(
                name,
                "Its graph has "
                    + found
                    + " "
                    + what
                    + ", and with the inputs and outputs of the node it must have "
                    + wanted
                    + "."));
  }

  private static Optional<Objection> least(Node node, int made, int carried, String what) {
    return made >= carried
        ? Optional.empty()
        : Optional.of(
            new Objection(
                "body",
                "The "
                    + node.opType()
                    + " has "
                    + made
                    + " outputs, fewer than the "
                    + carried
                    + " "
                    + what
                    + "."));
  }

  private static Optional<Objection> scanned(Node node, int tensors) {
    return AttributeValues.integer(node, "num_scan_inputs")
        .filter(n -> n < 1 || n > tensors)
        .map(
            n ->
                new Objection(
                    "num_scan_inputs",
                    "It is " + n + ", and the node has " + tensors + " inputs that can be."));
  }

  private static Optional<Objection> scan(Node node, int tensors, int made) {
    Optional<Long> count = AttributeValues.integer(node, "num_scan_inputs");
    if (count.isEmpty()) {
      return Optional.empty();
    }
    int scanned = count.get().intValue();
    int carried = tensors - scanned;
    return least(node, made, carried, "values that it is given and carries on")
        .or(() -> each(node, List.of("scan_input_axes", "scan_input_directions"), scanned))
        .or(() -> each(node, List.of("scan_output_axes", "scan_output_directions"), made - carried))
        .or(() -> each(node, List.of("directions"), scanned));
  }

  private static Optional<Objection> each(Node node, List<String> names, int wanted) {
    for (String name : names) {
      Optional<long[]> values =
          AttributeValues.written(node, name, Attribute.Kind.INTS).map(Attribute::asInts);
      // None is as if the attribute were not there.
      if (values.isPresent() && values.get().length > 0 && values.get().length != wanted) {
        return Optional.of(
            new Objection(
                name,
                "It has "
                    + values.get().length
                    + " numbers, and must have "
                    + wanted
                    + ", one for each tensor that is scanned."));
      }
      if (name.endsWith("directions")
          && Arrays.stream(values.orElse(new long[0])).anyMatch(v -> v != 0 && v != 1)) {
        return Optional.of(
            new Objection(
                name, "It is " + Arrays.toString(values.orElseThrow()) + ", and takes 0 and 1."));
      }
    }
    return Optional.empty();
  }
}
