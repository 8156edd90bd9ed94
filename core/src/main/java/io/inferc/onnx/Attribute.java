package io.inferc.onnx;

import com.google.protobuf.ByteString;
import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A named value that belongs to a node: numbers, text, tensors or whole graphs.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * Attribute axis = Attribute.of("axis", -1);
 * Attribute strides = Attribute.ofInts("strides", 2, 2);
 * }</pre>
 */
public final class Attribute {
  /** What kind of value an attribute holds, as the specification numbers them. */
  public enum Kind {
    /** The model does not say. */
    UNDEFINED,
    /** One single-precision number. */
    FLOAT,
    /** One 64-bit integer. */
    INT,
    /** One text. */
    STRING,
    /** One dense tensor. */
    TENSOR,
    /** One graph, such as a branch of If. */
    GRAPH,
    /** A list of single-precision numbers. */
    FLOATS,
    /** A list of 64-bit integers. */
    INTS,
    /** A list of texts. */
    STRINGS,
    /** A list of dense tensors. */
    TENSORS,
    /** A list of graphs. */
    GRAPHS,
    /** One sparse tensor. */
    SPARSE_TENSOR,
    /** A list of sparse tensors. */
    SPARSE_TENSORS,
    /** One type. */
    TYPE,
    /** A list of types. */
    TYPES
  }

  private final AttributeProto proto;
  private final ExternalFiles files;

  Attribute(AttributeProto proto, ExternalFiles files) {
    this.proto = proto;
    this.files = files;
  }

  private static AttributeProto.Builder start(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static Attribute finish(AttributeProto.Builder proto) {
    return new Attribute(proto.build(), ExternalFiles.NONE);
  }

  /**
   * Makes an integer attribute.
   *
   * @param name the attribute's name
   * @param value the value
   * @return the attribute
   */
  public static Attribute of(String name, long value) {
    Objects.requireNonNull(name, "name");
    return finish(start(name, AttributeType.INT).setI(value));
  }

  /**
   * Makes a single-precision attribute.
   *
   * @param name the attribute's name
   * @param value the value
   * @return the attribute
   */
  public static Attribute of(String name, float value) {
    Objects.requireNonNull(name, "name");
    return finish(start(name, AttributeType.FLOAT).setF(value));
  }

  /**
   * Makes a text attribute.
   *
   * @param name the attribute's name
   * @param value the value
   * @return the attribute
   */
  public static Attribute of(String name, String value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    return finish(start(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
  }

  /**
   * Makes a tensor attribute.
   *
   * @param name the attribute's name
   * @param value the value
   * @return the attribute
   */
  public static Attribute of(String name, Initializer value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    return new Attribute(
        start(name, AttributeType.TENSOR).setT(value.proto()).build(), value.files());
  }

  /**
   * Makes a graph attribute.
   *
   * @param name the attribute's name
   * @param value the value
   * @return the attribute
   */
  public static Attribute of(String name, Graph value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    FilesUnion union = new FilesUnion();
    TensorProtos.graph(value, union::see);
    AttributeProto.Builder proto =
        start(name, AttributeType.GRAPH).setG(TensorProtos.graph(value, union::rebind));
    return new Attribute(proto.build(), union.files());
  }

  /**
   * Makes an attribute of several integers.
   *
   * @param name the attribute's name
   * @param values the values
   * @return the attribute
   */
  public static Attribute ofInts(String name, long... values) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    AttributeProto.Builder proto = start(name, AttributeType.INTS);
    for (long value : values) {
      proto.addInts(value);
    }
    return finish(proto);
  }

  /**
   * Makes an attribute of several single-precision numbers.
   *
   * @param name the attribute's name
   * @param values the values
   * @return the attribute
   */
  public static Attribute ofFloats(String name, float... values) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    AttributeProto.Builder proto = start(name, AttributeType.FLOATS);
    for (float value : values) {
      proto.addFloats(value);
    }
    return finish(proto);
  }

  /**
   * Makes an attribute of several texts.
   *
   * @param name the attribute's name
   * @param values the values
   * @return the attribute
   */
  public static Attribute ofStrings(String name, List<String> values) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    AttributeProto.Builder proto = start(name, AttributeType.STRINGS);
    values.forEach(v -> proto.addStrings(ByteString.copyFromUtf8(v)));
    return finish(proto);
  }

  /**
   * Returns the name.
   *
   * @return the name
   */
  public String name() {
    return proto.getName();
  }

