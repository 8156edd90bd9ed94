package io.inferc.common.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mark of a process in the names of its temporary files: its number, when it started, and where
 * that number means something.
 *
 * <p>A process of the same system and the same container can be looked up; its number may have been
 * given to another, which started at another time. What others left, as before the last start of
 * the machine or on a disk that two machines share, is taken for left when it has not been touched
 * for a week.
 */
public final class ProcessMark {
  private static final Pattern MARK = Pattern.compile("p(\\d{1,18})t(\\d{1,18})m([0-9a-f]{8})[-.]");
  private static final Duration LONGEST_USE = Duration.ofDays(7);
  // The clock that start times are told by can be set anew.
  private static final long CLOCK_MILLIS = 60_000;
  private static final String PLACE = place();
  private static final String OWN = own(ProcessHandle.current());

  private ProcessMark() {}

  /**
   * Returns the mark of this process.
   *
   * @return letters and digits
   */
  public static String own() {
    return OWN;
  }

  private static String own(ProcessHandle process) {
    return "p" + process.pid() + "t" + started(process).orElse(0L) + "m" + PLACE;
  }

  private static Optional<Long> started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli);
  }

  /** Where process numbers are the same ones: this start of the machine, and this container. */
  private static String place() {
    String text;
    try {
      text =
          Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
              + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      // A place of its own, so that only age tells.
      text = UUID.randomUUID().toString();
    }
    return String.format("%08x", text.hashCode());
  }

  /**
   * Tells whether a file was left by a process that is no more.
   *
   * @param rest the file's name from the mark on, with something after it
   * @param file the file
   * @return false if there is no mark, or the process may be alive
   */
  public static boolean isOfDead(String rest, Path file) {
    Objects.requireNonNull(rest, "rest");
    Objects.requireNonNull(file, "file");
    Matcher mark = MARK.matcher(rest);
    if (!mark.lookingAt() || rest.startsWith(OWN)) {
      return false;
    }
    if (!mark.group(3).equals(PLACE)) {
      return isOld(file);
    }
    long start = Long.parseLong(mark.group(2));
    return ProcessHandle.of(Long.parseLong(mark.group(1)))
        .map(p -> started(p).filter(s -> Math.abs(s - start) > CLOCK_MILLIS).isPresent())
        .orElse(true);
  }

  private static boolean isOld(Path file) {
    try {
      Instant touched = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
      return touched.isBefore(Instant.now().minus(LONGEST_USE));
    } catch (IOException e) {
      return false;
    }
  }
}
