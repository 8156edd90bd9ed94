package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.HostileText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HostileHeadTest {
  @Test
  void guessingAFormatTakesNoTimeWhateverTheFileBeginsWith() {
    HostileText.assertReadQuickly(t -> FormatSniffer.guess(bytes(t)));
  }

  @Test
  void anIrIsRecognizedBehindAsManyCommentsAsFit() {
    String comments = "<!---->".repeat(60);

    assertEquals(
        ForeignModel.Format.OPENVINO_IR,
        FormatSniffer.guess(bytes("<?xml version=\"1.0\"?>\n" + comments + "\n<net name=\"a\">"))
            .orElseThrow()
            .format()
            .orElseThrow());
    assertEquals(
        "an XML file",
        FormatSniffer.guess(bytes("<?xml version=\"1.0\"?>" + comments + "<network>"))
            .orElseThrow()
            .what());
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