  /**
   * Returns the kind of value, worked out from what is there if the model does not say (IR version
   * 1 did not).
   *
   * @return the kind
   */
  public Kind kind() {
    if (proto.getType() != AttributeType.UNDEFINED) {
      return Kind.values()[proto.getType().getNumber()];
    }
    if (proto.hasF()) {
      return Kind.FLOAT;
    }
    if (proto.hasI()) {
      return Kind.INT;
    }
    if (proto.hasS()) {
      return Kind.STRING;
    }
    if (proto.hasT()) {
      return Kind.TENSOR;
    }
    if (proto.hasG()) {
      return Kind.GRAPH;
    }
    if (proto.getFloatsCount() > 0) {
      return Kind.FLOATS;
    }
    if (proto.getIntsCount() > 0) {
      return Kind.INTS;
    }
    return proto.getStringsCount() > 0 ? Kind.STRINGS : Kind.UNDEFINED;
  }

  /**
   * Returns the integer.
   *
   * @return the value
   * @throws IllegalStateException if the attribute is of another kind
   */
  public long asInt() {
    require(Kind.INT);
    return proto.getI();
  }

  /**
   * Returns the single-precision number.
   *
   * @return the value
   * @throws IllegalStateException if the attribute is of another kind
   */
  public float asFloat() {
    require(Kind.FLOAT);
    return proto.getF();
  }

  /**
   * Returns the text.
   *
   * @return the value
   * @throws IllegalStateException if the attribute is of another kind
   */
  public String asString() {
    require(Kind.STRING);
    return proto.getS().toStringUtf8();
  }

  /**
   * Returns the integers.
   *
   * @return a fresh array
   * @throws IllegalStateException if the attribute is of another kind
   */
  public long[] asInts() {
    require(Kind.INTS);
    return proto.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Returns the single-precision numbers.
   *
   * @return a fresh array
   * @throws IllegalStateException if the attribute is of another kind
   */
  public float[] asFloats() {
    require(Kind.FLOATS);
    float[] values = new float[proto.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = proto.getFloats(i);
    }
    return values;
  }

  /**
   * Returns the texts.
   *
   * @return the values
   * @throws IllegalStateException if the attribute is of another kind
   */
  public List<String> asStrings() {
    require(Kind.STRINGS);
    return proto.getStringsList().stream().map(ByteString::toStringUtf8).toList();
  }

  /**
   * Returns the tensor.
   *
   * @return the value
   * @throws IllegalStateException if the attribute is of another kind
   */
  public Initializer asTensor() {
    require(Kind.TENSOR);
    return new Initializer(proto.getT(), files);
  }

  /**
   * Returns the graph.
   *
   * @return the value
   * @throws IllegalStateException if the attribute is of another kind
   */
  public Graph asGraph() {
    require(Kind.GRAPH);
    return Graph.of(proto.getG(), files);
  }

  /**
   * Returns the graphs that the attribute holds, whatever its kind.
   *
   * @return one for GRAPH, all for GRAPHS, none otherwise
   */
  public List<Graph> graphs() {
    return switch (kind()) {
      case GRAPH -> List.of(asGraph());
      case GRAPHS -> proto.getGraphsList().stream().map(g -> Graph.of(g, files)).toList();
      default -> List.of();
    };
  }

  private void require(Kind kind) {
    if (kind() != kind) {
      throw new IllegalStateException(
          "Tried to read the attribute '"
              + name()
              + "' as "
              + kind
              + ", but it is "
              + kind()
              + ".");
    }
  }

  AttributeProto proto() {
    return proto;
  }

  ExternalFiles files() {
    return files;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Attribute a && Contents.of(a).sameAs(Contents.of(this));
  }

  @Override
  public int hashCode() {
    return name().hashCode() * 31 + kind().hashCode();
  }

  /** Returns text such as {@code strides=[2, 2]}; large values by kind only. */
  @Override
  public String toString() {
    String value =
        switch (kind()) {
          case INT -> Long.toString(proto.getI());
          case FLOAT -> Float.toString(proto.getF());
          case STRING -> '"' + proto.getS().toStringUtf8() + '"';
          case INTS -> proto.getIntsList().toString();
          case FLOATS -> proto.getFloatsList().toString();
          case STRINGS ->
              proto.getStringsList().stream()
                  .map(ByteString::toStringUtf8)
                  .collect(Collectors.joining(", ", "[", "]"));
          case TENSOR -> asTensor().toString();
          default -> kind().toString();
        };
    return name() + "=" + value;
  }
}
