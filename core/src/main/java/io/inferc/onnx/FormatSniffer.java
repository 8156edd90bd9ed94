package io.inferc.onnx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Recognises what people pass for an ONNX file by its first bytes. */
final class FormatSniffer {
  private FormatSniffer() {}

  /** What a file looks like, and what to do with it. */
  record Guess(String what, String remedy) {}

  private record Signature(String head, Guess guess) {}

  private static final int HEAD_BYTES = 512;
  private static final String NOT_A_MODEL = "Pass the .onnx file of the model.";
  private static final String CONVERT = "Export the model to ONNX with the tool that made it.";

  private static final List<Signature> SIGNATURES =
      List.of(
          new Signature(
              "version https://git-lfs",
              new Guess(
                  "a Git LFS pointer, which stands for a file that was not downloaded",
                  "Fetch it with 'git lfs pull'.")),
          new Signature(
              "PK\u0003\u0004",
              new Guess(
                  "a ZIP archive (a jar, a Keras or a PyTorch file)",
                  "Take the .onnx file out of it, or export the model to ONNX.")),
          new Signature("\u001f\u008b", new Guess("gzip data", "Decompress it first.")),
          new Signature("\u0089HDF", new Guess("an HDF5 (Keras) file", CONVERT)),
          new Signature("\u0089PNG", new Guess("a PNG image", NOT_A_MODEL)),
          new Signature("\u00ff\u00d8\u00ff", new Guess("a JPEG image", NOT_A_MODEL)),
          new Signature("%PDF", new Guess("a PDF document", NOT_A_MODEL)),
          new Signature("\u007fELF", new Guess("a native library or program", NOT_A_MODEL)),
          new Signature("GGUF", new Guess("a GGUF model", CONVERT)),
          new Signature("\u0080\u0002", new Guess("a Python pickle (PyTorch)", CONVERT)),
          new Signature("ORTM", new Guess("an ORT-format model", CONVERT)),
          new Signature(
              "<!DOCTYPE",
              new Guess(
                  "an HTML page, perhaps the error page of a download", "Download it again.")),
          new Signature(
              "<html",
              new Guess(
                  "an HTML page, perhaps the error page of a download", "Download it again.")),
          new Signature(
              "<?xml",
              new Guess(
                  "an XML file, perhaps OpenVINO IR",
                  "Pass the ONNX model that it was made from.")),
          new Signature("{", new Guess("JSON text", NOT_A_MODEL)));

  static Optional<Guess> guess(ByteBuffer bytes) {
    byte[] head = new byte[Math.min(HEAD_BYTES, bytes.remaining())];
    bytes.duplicate().get(head);
    String text = new String(head, StandardCharsets.ISO_8859_1);
    for (Signature s : SIGNATURES) {
      if (text.startsWith(s.head())) {
        return Optional.of(s.guess());
      }
    }
    // FlatBuffers carry their identifier at byte 4.
    if (text.startsWith("TFL3", 4)) {
      return Optional.of(new Guess("a TensorFlow Lite model", CONVERT));
    }
    return Optional.empty();
  }
}
