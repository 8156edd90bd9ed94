package io.inferc.onnx;

import io.inferc.onnx.internal.proto.TensorShapeProto;
import io.inferc.onnx.internal.proto.TypeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The declared name and type of a value: a tensor mostly, but sequences, maps, optionals and sparse
 * tensors are kept as well.
 *
 * <p>Immutable and thread-safe.
 */
public final class ValueInfo {
  private final ValueInfoProto proto;

  ValueInfo(ValueInfoProto proto) {
    this.proto = proto;
  }

  /**
   * Declares a tensor.
   *
   * @param spec name, element type and shape
   * @return the declaration
   */
  public static ValueInfo of(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(spec.type().onnxCode());
    spec.shape()
        .dimensions()
        .ifPresent(
            dimensions -> {
              TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
              dimensions.forEach(d -> shape.addDim(dim(d)));
              tensor.setShape(shape);
            });
    return new ValueInfo(
        ValueInfoProto.newBuilder()
            .setName(spec.name())
            .setType(TypeProto.newBuilder().setTensorType(tensor))
            .build());
  }

  /**
   * Names a value without a type, which only a graph output or an intermediate value may lack.
   *
   * @param name the name
   * @return the declaration
   */
  public static ValueInfo untyped(String name) {
    Objects.requireNonNull(name, "name");
    return new ValueInfo(ValueInfoProto.newBuilder().setName(name).build());
  }

  private static TensorShapeProto.Dimension dim(Dimension d) {
    TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
    d.size().ifPresent(dim::setDimValue);
    d.symbol().ifPresent(dim::setDimParam);
    return dim.build();
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
   * Returns the tensor that is declared.
   *
   * @return its specification, or empty if this is no dense tensor or has no known element type
   */
  public Optional<TensorSpec> tensor() {
    if (!proto.getType().hasTensorType()) {
      return Optional.empty();
    }
    TypeProto.Tensor tensor = proto.getType().getTensorType();
    return DataType.fromOnnxCode(tensor.getElemType())
        .map(type -> new TensorSpec(name(), type, shape(tensor)));
  }

  private static TensorShape shape(TypeProto.Tensor tensor) {
    if (!tensor.hasShape()) {
      return TensorShape.unknownRank();
    }
    List<Dimension> dimensions = new ArrayList<>();
    for (TensorShapeProto.Dimension d : tensor.getShape().getDimList()) {
      if (d.hasDimValue() && d.getDimValue() >= 0) {
        dimensions.add(Dimension.fixed(d.getDimValue()));
      } else if (d.hasDimParam() && !d.getDimParam().isEmpty()) {
        dimensions.add(Dimension.symbolic(d.getDimParam()));
      } else {
        // Exporters write -1 for an open dimension although the specification has no such value.
        dimensions.add(Dimension.unknown());
      }
    }
    return TensorShape.of(dimensions);
  }

  /**
   * Returns the element type of the tensors that this is made of, however deep they lie in
   * sequences and optional values.
   *
   * @return the type, or empty if it is not known, or this holds no dense tensors or a map
   */
  public Optional<DataType> elementType() {
    return tensorType(proto.getType()).flatMap(t -> DataType.fromOnnxCode(t.getElemType()));
  }

  /**
   * Tells in how many sequences and optional values the tensors lie.
   *
   * @return 0 for a tensor, 2 for an optional sequence of tensors
   */
  public int depth() {
    int depth = 0;
    TypeProto type = proto.getType();
    while (type.hasSequenceType() || type.hasOptionalType()) {
      type = inner(type);
      depth++;
    }
    return depth;
  }

  private static Optional<TypeProto.Tensor> tensorType(TypeProto type) {
    TypeProto at = type;
    while (at.hasSequenceType() || at.hasOptionalType()) {
      at = inner(at);
    }
    return at.hasTensorType() ? Optional.of(at.getTensorType()) : Optional.empty();
  }

  private static TypeProto inner(TypeProto type) {
    return type.hasSequenceType()
        ? type.getSequenceType().getElemType()
        : type.getOptionalType().getElemType();
  }

  /**
   * Returns the same declaration under another name.
   *
   * @param name the new name
   * @return a copy
   */
  public ValueInfo withName(String name) {
    Objects.requireNonNull(name, "name");
    return new ValueInfo(proto.toBuilder().setName(name).build());
  }

  /**
   * Says in a word what is declared.
   *
   * @return {@code tensor}, {@code sequence}, {@code map}, {@code optional}, {@code sparse tensor},
   *     {@code opaque} or {@code untyped}
   */
  public String kind() {
    return switch (proto.getType().getValueCase()) {
      case TENSOR_TYPE -> "tensor";
      case SEQUENCE_TYPE -> "sequence";
      case MAP_TYPE -> "map";
      case OPTIONAL_TYPE -> "optional";
      case SPARSE_TENSOR_TYPE -> "sparse tensor";
      case OPAQUE_TYPE -> "opaque";
      case VALUE_NOT_SET -> "untyped";
    };
  }

  ValueInfoProto proto() {
    return proto;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ValueInfo v && v.proto.equals(proto);
  }

  @Override
  public int hashCode() {
    return proto.hashCode();
  }

  /** Returns the tensor's specification, or the name and kind. */
  @Override
  public String toString() {
    return tensor().map(TensorSpec::toString).orElse(name() + ": " + kind());
  }
}
