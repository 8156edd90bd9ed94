package io.inferc.onnx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Recognises what people pass for an ONNX file by its first bytes. */
final class FormatSniffer {
  private FormatSniffer() {}

  /** What a file looks like, what to do with it, and the format, if a runtime may read it. */
  record Guess(String what, String remedy, Optional<ForeignModel.Format> format) {
    Guess(String what, String remedy) {
      this(what, remedy, Optional.empty());
    }

    static Guess of(ForeignModel.Format format) {
      return new Guess(format.description(), CONVERT, Optional.of(format));
    }
  }

  private record Signature(int at, String bytes, Guess guess) {}

  static final int HEAD_BYTES = 512;
  private static final String NOT_A_MODEL = "Pass the .onnx file of the model.";
  private static final String CONVERT = "Export the model to ONNX with the tool that made it.";
  private static final String ORIGINAL = "Pass the ONNX model that it was made from.";

  private static final Guess HTML =
      new Guess("an HTML page, perhaps the error page of a download", "Download it again.");
  private static final Guess JSON = new Guess("JSON text", NOT_A_MODEL);
  private static final Guess XML = new Guess("an XML file", NOT_A_MODEL);
  private static final Guess IR =
      new Guess(
          ForeignModel.Format.OPENVINO_IR.description(),
          ORIGINAL,
          Optional.of(ForeignModel.Format.OPENVINO_IR));
  private static final Guess ENGINE = new Guess("a TensorRT engine", ORIGINAL);

  /** Heads of text, compared after leading blanks. */
  private static final List<Signature> TEXTS =
      List.of(
          text(
              "version https://git-lfs",
              new Guess(
                  "a Git LFS pointer, which stands for a file that was not downloaded",
                  "Fetch it with 'git lfs pull'.")),
          text("<!DOCTYPE", HTML),
          text("<!doctype", HTML),
          text("<html", HTML),
          text("<?xml", XML),
          text("{", JSON),
          text("[{", JSON),
          text("[\"", JSON));

  private static final List<Signature> BINARIES =
      List.of(
          text(
              "PK\u0003\u0004",
              new Guess(
                  "a ZIP archive (a jar, a Keras or a PyTorch file)",
                  "Take the .onnx file out of it, or export the model to ONNX.")),
          text("\u001f\u008b", new Guess("gzip data", "Decompress it first.")),
          text("\u0089HDF", new Guess("an HDF5 (Keras) file", CONVERT)),
          text("\u0089PNG", new Guess("a PNG image", NOT_A_MODEL)),
          text("\u00ff\u00d8\u00ff", new Guess("a JPEG image", NOT_A_MODEL)),
          text("%PDF", new Guess("a PDF document", NOT_A_MODEL)),
          text("\u007fELF", new Guess("a native library or program", NOT_A_MODEL)),
          text("GGUF", new Guess("a GGUF model", CONVERT)),
          text("\u0093NUMPY", new Guess("a NumPy array", NOT_A_MODEL)),
          text("ftrt", ENGINE),
          text("ptrt", ENGINE),
          // FlatBuffers carry their identifier at byte 4.
          new Signature(4, "TFL3", Guess.of(ForeignModel.Format.TENSORFLOW_LITE)),
          new Signature(4, "ORTM", new Guess("an ORT-format model", ORIGINAL)),
          // The length of the JSON header comes first, in 8 bytes of which the upper are zero.
          new Signature(4, "\0\0\0\0{\"", new Guess("a safetensors file", CONVERT)));

  private static Signature text(String head, Guess guess) {
    return new Signature(0, head, guess);
  }

  static Optional<Guess> guess(ByteBuffer bytes) {
    byte[] head = new byte[Math.min(HEAD_BYTES, bytes.remaining())];
    bytes.duplicate().get(head);
    String raw = new String(head, StandardCharsets.ISO_8859_1);
    if (isOpenVinoIr(raw)) {
      return Optional.of(IR);
    }
    Optional<Guess> known = match(raw, BINARIES).or(() -> match(raw.stripLeading(), TEXTS));
    if (known.isPresent()) {
      return known;
    }
    if (raw.length() > 1 && raw.charAt(0) == 0x80 && raw.charAt(1) >= 2 && raw.charAt(1) <= 5) {
      return Optional.of(new Guess("a Python pickle (PyTorch)", CONVERT));
    }
    return protobuf(raw);
  }

  /** OpenVINO's IR is XML whose first element is a net, perhaps after comments. */
  private static boolean isOpenVinoIr(String head) {
    String rest = head.stripLeading();
    if (rest.startsWith("<?xml")) {
      rest = after(rest, ">");
    }
    while (rest.startsWith("<!--")) {
      rest = after(rest.substring("<!--".length()), "-->");
    }
    return rest.startsWith("<net")
        && rest.length() > "<net".length()
        && Character.isWhitespace(rest.charAt("<net".length()));
  }

  /** What follows a mark and blanks; nothing without the mark. */
  private static String after(String text, String mark) {
    int at = text.indexOf(mark);
    return at < 0 ? "" : text.substring(at + mark.length()).stripLeading();
  }

  private static Optional<Guess> match(String head, List<Signature> signatures) {
    return signatures.stream()
        .filter(s -> head.startsWith(s.bytes(), s.at()))
        .map(Signature::guess)
        .findFirst();
  }

  /** Other protobuf formats start with a message where an ONNX model has a number or text. */
  private static Optional<Guess> protobuf(String head) {
    if (head.startsWith("\u0008\u0001\u0012") && at(head, afterVarint(head, 3)) == 0x0a) {
      return Optional.of(Guess.of(ForeignModel.Format.TENSORFLOW_SAVED_MODEL));
    }
    if (at(head, 0) != 0x0a) {
      return Optional.empty();
    }
    int inner = afterVarint(head, 1);
    if (at(head, inner) == 0x08 && at(head, inner + 1) == 0 && at(head, inner + 2) == 0x10) {
      return Optional.of(Guess.of(ForeignModel.Format.PADDLE));
    }
    if (at(head, inner) == 0x0a) {
      int name = afterVarint(head, inner + 1);
      // Names of over 127 characters do not start a graph in practice.
      if (at(head, name + at(head, inner + 1)) == 0x12) {
        return Optional.of(Guess.of(ForeignModel.Format.TENSORFLOW_FROZEN));
      }
    }
    return Optional.empty();
  }

  private static int at(String head, int index) {
    return index < head.length() ? head.charAt(index) : -1;
  }

  private static int afterVarint(String head, int index) {
    int end = index;
    while (at(head, end) >= 0x80) {
      end++;
    }
    return end + 1;
  }
}
