package io.inferc.shape.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One node with what is known of its inputs; rules write down here what follows for its outputs.
 */
final class NodeProof {
  /** Tensors of higher rank are followed nowhere. */
  static final int MOST_DIMENSIONS = 64;

  private final Node node;
  private final int opset;
  private final List<Facts> inputs;
  private final Facts[] outputs;

  NodeProof(Node node, int opset, List<Facts> inputs) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.outputs = new Facts[node.outputs().size()];
    Arrays.fill(outputs, Facts.NONE);
  }

  Node node() {
    return node;
  }

  String op() {
    return node.opType();
  }

  int opset() {
    return opset;
  }

  Facts output(int index) {
    return outputs[index];
  }

  int inputCount() {
    return inputs.size();
  }

  int outputCount() {
    return outputs.length;
  }

  boolean has(int input) {
    return node.input(input).isPresent();
  }

  Facts facts(int input) {
    return input < inputs.size() ? inputs.get(input) : Facts.NONE;
  }

  /** The sizes of an input; if the rank is not known, the rule ends here. */
  List<Size> shape(int input) {
    return known(facts(input).shape());
  }

  Optional<Value> value(int input) {
    return Optional.ofNullable(facts(input).value());
  }

  /** The elements of an integer input; if they are not followed, the rule ends here. */
  List<Size> wholes(int input) {
    return value(input).orElseThrow(Unproved::new).wholes();
  }

  /** The elements of an integer input that are numbers; if they are not, the rule ends here. */
  long[] numbers(int input) {
    return value(input).orElseThrow(Unproved::new).numbers();
  }

  long number(int input) {
    long[] numbers = numbers(input);
    require(numbers.length == 1);
    return numbers[0];
  }

  /** Ends the rule unless something holds. */
  static void require(boolean condition) {
    if (!condition) {
      throw new Unproved();
    }
  }

  /** Ends the rule unless something is known. */
  static <T> T known(@Nullable T value) {
    if (value == null) {
      throw new Unproved();
    }
    return value;
  }

  /** An axis counted from the front. */
  static int axis(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    require(counted >= 0 && counted < rank);
    return (int) counted;
  }

  private Optional<Attribute> attribute(String name, Attribute.Kind kind) {
    Optional<Attribute> attribute = node.attribute(name);
    require(attribute.isEmpty() || attribute.get().kind() == kind);
    return attribute;
  }

  long integer(String name, long otherwise) {
    return attribute(name, Attribute.Kind.INT).map(Attribute::asInt).orElse(otherwise);
  }

  Optional<long[]> integers(String name) {
    return attribute(name, Attribute.Kind.INTS).map(Attribute::asInts);
  }

  /** A list with one number for each spatial axis. */
  long[] integers(String name, int length, long otherwise) {
    Optional<long[]> given = integers(name);
    if (given.isPresent()) {
      require(given.get().length == length);
      return given.get();
    }
    long[] all = new long[length];
    Arrays.fill(all, otherwise);
    return all;
  }

  String text(String name, String otherwise) {
    return attribute(name, Attribute.Kind.STRING).map(Attribute::asString).orElse(otherwise);
  }

  /**
   * What was an attribute once and is an input in newer opsets.
   *
   * @return the numbers, or null if they are given in neither way
   */
  long @Nullable [] integers(String attribute, int input) {
    Optional<long[]> given = integers(attribute);
    return given.isPresent() ? given.get() : has(input) ? numbers(input) : null;
  }

  void prove(int output, List<Size> shape) {
    prove(output, Facts.of(shape));
  }

  void prove(int output, Value value) {
    require(value.elements().size() <= Value.MOST);
    prove(output, Facts.of(value));
  }

  void prove(int output, Facts facts) {
    List<Size> shape = facts.shape();
    require(shape == null || shape.size() <= MOST_DIMENSIONS);
    if (output < outputs.length) {
      outputs[output] = facts;
    }
  }

  /** The shape of a tensor of which only the rank is known, as the length of a vector. */
  static List<Size> unknown(List<Size> length) {
    require(length.size() == 1 && length.get(0).isNumber());
    long rank = length.get(0).number();
    if (rank > MOST_DIMENSIONS) {
      throw new Unproved.Oversized("the rank " + rank);
    }
    List<Size> shape = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      shape.add(Size.unknown());
    }
    return shape;
  }

  /** How much there is to look at, as a number of simple sizes. */
  long weight() {
    long all = 0;
    for (Facts f : inputs) {
      all += f.weight();
    }
    return all;
  }

  static List<Size> replaced(List<Size> shape, int axis, Size size) {
    List<Size> copy = new ArrayList<>(shape);
    copy.set(axis, size);
    return copy;
  }
}
