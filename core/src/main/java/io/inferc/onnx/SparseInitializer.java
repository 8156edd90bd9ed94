package io.inferc.onnx;

import io.inferc.onnx.internal.proto.SparseTensorProto;
import org.jspecify.annotations.Nullable;

/**
 * A constant of which only the elements that are not zero are stored.
 *
 * <p>Immutable and thread-safe.
 */
public final class SparseInitializer {
  private final SparseTensorProto proto;
  private final ExternalFiles files;

  SparseInitializer(SparseTensorProto proto, ExternalFiles files) {
    this.proto = proto;
    this.files = files;
  }

  /**
   * Returns the name, which is that of its values.
   *
   * @return the tensor's name
   */
  public String name() {
    return proto.getValues().getName();
  }

  /**
   * Returns the elements that are not zero.
   *
   * @return a tensor of rank 1
   */
  public Initializer values() {
    return new Initializer(proto.getValues(), files);
  }

  /**
   * Returns where those elements are: positions in the flattened tensor (rank 1), or coordinates
   * (rank 2).
   *
   * @return a tensor of INT64
   */
  public Initializer indices() {
    return new Initializer(proto.getIndices(), files);
  }

  /**
   * Returns the sizes of the whole tensor.
   *
   * @return outermost first
   */
  public long[] dims() {
    return proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SparseInitializer s
        && s.values().equals(values())
        && s.indices().equals(indices())
        && s.proto.getDimsList().equals(proto.getDimsList());
  }

  @Override
  public int hashCode() {
    return name().hashCode() * 31 + proto.getDimsList().hashCode();
  }

  /** Returns name and sizes. */
  @Override
  public String toString() {
    return name() + ": sparse" + proto.getDimsList();
  }
}
