package io.inferc.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * How many of the machine's processors this process may use. Runtimes that make their own threads
 * look at the machine: in a container with a quota, or bound to some processors, they make as many
 * as it has, which then wait for each other.
 *
 * <pre>{@code
 * ProcessorShare.here().threads().ifPresent(options::setIntraOpNumThreads);
 * }</pre>
 *
 * @param available what the Java runtime found: the processors that the process is bound to, or its
 *     quota of time if that is less, or what {@code -XX:ActiveProcessorCount} says
 * @param online the machine's processors; empty where that is not known
 */
public record ProcessorShare(int available, OptionalInt online) {
  private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");

  /**
   * Returns the share of this process as it is now.
   *
   * @return the share
   */
  public static ProcessorShare here() {
    return new ProcessorShare(Runtime.getRuntime().availableProcessors(), machine());
  }

  /**
   * Returns how many threads a runtime should make by default.
   *
   * @return as many as there are processors for this process; empty where it may use all of the
   *     machine's, or these are not known, so that the runtime knows best: it leaves out the second
   *     threads of cores
   */
  public OptionalInt threads() {
    return online.isPresent() && available < online.getAsInt()
        ? OptionalInt.of(available)
        : OptionalInt.empty();
  }

  /** Returns text such as {@code 2 of 16 processors}. */
  @Override
  public String toString() {
    return (threads().isPresent() ? available + " of " + online.getAsInt() : available)
        + (available == 1 && threads().isEmpty() ? " processor" : " processors");
  }

  private static OptionalInt machine() {
    try {
      return Files.isReadable(ONLINE) ? count(Files.readString(ONLINE)) : OptionalInt.empty();
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * Counts a list of processors.
   *
   * @param list text such as {@code 0-3,8}
   */
  static OptionalInt count(String list) {
    int count = 0;
    for (String range : list.strip().split(",", -1)) {
      String[] ends = range.split("-", -1);
      try {
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        if (ends.length > 2 || first < 0 || last < first) {
          return OptionalInt.empty();
        }
        count += last - first + 1;
      } catch (NumberFormatException e) {
        return OptionalInt.empty();
      }
    }
    return OptionalInt.of(count);
  }
}
