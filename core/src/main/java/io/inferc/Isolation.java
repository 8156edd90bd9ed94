package io.inferc;

import io.inferc.common.Experimental;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether models are tried in a JVM of their own before they are compiled in this one.
 *
 * <p>Runtimes are native code: a model can end the process with a failed assertion, a division or a
 * stray address, and can compile or run without end, none of which an exception tells of. With
 * {@link #untrusted()} each model is compiled and run once, on zeros, in another JVM, within a time
 * and a memory limit; whatever happens there becomes an exception here.
 *
 * <pre>{@code
 * Compiler compiler = Compiler.forTarget(Target.onnxRuntime())
 *     .isolation(Isolation.untrusted().timeLimit(Duration.ofSeconds(30)).memoryLimit(2L << 30))
 *     .build();
 * }</pre>
 *
 * <p>Without it, what is known to end a runtime and can be read in the file is refused when the
 * model is loaded: constant arguments out of range, such as a block size, the length of a transform
 * or an index, and a division of the smallest integer by -1. What the model computes by itself, or
 * a request brings about, cannot be known before: integers divided in that way, transforms of
 * nothing, indices and paddings far outside (OpenVINO does not look at them), loops without end and
 * sizes beyond memory.
 *
 * <p>It costs the time of a second compile and of a JVM's start. It is no proof: a later run, on
 * other data or in other shapes, may still do what the first did not, such as divide integers by
 * zero. Run requests of people you do not trust in a process that you can lose.
 *
 * <p>It is about {@code compile}. What is asked for apart from that, such as a rewriter, a search
 * or a comparison of layers, runs the model in this process.
 *
 * <p>Immutable and thread-safe.
 */
@Experimental
public final class Isolation {
  private static final Duration TIME = Duration.ofMinutes(5);
  private static final long MEMORY = 8L << 30;
  private static final long LEAST_MEMORY = 256L << 20;

  private final boolean asked;
  private final Duration time;
  private final long memory;

  private Isolation(boolean asked, Duration time, long memory) {
    this.asked = asked;
    this.time = time;
    this.memory = memory;
  }

  /**
   * Compiles models in this process at once, which is the default.
   *
   * @return no isolation
   */
  public static Isolation none() {
    return new Isolation(false, TIME, MEMORY);
  }

  /**
   * Tries each model in another JVM first, for 5 minutes and in 8 GiB at most.
   *
   * @return isolation with these limits
   */
  public static Isolation untrusted() {
    return new Isolation(true, TIME, MEMORY);
  }

  /**
   * Sets how long compiling and running once may take together, with the start of the JVM.
   *
   * @param limit the limit, more than zero
   * @return a copy
   * @throws IllegalArgumentException if it is not more than zero
   */
  public Isolation timeLimit(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    if (limit.isZero() || limit.isNegative()) {
      throw new IllegalArgumentException(
          "Tried to try models within " + limit + "; a limit is more than zero.");
    }
    return new Isolation(asked, limit, memory);
  }

  /**
   * Sets how much memory the other JVM may hold, native memory with it. Native memory is watched on
   * Linux; elsewhere the limit is on the Java heap alone.
   *
   * @param bytes the limit, at least 256 MiB
   * @return a copy
   * @throws IllegalArgumentException if it is less
   */
  public Isolation memoryLimit(long bytes) {
    if (bytes < LEAST_MEMORY) {
      throw new IllegalArgumentException(
          "Tried to try models in "
              + bytes
              + " bytes; a JVM with a runtime takes at least "
              + LEAST_MEMORY
              + ".");
    }
    return new Isolation(asked, time, bytes);
  }

  boolean isAsked() {
    return asked;
  }

  Duration time() {
    return time;
  }

  long memory() {
    return memory;
  }

  /** Returns the limits. */
  @Override
  public String toString() {
    return asked ? "untrusted, " + time + ", " + (memory >> 20) + " MiB" : "none";
  }
}
