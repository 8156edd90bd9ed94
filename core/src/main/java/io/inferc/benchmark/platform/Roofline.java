package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The two roofs of a machine, memory bandwidth and arithmetic, as a short probe measured them: S.
 * Williams, A. Waterman and D. Patterson, "Roofline: An Insightful Visual Performance Model for
 * Multicore Architectures", CACM 52(4), 2009.
 *
 * <p><b>What the probe is worth.</b> Both roofs are lower bounds of what the machine can do. The
 * bandwidth is that of STREAM's triad, a = b + s · c, over arrays in FP32, counted as J. McCalpin's
 * benchmark counts: 12 bytes an element. Processors that read a line before they write it move 16,
 * so a run that only reads may come to 4/3 of this roof. The rate of multiply-adds is that of loops
 * in Java, which the JVM turns into vector instructions, on data in the nearest cache: commonly a
 * third to a half of what a tuned library reaches. Where shares matter, add the {@link
 * MatrixProduct} of the back end, which is also the only roof for INT8.
 *
 * <p>For a processor; the bandwidth of a GPU is not measured.
 *
 * @param bytesPerSecond the bandwidth of memory with all threads
 * @param singleThreadBytesPerSecond the bandwidth with one thread
 * @param singleThread the arithmetic of one thread
 * @param compute the roofs of arithmetic with all threads; the first is the probe's, in FP32
 * @param threads how many "all" are
 * @param arrayBytes of the three arrays together
 * @param beyondCache whether the arrays were at least twice the last-level caches, as far as those
 *     are known; if not, the heap was too small for that, or the caches are larger than a quarter
 *     gigabyte, and the bandwidth is partly a cache's
 */
public record Roofline(
    double bytesPerSecond,
    double singleThreadBytesPerSecond,
    ComputeRoof singleThread,
    List<ComputeRoof> compute,
    int threads,
    long arrayBytes,
    boolean beyondCache) {

  /** Copies the list. */
  public Roofline {
    Objects.requireNonNull(singleThread, "singleThread");
    compute = List.copyOf(compute);
    if (compute.isEmpty() || !(bytesPerSecond > 0) || !(singleThreadBytesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "Tried to make a roofline of "
              + compute.size()
              + " roofs of arithmetic and a bandwidth of "
              + bytesPerSecond
              + " bytes a second; it takes at least one and a positive bandwidth.");
    }
  }

  /**
   * Measures this machine with as many threads as the JVM may use, in about one and a half seconds.
   * Nothing else should run meanwhile. It takes up to a quarter of the heap.
   *
   * @return the roofs
   */
  public static Roofline probe() {
    return probe(Runtime.getRuntime().availableProcessors());
  }

  /**
   * Measures this machine.
   *
   * @param threads that "all" shall be, for example as many as the model in question has, 1 to
   *     4,096
   * @return the roofs
   * @throws IllegalArgumentException if the number of threads is out of its range
   */
  public static Roofline probe(int threads) {
    return new RooflineProbe(SystemFiles.REAL, threads).run();
  }

  /**
   * Adds a roof of arithmetic.
   *
   * @param roof for example that of {@link MatrixProduct#measure}
   * @return a copy
   */
  public Roofline with(ComputeRoof roof) {
    Objects.requireNonNull(roof, "roof");
    List<ComputeRoof> all = new ArrayList<>(compute);
    all.add(roof);
    return new Roofline(
        bytesPerSecond,
        singleThreadBytesPerSecond,
        singleThread,
        all,
        threads,
        arrayBytes,
        beyondCache);
  }

  /**
   * Returns how near a run came to the roofs.
   *
   * @param precision whose roof counts, of which the highest is taken
   * @param multiplyAdds that a run takes by the model's shapes, above 0
   * @param bytes of weights and activations that it moves at least, above 0
   * @param seconds that it took, above 0
   * @return the shares
   * @throws IllegalArgumentException if a number is not positive and finite, or there is no roof of
   *     that precision
   */
  public RooflineShare share(String precision, double multiplyAdds, double bytes, double seconds) {
    Objects.requireNonNull(precision, "precision");
    requirePositive("multiply-adds", multiplyAdds);
    requirePositive("bytes", bytes);
    requirePositive("seconds", seconds);
    ComputeRoof roof =
        compute.stream()
            .filter(r -> r.precision().equals(precision))
            .max(Comparator.comparingDouble(ComputeRoof::multiplyAddsPerSecond))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Tried to compare with the roof of "
                            + precision
                            + ", but there are "
                            + compute
                            + "; add one with MatrixProduct.measure."));
    double ofCompute = multiplyAdds / seconds / roof.multiplyAddsPerSecond();
    double ofBandwidth = bytes / seconds / bytesPerSecond;
    return new RooflineShare(
        ofCompute,
        ofBandwidth,
        ofCompute >= ofBandwidth ? RooflineShare.Binding.COMPUTE : RooflineShare.Binding.BANDWIDTH,
        roof);
  }

  /**
   * Says all of it, a fact a line.
   *
   * @return lines for a report
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "memory bandwidth: %.1f GB/s with %d threads, %.1f GB/s with one (triad over %s%s)",
            bytesPerSecond / 1e9,
            threads,
            singleThreadBytesPerSecond / 1e9,
            Numbers.bytes(arrayBytes),
            beyondCache
                ? ""
                : ", which caches hold in part: up to 512 MiB are taken, and a quarter of the"
                    + " heap"));
    compute.forEach(roof -> lines.add("arithmetic: " + roof));
    lines.add("arithmetic of one thread: " + singleThread);
    return lines;
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "Tried to place a run of "
              + value
              + " "
              + what
              + " below the roofline; it must be positive and finite.");
    }
  }
}
