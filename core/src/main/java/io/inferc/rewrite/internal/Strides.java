package io.inferc.rewrite.internal;

/** Walks over tensors in row-major order. */
public final class Strides {
  /** Takes one step of a walk. */
  interface Step {
    /** Takes the positions of an element in the result and in two sources. */
    void at(int result, int first, int second);
  }

  private Strides() {}

  /** The number of elements; at most what an array holds. */
  public static int count(long... dims) {
    long count = 1;
    for (long d : dims) {
      count = Math.multiplyExact(count, d);
      if (count > Integer.MAX_VALUE - 8) {
        throw new CannotFoldException("The result is too large.");
      }
    }
    return (int) count;
  }

  /** How many elements lie between neighbours in each dimension. */
  public static long[] of(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** The strides of a tensor that is repeated to a larger shape: zero where it is repeated. */
  static long[] broadcast(long[] from, long[] to) {
    long[] own = of(from);
    long[] strides = new long[to.length];
    for (int i = 0; i < from.length; i++) {
      int at = to.length - from.length + i;
      strides[at] = from[i] == 1 ? 0 : own[i];
    }
    return strides;
  }

  /** The shape that two shapes are repeated to. */
  static long[] broadcastDims(long[] a, long[] b) {
    long[] dims = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= dims.length; i++) {
      long left = i <= a.length ? a[a.length - i] : 1;
      long right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new CannotFoldException("The shapes do not fit each other.");
      }
      dims[dims.length - i] = left == 1 ? right : left;
    }
    return dims;
  }

  /** Visits all elements of a result, and with each those of two sources. */
  static void walk(
      long[] dims, long[] first, long firstBase, long[] second, long secondBase, Step step) {
    int count = count(dims);
    long[] index = new long[dims.length];
    long a = firstBase;
    long b = secondBase;
    for (int i = 0; i < count; i++) {
      step.at(i, (int) a, (int) b);
      for (int d = dims.length - 1; d >= 0; d--) {
        index[d]++;
        a += first[d];
        b += second[d];
        if (index[d] < dims[d]) {
          break;
        }
        a -= first[d] * dims[d];
        b -= second[d] * dims[d];
        index[d] = 0;
      }
    }
  }
}
