package io.inferc.backend.openvino;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The payload of a saved model: a blob for each profile, and {@value #INDEX}, which says what goes
 * in and out, with which properties it was compiled, and the digest of each blob, so that native
 * code never sees a damaged one.
 *
 * @param inputs the model's inputs and their ports
 * @param outputs the model's outputs
 * @param properties OpenVINO's properties
 * @param digests SHA-256 of each blob
 */
record SavedFiles(
    InputPorts inputs,
    List<TensorSpec> outputs,
    SortedMap<String, String> properties,
    List<String> digests) {
  static final String INDEX = "model.properties";
  private static final String FORMAT = "1";

  static Path blob(Path folder, int profile) {
    return folder.resolve("model-" + profile + ".blob");
  }

  void write(Path folder) throws IOException {
    Properties index = new Properties();
    index.setProperty("format", FORMAT);
    index.setProperty("blobs", Integer.toString(digests.size()));
    for (int i = 0; i < digests.size(); i++) {
      index.setProperty("blob." + i, digests.get(i));
    }
    put(index, "input", inputs.inputs());
    for (int i = 0; i < inputs.ports().size(); i++) {
      index.setProperty("input." + i + ".port", Integer.toString(inputs.ports().get(i)));
    }
    put(index, "output", outputs);
    properties.forEach((k, v) -> index.setProperty("property." + k, v));
    StringWriter text = new StringWriter();
    index.store(text, null);
    // Without the date, so that the same model gives the same bytes; "end" shows a cut-off file.
    String lines =
        text.toString()
            .lines()
            .filter(l -> !l.startsWith("#"))
            .sorted()
            .collect(Collectors.joining("\n"));
    Files.writeString(folder.resolve(INDEX), sealed(lines));
  }

  private static void put(Properties index, String kind, List<TensorSpec> specs) {
    index.setProperty(kind + "s", Integer.toString(specs.size()));
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      String key = kind + "." + i + ".";
      index.setProperty(key + "name", spec.name());
      index.setProperty(key + "type", spec.type().toString());
      List<Dimension> dimensions = spec.shape().dimensions().orElse(List.of());
      index.setProperty(
          key + "rank", spec.shape().isRankKnown() ? Integer.toString(dimensions.size()) : "?");
      for (int axis = 0; axis < dimensions.size(); axis++) {
        index.setProperty(key + "dimension." + axis, dimensions.get(axis).toString());
      }
    }
  }

  /**
   * Reads the index.
   *
   * @throws IOException if it is damaged
   */
  static SavedFiles read(Path folder) throws IOException {
    String text = Files.readString(folder.resolve(INDEX));
    int end = text.lastIndexOf("\nzz.end=");
    if (end < 0 || !text.equals(sealed(text.substring(0, end)))) {
      throw new IOException("it is cut off or was changed");
    }
    Properties index = new Properties();
    index.load(new StringReader(text));
    if (!FORMAT.equals(index.getProperty("format"))) {
      throw new IOException("its format is " + index.getProperty("format") + ", not " + FORMAT);
    }
    SortedMap<String, String> properties = new TreeMap<>();
    for (String key : index.stringPropertyNames()) {
      if (key.startsWith("property.")) {
        properties.put(key.substring("property.".length()), index.getProperty(key));
      }
    }
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < number(index, "blobs"); i++) {
      digests.add(required(index, "blob." + i));
    }
    List<TensorSpec> inputs = specs(index, "input");
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      String key = "input." + i + ".port";
      boolean none = required(index, key).equals(Integer.toString(InputPorts.NONE));
      ports.add(none ? InputPorts.NONE : number(index, key));
    }
    return new SavedFiles(
        new InputPorts(inputs, ports), specs(index, "output"), properties, digests);
  }

  /** Whether a model that was loaded takes and returns as many tensors as the index says. */
  boolean fits(CompiledShape shape) {
    return shape.inputs().size() == inputs.portCount() && shape.outputs().size() == outputs.size();
  }

  private static String sealed(String lines) {
    return lines + "\nzz.end=" + lines.hashCode() + "\n";
  }

  private static List<TensorSpec> specs(Properties index, String kind) throws IOException {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < number(index, kind + "s"); i++) {
      String key = kind + "." + i + ".";
      TensorShape shape = TensorShape.unknownRank();
      if (!required(index, key + "rank").equals("?")) {
        List<Dimension> dimensions = new ArrayList<>();
        for (int axis = 0; axis < number(index, key + "rank"); axis++) {
          dimensions.add(dimension(required(index, key + "dimension." + axis)));
        }
        shape = TensorShape.of(dimensions);
      }
      DataType type = DataType.valueOf(required(index, key + "type"));
      specs.add(new TensorSpec(required(index, key + "name"), type, shape));
    }
    return List.copyOf(specs);
  }

  private static Dimension dimension(String text) {
    if (text.equals("?")) {
      return Dimension.unknown();
    }
    return text.matches("\\d+") ? Dimension.fixed(Long.parseLong(text)) : Dimension.symbolic(text);
  }

  private static int number(Properties index, String key) throws IOException {
    String text = required(index, key);
    if (!text.matches("\\d{1,6}")) {
      throw new IOException("its entry '" + key + "' is '" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static String required(Properties index, String key) throws IOException {
    String value = index.getProperty(key);
    if (value == null) {
      throw new IOException("its entry '" + key + "' is missing");
    }
    return value;
  }

  /** The SHA-256 of a file, as hexadecimal digits. */
  static String digest(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether a blob is, byte by byte, what was saved. */
  boolean isWhole(Path folder, int profile) throws IOException {
    return digest(blob(folder, profile)).equals(digests.get(profile));
  }
}
