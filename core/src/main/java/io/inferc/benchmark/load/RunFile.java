package io.inferc.benchmark.load;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads runs. A file is a gzip stream of {@link #MAGIC}, the settings, and a row for
 * each request: a byte that says how far it came, the distance of its intended start from that of
 * the request before, and the times from there on, as integers of seven bits a byte; 6 to 10 bytes
 * a request in all.
 */
final class RunFile {
  private static final String MAGIC = "inferc load run 1";
  private static final int LONGEST_TEXT = 1 << 16;
  private static final int MOST_PARTS = 1 << 24;
  private static final int STREAMED = 0x40;
  private static final int FIRST_STATE = -Columns.UNSENT;

  private RunFile() {}

  static void write(LoadRun run, Path file) {
    try {
      RegularFiles.replace(file, out -> write(run, out));
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.REPORT, e);
      throw new InfercException(
          Stage.REPORT,
          "Tried to save the samples of a load to " + file + ", but writing failed: " + e + ".",
          "Check that the folder exists, its permissions and the free space; nothing was changed.",
          e);
    }
  }

  static LoadRun read(Path file) {
    try (InputStream in = RegularFiles.newInputStream(file)) {
      return read(in);
    } catch (IOException | IllegalArgumentException | DateTimeException | ArithmeticException e) {
      CancelledException.throwIfInterrupted(Stage.REPORT, e);
      throw new InfercException(
          Stage.REPORT,
          "Tried to read the samples of a load from "
              + file
              + ", but "
              + (e instanceof EOFException ? "it ends too early" : e.getMessage())
              + ".",
          "Give a file that LoadRun.write wrote, whole.",
          e);
    }
  }

  private static void write(LoadRun run, OutputStream file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(file)))) {
      text(out, MAGIC);
      text(out, run.subject());
      settings(out, run.settings());
      out.writeLong(run.startedAt().toEpochMilli());
      Observed observed = run.observed();
      number(out, observed.length());
      number(out, observed.ended());
      out.writeDouble(observed.cpuSecondsPerRequest().orElse(Double.NaN));
      out.writeDouble(observed.inSystem().orElse(Double.NaN));
      out.writeDouble(observed.inSystemError());
      number(out, run.failures().size());
      for (Failure failure : run.failures()) {
        text(out, failure.outcome().name());
        text(out, failure.message());
        number(out, failure.count());
      }
      rows(out, run.samples());
    }
  }

  private static LoadRun read(InputStream file) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(file)));
    String magic = text(in);
    if (!magic.equals(MAGIC)) {
      throw new IOException("it is no such file, or one of another version");
    }
    String subject = text(in);
    LoadSettings settings = settings(in);
    Instant startedAt = Instant.ofEpochMilli(in.readLong());
    Observed observed =
        new Observed(number(in), number(in), optional(in), optional(in), in.readDouble());
    List<Failure> failures = new ArrayList<>();
    for (long left = number(in); left > 0; left--) {
      failures.add(new Failure(Answer.Outcome.valueOf(text(in)), text(in), number(in)));
    }
    return new LoadRun(subject, settings, startedAt, observed, rows(in), failures);
  }

  static void settings(DataOutputStream out, LoadSettings settings) throws IOException {
    if (settings.load() instanceof Load.Replay replay) {
      text(out, "");
      out.writeDouble(replay.speed());
      long[] offsets = replay.offsets();
      number(out, offsets.length);
      for (int i = 0; i < offsets.length; i++) {
        number(out, offsets[i] - (i == 0 ? 0 : offsets[i - 1]));
      }
    } else {
      text(out, settings.load().toString());
    }
    number(out, settings.warmUp().toNanos());
    number(out, settings.untilSteady() ? 1 : 0);
    number(out, settings.duration().toNanos());
    number(out, settings.drainLimit().toNanos());
    number(out, settings.workers());
    out.writeLong(settings.seed());
    out.writeDouble(settings.lagShare());
    number(out, settings.latencyLimit().map(Duration::toNanos).orElse(0L));
  }

  static LoadSettings settings(DataInputStream in) throws IOException {
    String text = text(in);
    Load load = text.isEmpty() ? replay(in) : Load.parse(text);
    return new LoadSettings(
        load,
        Duration.ofNanos(number(in)),
        number(in) == 1,
        Duration.ofNanos(number(in)),
        Duration.ofNanos(number(in)),
        Math.toIntExact(number(in)),
        in.readLong(),
        in.readDouble(),
        Optional.of(Duration.ofNanos(number(in))).filter(limit -> !limit.isZero()));
  }

  private static Load replay(DataInputStream in) throws IOException {
    double speed = in.readDouble();
    long[] offsets = new long[16];
    int count = 0;
    long at = 0;
    for (long left = number(in); left > 0; left--) {
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
      }
      at += number(in);
      offsets[count++] = at;
    }
    return Load.replay(Arrays.copyOf(offsets, count), speed);
  }

  private static void rows(DataOutputStream out, LoadSamples samples) throws IOException {
    number(out, samples.kinds().size());
    for (String kind : samples.kinds()) {
      text(out, kind);
    }
    number(out, samples.size());
    long before = 0;
    for (int i = 0; i < samples.size(); i++) {
      StreamTimes stream = samples.stream(i);
      int state = FIRST_STATE + samples.state(i);
      out.writeByte(stream == null ? state : state | STREAMED);
      long intended = samples.intended(i);
      number(out, intended - before);
      before = intended;
      if (samples.isSent(i)) {
        signed(out, samples.ready(i) - intended);
        signed(out, samples.lag(i));
      }
      if (samples.isAnswered(i)) {
        number(out, samples.service(i));
        number(out, samples.kindNumber(i));
      }
      if (stream != null) {
        number(out, stream.tokens());
        number(out, stream.count());
        long last = samples.start(i);
        for (int part = 0; part < stream.count(); part++) {
          signed(out, stream.at(part) - last);
          last = stream.at(part);
        }
      }
    }
  }

  private static LoadSamples rows(DataInputStream in) throws IOException {
    List<String> kinds = new ArrayList<>();
    for (long left = number(in); left > 0; left--) {
      kinds.add(text(in));
    }
    LoadSamples.Builder rows = new LoadSamples.Builder(kinds, 64);
    long intended = 0;
    for (long left = number(in); left > 0; left--) {
      int flags = in.readUnsignedByte();
      int state = (flags & ~STREAMED) - FIRST_STATE;
      if (state >= Columns.OUTCOMES.size()) {
        throw new IOException("it is damaged: a request ended in no known way");
      }
      intended += number(in);
      if (state == Columns.UNSENT) {
        rows.unsent(intended);
        continue;
      }
      long ready = intended + signed(in);
      long start = Math.max(ready, intended) + signed(in);
      if (state == Columns.SENT) {
        rows.unanswered(intended, ready, start);
        continue;
      }
      long end = start + number(in);
      int kind = Math.toIntExact(number(in));
      if (kind >= kinds.size()) {
        throw new IOException("it is damaged: a request is of no known kind");
      }
      StreamTimes stream = (flags & STREAMED) == 0 ? null : stream(in, start);
      rows.answered(intended, ready, start, end, state, kind, stream);
    }
    return rows.build();
  }

  private static StreamTimes stream(DataInputStream in, long start) throws IOException {
    int tokens = Math.toIntExact(number(in));
    long count = number(in);
    if (count > MOST_PARTS) {
      throw new IOException("it is damaged: an answer came in " + count + " parts");
    }
    long[] parts = new long[(int) count];
    long last = start;
    for (int part = 0; part < parts.length; part++) {
      last += signed(in);
      parts[part] = last;
    }
    return StreamTimes.of(parts, tokens);
  }

  private static OptionalDouble optional(DataInputStream in) throws IOException {
    double value = in.readDouble();
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  static void text(DataOutputStream out, @Nullable String text) throws IOException {
    byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    int length = Math.min(LONGEST_TEXT, bytes.length);
    number(out, length);
    out.write(bytes, 0, length);
  }

  static String text(DataInputStream in) throws IOException {
    long length = number(in);
    if (length > LONGEST_TEXT) {
      throw new IOException("it is damaged: a text of " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void signed(DataOutputStream out, long value) throws IOException {
    bits(out, (value << 1) ^ (value >> 63));
  }

  private static long signed(DataInputStream in) throws IOException {
    long bits = bits(in);
    return (bits >>> 1) ^ -(bits & 1);
  }

  static void number(DataOutputStream out, long value) throws IOException {
    if (value < 0) {
      throw new IOException("a time or count of " + value + " cannot be kept");
    }
    bits(out, value);
  }

  static long number(DataInputStream in) throws IOException {
    long value = bits(in);
    if (value < 0) {
      throw new IOException("it is damaged: a negative number");
    }
    return value;
  }

  private static void bits(DataOutputStream out, long value) throws IOException {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.writeByte((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  private static long bits(DataInputStream in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = in.readUnsignedByte();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw new IOException("it is damaged: a number without an end");
  }
}
