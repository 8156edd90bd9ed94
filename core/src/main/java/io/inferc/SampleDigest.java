package io.inferc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;

/** Tells samples from others by what is in the first of them. */
final class SampleDigest {
  // All of them may be gigabytes, and other samples differ in the first ones as a rule.
  private static final int READ = 32;

  private SampleDigest() {}

  /**
   * Reads the first samples.
   *
   * @param samples whose
   * @return the SHA-256 of names, types, shapes and values, as hexadecimal digits
   */
  static String of(Dataset samples) {
    MessageDigest sha = sha256();
    samples
        .limit(READ)
        .forEach(
            (i, sample) -> {
              new TreeMap<>(sample).forEach((name, tensor) -> add(sha, name, tensor));
              return true;
            });
    return HexFormat.of().formatHex(sha.digest());
  }

  private static void add(MessageDigest sha, String name, Tensor tensor) {
    String described = name + " " + tensor.type() + " " + Arrays.toString(tensor.shape()) + "\n";
    sha.update(described.getBytes(UTF_8));
    if (tensor.type() == DataType.STRING) {
      tensor.strings().forEach(text -> sha.update((text.length() + " " + text).getBytes(UTF_8)));
    } else {
      sha.update(tensor.bytes());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
