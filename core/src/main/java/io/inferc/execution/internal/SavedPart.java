package io.inferc.execution.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One file of a saved model's payload, as it was written.
 *
 * @param name the file's name
 * @param size its bytes
 * @param sha256 the SHA-256 of its bytes, in hexadecimal digits
 */
record SavedPart(String name, long size, String sha256) {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  SavedPart {
    if (name.isEmpty() || name.startsWith(".") || !name.equals(fileName(name))) {
      throw new IllegalArgumentException("'" + name + "' is no name of a part");
    }
    if (size < 0 || !DIGEST.matcher(sha256).matches()) {
      throw new IllegalArgumentException("the size or the checksum of '" + name + "' is none");
    }
  }

  private static String fileName(String name) {
    return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  }

  /**
   * Brings the files of a new payload to the disk and describes them, in the order of their names.
   */
  static List<SavedPart> describe(Path payload) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(payload)) {
      files = entries.sorted().toList();
    }
    List<SavedPart> parts = new ArrayList<>();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new IOException("the back end wrote " + file + ", which is no file");
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      parts.add(new SavedPart(file.getFileName().toString(), Files.size(file), digestOf(file)));
    }
    return List.copyOf(parts);
  }

  /** Says what differs in a payload from what was saved, if anything does. */
  Optional<String> objectionTo(Path payload) throws IOException {
    Path file = payload.resolve(name);
    if (!Files.isRegularFile(file)) {
      return Optional.of(file + " is missing");
    }
    long found = Files.size(file);
    if (found != size) {
      return Optional.of(file + " has " + found + " bytes instead of the " + size + " saved");
    }
    return digestOf(file).equals(sha256)
        ? Optional.empty()
        : Optional.of("the bytes of " + file + " are not those that were saved");
  }

  private static String digestOf(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static String digestOf(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
