package io.inferc.backend.tensorrt;

import java.util.List;
import org.bytedeco.tensorrt.nvinfer.Dims64;

/** Sizes of tensors as TensorRT has them and as we do. */
final class Dimensions {
  private static final int MOST = 8;

  private Dimensions() {}

  static Dims64 of(List<Long> sizes) {
    return of(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  static Dims64 of(long[] sizes) {
    if (sizes.length > MOST) {
      throw new IllegalArgumentException(
          "Tried to use a tensor of "
              + sizes.length
              + " dimensions with TensorRT, which takes up to "
              + MOST
              + ".");
    }
    Dims64 dims = new Dims64();
    dims.nbDims(sizes.length);
    for (int i = 0; i < sizes.length; i++) {
      dims.d(i, sizes[i]);
    }
    return dims;
  }

  /** The sizes; one that is open is -1. A tensor that TensorRT does not know has -1 dimensions. */
  static long[] sizes(Dims64 dims) {
    long[] sizes = new long[Math.max(0, dims.nbDims())];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = dims.d(i);
    }
    return sizes;
  }
}
